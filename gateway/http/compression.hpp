// Content codings: what a client accepts, and gzip, deflate and brotli in one go. Pure.
#pragma once

#include "gateway/http/response.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gossamer::http {

enum class coding : std::uint8_t { identity, gzip, deflate, br };
inline constexpr std::size_t coding_count = 4;
/// The name in Content-Encoding; empty for identity.
[[nodiscard]] std::string_view text(coding value);

/// A set of codings that an answer is available in; identity always is.
using codings = std::uint8_t;
[[nodiscard]] constexpr codings set_of(coding value) {
  return static_cast<codings>(1U << static_cast<unsigned>(value));
}

/// The best coding of `available` for an Accept-Encoding field (RFC 9110, 12.5.3): the highest
/// weight wins, then br, gzip, deflate, identity. No field: identity.
[[nodiscard]] coding choose_coding(std::optional<std::string_view> accept, codings available);

/// The whole content in one piece; `level` 1 (fast) to 9 (small). Nothing if the library fails.
/// `deflate` is the zlib format, as RFC 9110 says.
[[nodiscard]] std::optional<std::string> compressed(coding how, std::string_view content,
                                                    int level = 6);

/// How answers that are made one by one are compressed, by gzip or deflate.
struct compression_options {
  std::size_t threshold = 1024;  // shorter bodies are sent as they are
  int level = 6;                 // 1 (fast) to 9 (small)
};

/// The coding for a body that gzip and deflate are to be had for.
[[nodiscard]] coding choose_quick_coding(std::optional<std::string_view> accept);

/// Compresses the body in place and says so in Content-Encoding, if the answer is `compressible`,
/// as long as the threshold, and smaller that way.
void compress(response& answer, coding how, const compression_options& options);

}  // namespace gossamer::http
