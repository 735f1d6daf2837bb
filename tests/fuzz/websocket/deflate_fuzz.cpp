// Fuzzes what a client may send with permessage-deflate: however a stream is cut the events are the
// same, no message is over the limit, and a server on it does what Beast's does (up to the
// differences listed in oracle_compare.hpp). The first byte may choose the negotiation instead.
//
// Input: two bytes of choices, then the client's stream, or a field Sec-WebSocket-Extensions.
#include "gateway/websocket/deflater.hpp"
#include "gateway/websocket/extensions.hpp"
#include "runtime/base/check.hpp"
#include "runtime/base/random.hpp"
#include "tests/unit/websocket/deflate_streams.hpp"
#include "tests/unit/websocket/oracle_compare.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace gossamer::websocket {
namespace {

void negotiate(std::string_view offers, unsigned choice) {
  const deflate_options options{.server_max_window_bits = 9 + static_cast<int>(choice % 7)};
  const auto answer = accept_deflate(offers, options);
  if (!answer || answer->empty()) return;
  // What was accepted is itself an offer that can be taken.
  const auto again = accept_deflate(*answer, options);
  GOSSAMER_CHECK(again && again->starts_with("permessage-deflate; "));
}

void make(std::string_view message) {
  deflater makes({.threshold = 0});
  const auto plain = shared_frame::make(frame_kind::binary, {message});
  const auto form = makes.form_of(plain);
  if (form == plain) return;
  const std::string_view wire = form.wire();
  const std::size_t header = wire.size() < 128 ? 2 : wire.size() < 65540 ? 4 : 10;
  GOSSAMER_CHECK(inflate_in_steps(wire.substr(header), 200) == message);
}

void decode_all_ways(std::string_view stream, std::uint32_t most, unsigned choice) {
  const decoder_setup how{most, true};
  seeded_random random(choice);
  const auto whole = decode(stream, how);
  for (const auto& one : whole) GOSSAMER_CHECK(one.payload.size() <= most || most < 126);
  GOSSAMER_CHECK(decode_by(1, stream, how) == whole);
  GOSSAMER_CHECK(decode_randomly(random, 1 + choice, stream, how) == whole);
  const auto difference = disagreement(stream, how, 1 + choice);
  if (!difference.empty()) std::fprintf(stderr, "%s\n", difference.c_str());
  GOSSAMER_CHECK(difference.empty());
}

}  // namespace
}  // namespace gossamer::websocket

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gossamer::websocket;
  if (size < 2) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 2, size - 2);
  if (data[0] == 0) {
    negotiate(rest, data[1]);
  } else if (data[0] == 1) {
    make(rest);
  } else {
    decode_all_ways(rest, data[0] < 64 ? data[0] : roomy, data[1]);
  }
  return 0;
}
