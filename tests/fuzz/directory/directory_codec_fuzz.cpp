// The decoder of directory frames: no input crashes it, and what it reads it writes back the same.
#include "runtime/base/check.hpp"
#include "runtime/directory/codec.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace gossamer;
using namespace gossamer::directory;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto first = decode({reinterpret_cast<const char*>(data), size});
  if (!first) return 0;
  const auto second = decode(encode(*first));
  GOSSAMER_CHECK(second.has_value());
  GOSSAMER_CHECK(*second == *first);
  return 0;
}
