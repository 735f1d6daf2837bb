// UTF-8 as browsers and Node read it: what is not valid becomes U+FFFD.
//
// Text of a client goes on to other clients, in WebSocket text frames too, and a browser closes a
// connection that carries invalid UTF-8 (RFC 6455, 8.1). So nothing invalid may come in.
#pragma once

#include <string>
#include <string_view>

namespace gossamer::engineio {

/// How many bytes at the front of `text` are valid UTF-8 (Unicode 15, table 3-7).
[[nodiscard]] std::size_t valid_utf8_prefix(std::string_view text);

[[nodiscard]] inline bool is_valid_utf8(std::string_view text) {
  return valid_utf8_prefix(text) == text.size();
}

/// `text` with each maximal invalid part replaced by U+FFFD (WHATWG Encoding, "UTF-8 decode").
[[nodiscard]] std::string repaired_utf8(std::string_view text);

}  // namespace gossamer::engineio
