#!/usr/bin/env bash
# Installs what is missing, builds and runs the tests. The last line is "N passed, N failed".
#
#   tests/run.sh                  every test (ASan and UBSan build) and each fuzz target for 5 s
#   tests/run.sh --quick          the unit tests only
#   tests/run.sh --fuzz SECONDS   only the fuzz targets, each for that long
#   tests/run.sh --tsan           ThreadSanitizer: the tests of lanes, actors and gateway, against a CAF
#                                 built with it (made once, by tests/tsan/build-caf.sh)
#
# Exit code 0 if nothing failed. Build logs are in build/<preset>/log.txt.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

usage() { sed -n '2,10s/^# \{0,1\}//p' tests/run.sh; }
say() { printf 'run.sh [%4ds] %s\n' "$SECONDS" "$*"; }

mode=all
case ${1:-} in
  "") ;;
  --quick) mode=quick ;;
  --tsan) mode=tsan ;;
  --fuzz) mode=fuzz; export GOSSAMER_FUZZ_SECONDS=${2:?--fuzz needs a number of seconds} ;;
  -h | --help) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac

jobs=$(nproc)
alone='gateway|slow|conformance|browser'
passed=0
failed=0
around_tests=()  # a command that runs ctest
export UBSAN_OPTIONS=print_stacktrace=1

# Node packages by their lock file, again only when it changed.
install_node_packages() {
  local folder stamp
  for folder in deploy/client tests/clients tests/browser; do
    [[ -e $folder/package-lock.json ]] || continue
    stamp=$folder/node_modules/.installed
    if [[ -e $stamp ]] && cmp -s "$folder/package-lock.json" "$stamp"; then continue; fi
    say "npm ci in $folder"
    (cd "$folder" && npm ci --silent --no-audit --no-fund) || return 1
    cp "$folder/package-lock.json" "$stamp"
  done
}

# build PRESET "TARGET..." [cmake options]: quiet, unless it fails.
build() {
  local preset=$1 targets log=build/$1/log.txt
  read -ra targets <<< "$2"
  shift 2
  mkdir -p "build/$preset"
  say "building $preset"
  if ! { cmake --preset "$preset" "$@" && cmake --build "build/$preset" --target "${targets[@]}" -j "$jobs"; } > "$log" 2>&1; then
    grep -nE -A 6 'error|Error|FAILED' "$log" | head -60 || tail -40 "$log"
    say "the build of $preset failed, all of it is in $log"
    echo "$passed passed, $((failed + 1)) failed"
    exit 1
  fi
}

# count FILE ATTRIBUTE: a number from a JUnit report's first line.
count() { sed -n "/^[[:space:]]*$2=/{s/[^0-9]//gp;q}" "$1"; }

# run PRESET ctest-options...: adds to the counts; a run that finds no test has failed.
run() {
  local preset=$1 report total bad
  shift
  report=$PWD/build/$preset/report.xml
  rm -f "$report"
  say "ctest: $preset $*"
  "${around_tests[@]}" ctest --test-dir "build/$preset" --output-on-failure --output-junit "$report" "$@" 2>&1 |
    grep -vE '^(Internal ctest|Test project| +Start )' || true
  total=0 bad=0
  if [[ -e $report ]]; then
    total=$(count "$report" tests)
    bad=$(($(count "$report" failures) + $(count "$report" disabled) + $(count "$report" skipped)))
  fi
  if [[ ${total:-0} -eq 0 ]]; then
    say "no test was run: $preset $*"
    bad=1 total=1
  fi
  failed=$((failed + bad))
  passed=$((passed + total - bad))
}

fuzz() {
  local compiler
  compgen -G 'tests/fuzz/*/CMakeLists.txt' > /dev/null || return 0
  compiler=$(command -v clang++-14 || command -v clang++-19)
  build fuzz fuzz_targets -DCMAKE_CXX_COMPILER="$compiler"
  run fuzz -L fuzz -j "$jobs"
}

tsan() {
  local caf
  caf=$(tests/tsan/build-caf.sh)
  # -U: what CMake found in an older CAF_ROOT.
  build tsan "tests_unit tests_actor tests_gateway" -U 'CAF_*' -DCAF_ROOT="$caf"
  # Debian's library in one of them would bring back the false reports.
  local program
  while read -r program; do
    if ldd "$program" | grep libcaf_core | grep -vqF "$caf"; then
      say "$program is linked against another CAF"
      failed=$((failed + 1))
    fi
  done < <(find build/tsan -type f -name '*_test' -perm -u+x)
  export TSAN_OPTIONS="suppressions=$PWD/tests/tsan/suppressions.txt second_deadlock_stack=1 history_size=5"
  # With many bits of address randomisation (newer kernels) ThreadSanitizer finds its memory taken.
  if setarch "$(uname -m)" -R true 2> /dev/null; then around_tests=(setarch "$(uname -m)" -R); fi
  # The pure folders of the cluster have no threads; their property tests would only be slow here.
  run tsan -L 'unit|actor|gateway' -E '^(membership|directory|cluster)_test$'
}

deploy/install-deps.sh --tests
case $mode in
  quick)
    build asan tests_unit
    run asan -L unit -j "$jobs"
    ;;
  fuzz) fuzz ;;
  tsan) tsan ;;
  all)
    install_node_packages
    build asan all -DGOSSAMER_BENCH=ON  # the benchmarks have to compile; nobody measures with sanitizers
    # What talks over sockets or measures time has the machine for itself.
    run asan -LE "$alone" -j "$jobs"
    run asan -L "$alone"
    fuzz
    ;;
esac
say "done"
echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
