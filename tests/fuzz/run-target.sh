#!/usr/bin/env bash
# run-target.sh TARGET CORPUS: runs a libFuzzer target on its corpus, then for a while on its own ideas.
# New inputs and a crash, if there is one, are kept beside the target; the corpus stays as it is.
set -euo pipefail

target=$1
corpus=$2
seconds=${GOSSAMER_FUZZ_SECONDS:-5}

if [[ -z $(find "$corpus" -type f -print -quit 2> /dev/null) ]]; then
  echo "no corpus in $corpus" >&2
  exit 1
fi
mkdir -p "$target.found"
"$target" "$corpus"/* > "$target.log" 2>&1 || { tail -60 "$target.log"; exit 1; }
"$target" -max_total_time="$seconds" -timeout=20 -artifact_prefix="$target.crash-" -print_final_stats=1 \
  "$target.found" "$corpus" > "$target.log" 2>&1 || { tail -60 "$target.log"; exit 1; }
grep -E 'number_of_executed_units|peak_rss_mb' "$target.log"
