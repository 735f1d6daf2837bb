#!/usr/bin/env bash
# From a fresh clone to a running chat: installs what is missing, builds the gossamer program, fetches
# the browser client and serves the chat page. Ctrl-C ends it.
#
#   deploy/quickstart.sh [--port N] [--build-only]
#
#   --port N       where to listen, 3000 unless told
#   --build-only   everything but the start
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() { sed -n '2,8s/^# \{0,1\}//p' deploy/quickstart.sh; }
say() { echo "quickstart: $*"; }
die() {
  echo "quickstart: $*" >&2
  exit 1
}

port=3000
start=yes
while [[ $# -gt 0 ]]; do
  case $1 in
    --port) port=${2:-}; [[ $# -eq 1 ]] || shift ;;
    --port=*) port=${1#*=} ;;
    --build-only) start=no ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; die "unknown option $1" ;;
  esac
  shift
done
[[ $port =~ ^[0-9]+$ && $port -ge 1 && $port -le 65535 ]] || die "--port needs a number from 1 to 65535, got '$port'"

build=build/quickstart
client=build/client
web=examples/chat/web
log=$build/log.txt

deploy/install-deps.sh
deploy/client/fetch.sh "$client"

say "building (the first time takes some minutes; progress is in $log)"
mkdir -p "$build"
cmake --preset release -B "$build" -DGOSSAMER_BENCH=OFF -DGOSSAMER_EXAMPLES=OFF > "$log" 2>&1 ||
  { tail -20 "$log" >&2; die "cmake failed"; }
cmake --build "$build" --target help | grep '^gossamer: ' > /dev/null || die "this tree has no target 'gossamer' yet: nothing to start"
cmake --build "$build" --target gossamer >> "$log" 2>&1 ||
  { grep -A 5 -m 5 'error' "$log" >&2 || tail -20 "$log" >&2; die "the build failed"; }

program=$(find "$build" -type f -name gossamer -perm -u+x -print -quit)
[[ -n $program ]] || die "the build made no program named gossamer"
say "built $program"
[[ $start == yes ]] || exit 0
[[ -d $web ]] || die "there is no chat page in $web"

# Says where the chat is once the program (this very process, after exec) takes connections.
announce() {
  local tries
  for ((tries = 0; tries < 200; ++tries)); do
    sleep 0.1
    kill -0 $$ 2> /dev/null || return 0
    if (: > "/dev/tcp/127.0.0.1/$port") 2> /dev/null; then
      say "the chat is at http://localhost:$port (open it in two tabs; Ctrl-C ends the server)"
      return 0
    fi
  done
}
announce &
exec "$program" --port "$port" --client-dir "$client" --web-dir "$web"
