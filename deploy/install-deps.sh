#!/usr/bin/env bash
# Installs what gossamer needs from the distribution: Debian 12, Debian 13 or Ubuntu 24.04.
#
#   deploy/install-deps.sh           what building the library and the program needs
#   deploy/install-deps.sh --tests   also what tests/run.sh needs
#   deploy/install-deps.sh --check   installs nothing; exit code 1 if something is missing
#
# Says what it installs, and does nothing when all is there. Removes no package and starts no
# service. Runs as root or with sudo.
set -euo pipefail

usage() { sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; }
say() { echo "install-deps: $*"; }
die() {
  echo "install-deps: $*" >&2
  exit 1
}

with_tests=no
check_only=no
for argument in "$@"; do
  case $argument in
    --tests) with_tests=yes ;;
    --check) check_only=yes ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; die "unknown option $argument" ;;
  esac
done

[[ -r /etc/os-release ]] || die "cannot tell which system this is (no /etc/os-release)"
# shellcheck source=/dev/null
system=$(. /etc/os-release && echo "${ID:-?} ${VERSION_ID:-?}")
case $system in
  "debian 12") boost=1.81 clang=14 chromium=chromium ;;
  "debian 13") boost=1.83 clang=19 chromium=chromium ;;
  "ubuntu 24.04") boost=1.83 clang=14 chromium= ;;
  *) die "knows Debian 12, Debian 13 and Ubuntu 24.04, this is: $system. docs/dependencies.md lists what is needed." ;;
esac

packages=(
  g++ cmake ninja-build pkg-config ccache mold ca-certificates
  "libboost$boost-dev" "libboost-json$boost-dev" "libboost-url$boost-dev"
  libcaf-dev libcereal-dev libhiredis-dev libssl-dev zlib1g-dev libbrotli-dev
  libfmt-dev libspdlog-dev libcli11-dev libtomlplusplus-dev prometheus-cpp-dev
)
# Debian 12's package of msgpack-cxx wants another Boost (1.74) than the one gossamer needs, and only one of them can
# be installed. It consists of headers that do without Boost: they are taken out of the package.
msgpack_headers=
if [[ $system == "debian 12" ]]; then
  [[ -e /usr/include/msgpack/v3/parse.hpp || -e /usr/local/include/msgpack/v3/parse.hpp ]] || msgpack_headers=libmsgpack-cxx-dev
else
  packages+=(libmsgpack-cxx-dev)
fi
if [[ $with_tests == yes ]]; then
  packages+=(
    libgtest-dev libgmock-dev googletest libbenchmark-dev
    "clang-$clang" "clang-format-$clang" "clang-tidy-$clang" "libclang-rt-$clang-dev"
    shellcheck python3 git dpkg-dev redis-server nginx jq openssl curl
    python3-socketio python3-requests python3-websocket
  )
  if [[ -n $chromium ]]; then
    packages+=("$chromium")
  fi
fi
# A Node that is there already, from wherever it came, is good enough from version 18 on.
if ! command -v npm > /dev/null || [[ $(node -p 'process.versions.node.split(".")[0] >= 18' 2> /dev/null) != true ]]; then
  packages+=(nodejs npm)
fi

# dpkg-query fails when it does not know one of the packages; what it prints is complete all the same.
present=$(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' "${packages[@]}" 2> /dev/null | sed -n 's/^[ih]i //p' || true)
missing=()
for package in "${packages[@]}"; do
  grep -qxF "$package" <<< "$present" || missing+=("$package")
done

if [[ -z $chromium && $with_tests == yes ]] && ! command -v chromium > /dev/null; then
  say "note: this system has Chromium only as a snap; the browser test needs a 'chromium' command"
fi
if [[ ${#missing[@]} -eq 0 && -z $msgpack_headers ]]; then
  say "all there"
  exit 0
fi
if [[ $check_only == yes ]]; then
  say "missing: ${missing[*]} $msgpack_headers"
  exit 1
fi

as_root=()
if [[ $(id -u) -ne 0 ]]; then
  command -v sudo > /dev/null || die "needs root or sudo to install: ${missing[*]} $msgpack_headers"
  as_root=(sudo)
fi
say "$system: installing ${missing[*]} $msgpack_headers"

# redis-server and nginx are installed as programs for the tests, not as services: a policy that
# denies every start is there while apt runs.
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
  trap '"${as_root[@]}" rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" > /dev/null
  "${as_root[@]}" chmod +x "$policy"
fi

log=$(mktemp)
run_apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@" > "$log" 2>&1
}
run_apt update || { tail -20 "$log" >&2; die "apt-get update failed"; }
if [[ ${#missing[@]} -ne 0 ]] && ! run_apt install -y --no-install-recommends --no-remove "${missing[@]}"; then
  tail -20 "$log" >&2
  if grep -q 'no-remove\|remove is disabled' "$log"; then
    die "another Boost is in the way: remove libboost-dev (docs/dependencies.md, Boost) and try again"
  fi
  die "apt-get install failed"
fi
if [[ -n $msgpack_headers ]]; then
  unpacked=$(mktemp -d)
  if ! (cd "$unpacked" && apt-get -qq download "$msgpack_headers" > "$log" 2>&1 && dpkg-deb -x ./*.deb .); then
    tail -20 "$log" >&2
    die "cannot unpack $msgpack_headers"
  fi
  "${as_root[@]}" mkdir -p /usr/local/include
  "${as_root[@]}" cp -R "$unpacked/usr/include/msgpack" "$unpacked/usr/include/msgpack.hpp" /usr/local/include/
  rm -rf "$unpacked"
  say "headers of msgpack-cxx are in /usr/local/include"
fi
rm -f "$log"
say "done"
