#!/usr/bin/env bash
# The conformance program (PROFILE=load) against Node's socket.io with ws, the same load in turn, medians and the ratio.
#
#   compare.sh CONFORMANCE LOAD [SCENARIO...]
#
# CONFORMANCE and LOAD are the programs built by the preset `release`. Scenarios: echo broadcast-8 broadcast-32 churn idle
# (all but idle when none is named). REPETITIONS (3), RUN_SECONDS (3), IDLE_CONNECTIONS (10000), HOLD_SECONDS (40),
# SERVER_CPU (0), LOAD_CPU (1) are read from the environment. The last column is what Node needs over what we need.
set -euo pipefail

bin=$(realpath "${1:?conformance program}")
load=$(realpath "${2:?load program}")
shift 2
here=$(cd "$(dirname "$0")" && pwd)
if (($# == 0)); then set -- echo broadcast-8 broadcast-32 churn; fi
repetitions=${REPETITIONS:-3} run_seconds=${RUN_SECONDS:-3} server_cpu=${SERVER_CPU:-0} load_cpu=${LOAD_CPU:-1}
[[ -d $here/../../clients/node_modules/socket.io ]] || { echo "run: npm ci --prefix tests/clients" >&2; exit 2; }
(($(nproc) > 1)) || { echo "needs two CPUs: one for the server, one for the load" >&2; exit 2; }
ulimit -n "$(ulimit -Hn)"

results=$(mktemp -d)
server_pid=
stop_server() {
  [[ -n $server_pid ]] || return 0
  kill "$server_pid" 2>/dev/null || true
  tail --pid="$server_pid" -f /dev/null
  server_pid=
}
trap 'stop_server; rm -rf "$results"' EXIT

# start_server ours|node: sets server_pid and port once it is ready
start_server() {
  local command=("$bin") line
  [[ $1 == ours ]] || command=(node --expose-gc "$here/peer.mjs")
  port=$("$load" port)
  exec {output}< <(PORT=$port HOST=127.0.0.1 PROFILE=load NODE_ENV=production exec taskset -c "$server_cpu" "${command[@]}")
  server_pid=$!
  while IFS= read -r -t 30 line <&"$output"; do
    [[ $line != READY* ]] || return 0
  done
  echo "$1 did not get ready" >&2
  exit 1
}

arguments() {
  case $1 in
    echo) echo echo --connections 100 --in-flight 10 ;;
    broadcast-*) echo broadcast --connections 1000 --in-flight "${1#broadcast-}" ;;
    churn) echo churn --in-flight 20 ;;
    idle) echo idle --connections "${IDLE_CONNECTIONS:-10000}" --hold "${HOLD_SECONDS:-40}" ;;
    *) echo "unknown scenario $1" >&2; return 1 ;;
  esac
}

# value KEY LINE
value() { tr ' ' '\n' <<<"$2" | sed -n "s/^$1=//p"; }
median() { sort -g "$1" | awk '{ v[NR] = $1 } END { print (NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2) }'; }

state=0
for scenario in "$@"; do
  read -ra args <<<"$(arguments "$scenario")"
  for ((i = 0; i < repetitions; i++)); do
    for side in ours node; do
      start_server "$side"
      line=$(taskset -c "$load_cpu" "$load" "${args[@]}" --port "$port" --pid "$server_pid" --bytes 64 --seconds "$run_seconds") || state=1
      stop_server
      exec {output}<&-
      for key in cpu_us_per_unit per_second rss_per_connection errors; do
        found=$(value "$key" "$line")
        [[ -z $found ]] || echo "$found" >>"$results/$scenario.$side.$key"
      done
    done
  done
done

printf '%-14s %-20s %12s %12s %8s\n' scenario figure gossamer node ratio
for scenario in "$@"; do
  for key in cpu_us_per_unit rss_per_connection per_second errors; do
    [[ -f $results/$scenario.ours.$key ]] || continue
    ours=$(median "$results/$scenario.ours.$key") node=$(median "$results/$scenario.node.$key")
    ratio=$(awk -v a="$ours" -v b="$node" 'BEGIN { if (a > 0) printf "%.2f", b / a; else print "-" }')
    printf '%-14s %-20s %12s %12s %8s\n' "$scenario" "$key" "$ours" "$node" "$ratio"
  done
done
exit "$state"
