// What a server may set of permessage-deflate (RFC 7692).
#pragma once

#include <cstddef>

namespace gossamer::websocket {

/// Both sides always work without context takeover: a frame is deflated once and shared by all
/// recipients, so it cannot depend on what one of them got before, and a connection keeps no
/// window (up to 300 KB each way with one).
struct deflate_options {
  /// Shorter messages are sent as they are.
  std::size_t threshold = 1024;
  int level = 6;         // 1 (fast) to 9 (small)
  int memory_level = 8;  // 1 to 9; the compressor of a thread takes 512 << memory_level bytes ...
  int server_max_window_bits = 15;  // 9 to 15; ... and 4 << server_max_window_bits
  /// 8 to 15: asked of clients that offer it. It saves memory of the client only.
  int client_max_window_bits = 15;
};

/// Are all values in their ranges?
[[nodiscard]] constexpr bool valid(const deflate_options& options) {
  const auto within = [](int value, int low, int high) { return value >= low && value <= high; };
  return within(options.level, 1, 9) && within(options.memory_level, 1, 9) &&
         within(options.server_max_window_bits, 9, 15) &&
         within(options.client_max_window_bits, 8, 15);
}

}  // namespace gossamer::websocket
