// Deflated messages as clients make them, and what clients make of ours: zlib by hand.
#pragma once

#include "runtime/base/random.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace gossamer::websocket {

struct deflate_how {
  int level = 6;  // 0: stored blocks only
  int strategy = 0;
  std::size_t flush_every = 0;  // a block ends after so many bytes; 0: only at the end
  bool last_block = false;      // ends with BFINAL and a zero byte (RFC 7692, 7.2.3.4)
};

/// The payload of a deflated message, without the tail that is not sent.
[[nodiscard]] std::string deflate_message(std::string_view text, const deflate_how& how = {});

/// What a client with small buffers reads from a deflated payload: it gives zlib `step` bytes at a
/// time and takes `step` bytes at a time. "<error>" if it is no deflate data or is cut.
[[nodiscard]] std::string inflate_in_steps(std::string_view payload, std::size_t step);

/// Text of some words in random order.
[[nodiscard]] std::string random_text(random_source& random, std::size_t bytes);
/// Bytes that do not deflate.
[[nodiscard]] std::string random_bytes(random_source& random, std::size_t bytes);

struct deflate_profile {
  std::size_t fault_one_in = 0;  // how often something is wrong; 0: never
  bool last_blocks = false;      // now and then a message ends with BFINAL
};
/// A client's stream with deflated and plain messages, fragments and control frames.
[[nodiscard]] std::string random_deflate_stream(random_source& random,
                                                const deflate_profile& profile);

}  // namespace gossamer::websocket
