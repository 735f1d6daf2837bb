// Boost.Beast's WebSocket server over memory: a second opinion on a stream of client frames.
#pragma once

#include "tests/unit/websocket/decoder_harness.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gossamer::websocket {

struct delivered_message {
  bool text = false;
  std::string payload;
  friend bool operator==(const delivered_message&, const delivered_message&) = default;
};

enum class ending : std::uint8_t { open, closed, failed };

/// All that can be seen of a server that was fed a stream.
struct outcome {
  std::vector<delivered_message> messages;
  std::vector<std::string> pongs;
  ending end = ending::open;
  close_code sent = close_code::no_status;  // in the close frame to the client
  friend bool operator==(const outcome&, const outcome&) = default;
};
[[nodiscard]] std::string describe(const outcome& one);

/// What Beast makes of the stream, reading at most `read_size` bytes at a time.
[[nodiscard]] outcome beast_outcome(std::string_view stream, const decoder_setup& how,
                                    std::size_t read_size);

/// Like accept_deflate, as Beast does it: the answer to a field Sec-WebSocket-Extensions.
[[nodiscard]] std::string beast_accept_deflate(std::string_view offers);

/// What Beast answers to an upgrade with these fields: the whole response.
[[nodiscard]] std::string beast_accept(std::string_view key, std::string_view version,
                                       std::string_view connection, std::string_view upgrade);

}  // namespace gossamer::websocket
