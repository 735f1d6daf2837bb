// Percent escapes (RFC 3986, 2.1) and `application/x-www-form-urlencoded` as WHATWG URL reads it.
#pragma once

#include <string>
#include <string_view>

namespace gossamer {

/// The value of a hexadecimal digit; -1 for every other character.
[[nodiscard]] constexpr int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// `+` is a space, %XX a byte; a broken escape stays as it is. The bytes may be no UTF-8.
[[nodiscard]] std::string form_decoded(std::string_view raw);

}  // namespace gossamer
