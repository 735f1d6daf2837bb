// Checks that bytes which come in pieces are UTF-8 (RFC 3629): no overlong forms, no surrogates,
// nothing above U+10FFFF.
#pragma once

#include <cstdint>
#include <string_view>

namespace gossamer::websocket {

/// Holds what a code point cut by the end of a piece still needs.
class utf8_checker {
 public:
  /// False as soon as a byte cannot be part of valid text; the checker is then of no more use.
  [[nodiscard]] bool feed(std::string_view piece);
  /// Does the text so far end with a whole code point?
  [[nodiscard]] bool complete() const { return missing_ == 0; }

 private:
  bool begin_code_point(std::uint8_t lead);

  std::uint8_t missing_ = 0;  // continuation bytes to come
  std::uint8_t low_ = 0x80;   // the next one lies in [low_, high_]
  std::uint8_t high_ = 0xbf;
};

[[nodiscard]] inline bool is_utf8(std::string_view text) {
  utf8_checker checker;
  return checker.feed(text) && checker.complete();
}

}  // namespace gossamer::websocket
