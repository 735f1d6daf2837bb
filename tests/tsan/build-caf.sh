#!/usr/bin/env bash
# Builds CAF with ThreadSanitizer and prints the folder it is installed in, as the only line on stdout.
#
# The distribution's CAF is not instrumented, so ThreadSanitizer cannot see its locks and reports
# races that are none. The source is the release tarball of the distribution's own source package, of
# the version that is installed. The result is kept under ${XDG_CACHE_HOME:-~/.cache}/gossamer and
# made again only if this file, the compiler or CAF's version changes. The machine's own package
# sources and lists stay as they are.
set -euo pipefail

package=$(dpkg-query -W -f '${source:Package}=${source:Version}' libcaf-dev)
compiler=${CXX:-g++}
flags="-fsanitize=thread -fno-omit-frame-pointer -O1 -g1"
key=$({ cat "${BASH_SOURCE[0]}"; echo "$package"; "$compiler" --version; } | sha256sum | cut -c1-12)
cache="${XDG_CACHE_HOME:-$HOME/.cache}/gossamer"
prefix="$cache/caf-tsan-${package##*=}-$key"

if [[ -e $prefix/complete ]]; then
  echo "$prefix"
  exit 0
fi

say() { echo "build-caf: $*" >&2; }
mkdir -p "$cache"
exec 9> "$cache/caf-tsan.lock"
flock 9
work="$cache/caf-tsan.build"  # always the same path: ccache then knows the files of an earlier try
rm -rf "$work"
trap 'rm -rf "$work"' EXIT

# The machine's sources with "deb" turned into "deb-src", in a state folder of our own.
copy_sources() {
  local file
  mkdir -p "$work"/apt/{sources,lists/partial,cache/archives/partial}
  for file in /etc/apt/sources.list.d/*.sources; do
    [[ -e $file ]] && sed 's/^Types:.*/Types: deb-src/' "$file" > "$work/apt/sources/${file##*/}"
  done
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [[ -e $file ]] && sed -n 's/^deb /deb-src /p' "$file" > "$work/apt/sources/${file##*/}.list"
  done
  return 0
}

apt_here() {
  apt-get -qq -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$work/apt/sources" \
    -o Dir::State::lists="$work/apt/lists" -o Dir::Cache="$work/apt/cache" \
    -o APT::Sandbox::User="$(id -un)" "$@" >&2
}

say "fetching the source of $package"
copy_sources
cd "$work"
apt_here update
apt_here source --tar-only "$package"
mkdir source
tar -xf ./*.orig.tar.* -C source --strip-components=1
# The one thing that the distribution's patches do for g++ 11 and later.
sed -i '0,/#include/s//#include <limits>\n#include/' \
  source/libcaf_io/caf/io/network/receive_buffer.hpp

say "building (about five minutes of two cores)"
launcher=()
if command -v ccache > /dev/null; then launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache); fi

build() {
  cmake -S source -B build -G Ninja "${launcher[@]}" -DCMAKE_CXX_COMPILER="$compiler" \
    -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS="$flags" \
    -DCMAKE_INSTALL_PREFIX="$prefix" -DCAF_NO_EXAMPLES=yes -DCAF_NO_UNIT_TESTS=yes \
    -DCAF_NO_TOOLS=yes -DCAF_NO_PYTHON=yes -DCAF_NO_OPENCL=yes &&
    nice -n 10 cmake --build build &&
    cmake --install build
}
if ! build > "$work/log" 2>&1; then
  grep -m 10 'error' "$work/log" >&2 || tail -20 "$work/log" >&2
  say "failed"
  exit 1
fi

touch "$prefix/complete"
say "installed in $prefix"
echo "$prefix"
