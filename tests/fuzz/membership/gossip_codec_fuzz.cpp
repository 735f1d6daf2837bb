// The decoder of gossip packets: no input crashes it, and what it reads it writes back the same.
#include "runtime/base/check.hpp"
#include "runtime/membership/codec.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace gossamer;
using namespace gossamer::membership;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const version_range readable{1, 3, 3};
  const auto first = decode(input, readable, link_payload_max);
  if (!first) return 0;
  std::string again = begin_packet(first->version);
  for (const message& m : first->messages) again += encode(m);
  const auto second = decode(again, readable, link_payload_max);
  GOSSAMER_CHECK(second.has_value());
  GOSSAMER_CHECK(second->messages == first->messages);
  return 0;
}
