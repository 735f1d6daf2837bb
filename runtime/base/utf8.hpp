// UTF-8 (RFC 3629; Unicode 15, table 3-7): no overlong forms, no surrogates, nothing above
// U+10FFFF.
//
// Text of a client goes on to other clients, in WebSocket text frames too, and a browser closes a
// connection that carries invalid UTF-8 (RFC 6455, 8.1). So nothing invalid may come in.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gossamer {

/// Checks bytes that come in pieces: holds what a code point cut by the end of a piece still needs.
class utf8_checker {
 public:
  /// False as soon as a byte cannot be part of valid text; the checker is then of no more use.
  [[nodiscard]] bool feed(std::string_view piece);
  /// Does the text so far end with a whole code point?
  [[nodiscard]] bool complete() const { return missing_ == 0; }

 private:
  bool begin_code_point(std::uint8_t first);

  std::uint8_t missing_ = 0;  // continuation bytes to come
  std::uint8_t low_ = 0x80;   // the next one lies in [low_, high_]
  std::uint8_t high_ = 0xbf;
};

[[nodiscard]] inline bool is_utf8(std::string_view text) {
  utf8_checker checker;
  return checker.feed(text) && checker.complete();
}

/// `text` with each maximal invalid part replaced by U+FFFD, as browsers and Node read it (WHATWG
/// Encoding, "UTF-8 decode").
[[nodiscard]] std::string repaired_utf8(std::string_view text);

}  // namespace gossamer
