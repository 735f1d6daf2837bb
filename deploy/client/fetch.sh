#!/usr/bin/env bash
# Puts the official browser client of Socket.IO, every bundle of it, into a folder:
#
#   deploy/client/fetch.sh [FOLDER]     default: build/client
#
# The bundles come from npm by the lock file beside this script; nothing happens if they are there.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=${1:-$here/../../build/client}
bundles=(socket.io.js socket.io.min.js socket.io.esm.min.js socket.io.msgpack.min.js)

mkdir -p "$folder"
if cmp -s "$here/package-lock.json" "$folder/.lock"; then
  exit 0
fi

# Installed in a folder of its own, so that nothing is written beside the sources.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here/package.json" "$here/package-lock.json" "$here/.npmrc" "$work"
if ! (cd "$work" && npm ci --ignore-scripts --no-audit --no-fund > log 2>&1); then
  tail -20 "$work/log" >&2
  echo "fetch.sh: npm could not install the browser client" >&2
  exit 1
fi

dist=$work/node_modules/socket.io-client/dist
for bundle in "${bundles[@]}"; do
  cp "$dist/$bundle" "$dist/$bundle.map" "$folder"
done
cp "$work/node_modules/socket.io-client/LICENSE" "$folder/LICENSE"
cp "$here/package-lock.json" "$folder/.lock"
echo "fetch.sh: $(sed -n 's/.*v\([0-9.]*\)$/\1/p' "$folder/socket.io.js" | head -1) of the browser client is in $folder"
