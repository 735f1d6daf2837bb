#!/usr/bin/env bash
# What an idle session costs, over plain WebSocket, by long polling and over TLS: resident and live heap bytes.
#
#   memory.sh CONFORMANCE SESSIONS
#
# Both programs are built by the preset `release`. CONNECTIONS (10000) and HOLD_SECONDS (40: a ping round is 25 s) are
# read from the environment.
set -euo pipefail

bin=$(realpath "${1:?conformance program}")
sessions=$(realpath "${2:?sessions program}")
folder=$(mktemp -d)
server_pid=
stop_server() {
  [[ -n $server_pid ]] || return 0
  kill "$server_pid" 2>/dev/null || true
  wait "$server_pid" 2>/dev/null || true
  server_pid=
}
trap 'stop_server; rm -rf "$folder"' EXIT
ulimit -n "$(ulimit -Hn)"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
  -keyout "$folder/tls.pem" -out "$folder/tls.crt" 2>/dev/null
cat "$folder/tls.crt" >>"$folder/tls.pem"

port=$((20000 + RANDOM % 10000))
state=0
for kind in websocket polling tls; do
  port=$((port + 1))
  certificate=
  [[ $kind != tls ]] || certificate=$folder/tls.pem
  output=$folder/$kind.out
  : >"$output"
  PORT=$port PROFILE=load LANES=1 TLS_CERT=$certificate "$bin" >"$output" &
  server_pid=$!
  for ((i = 0; i < 100; i++)); do
    ! grep -q READY "$output" || break
    sleep 0.1
  done
  printf '%-10s ' "$kind"
  SERVER_OUTPUT=$output "$sessions" "$kind" --port "$port" --pid "$server_pid" \
    --connections "${CONNECTIONS:-10000}" --hold "${HOLD_SECONDS:-40}" || state=1
  stop_server
done
exit "$state"
