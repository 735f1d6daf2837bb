// Base64 (RFC 4648, 4) for binary messages in polling payloads.
#pragma once

#include "runtime/base/bytes.hpp"
#include "runtime/base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace gossamer::engineio {

[[nodiscard]] constexpr std::size_t base64_size(std::size_t raw_size) {
  return (raw_size + 2) / 3 * 4;
}

/// Appends `raw` with padding.
void append_base64(std::string& out, std::string_view raw);

/// Takes both alphabets, with or without padding, as clients in use send them.
/// Errors: `errc::bad_base64` for any other character or an impossible length.
[[nodiscard]] result<bytes> decode_base64(std::string_view text);

}  // namespace gossamer::engineio
