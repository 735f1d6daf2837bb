// Fuzzes the frame decoder: however a stream is cut, the events are the same, and a server on it
// does what Beast's does (up to the differences listed in oracle_compare.hpp).
//
// Input: two bytes of choices, then the client's stream.
#include "runtime/base/check.hpp"
#include "runtime/base/random.hpp"
#include "tests/unit/websocket/oracle_compare.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gossamer::websocket;
  if (size < 2) return 0;
  const std::string_view stream(reinterpret_cast<const char*>(data) + 2, size - 2);
  // Not 0, which Beast takes for no limit.
  const std::uint32_t message_max = data[0] < 64 ? 1U + data[0] : roomy;
  gossamer::seeded_random random(data[1]);

  const auto whole = decode(stream, message_max);
  GOSSAMER_CHECK(decode_by(1, stream, message_max) == whole);
  GOSSAMER_CHECK(decode_randomly(random, 1 + data[1], stream, message_max) == whole);
  const auto difference = disagreement(stream, message_max, 1 + data[1]);
  if (!difference.empty()) std::fprintf(stderr, "%s\n", difference.c_str());
  GOSSAMER_CHECK(difference.empty());
  return 0;
}
