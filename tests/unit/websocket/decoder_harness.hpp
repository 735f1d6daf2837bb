// Feeds a frame_decoder and writes down what it says, for tests and the fuzz target.
#pragma once

#include "gateway/websocket/frame_decoder.hpp"
#include "runtime/base/random.hpp"

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gossamer::websocket {

/// An event with a payload of its own.
struct seen {
  event_kind kind = event_kind::failed;
  close_code code = close_code::no_status;
  errc error = errc::none;
  std::string payload;
  std::size_t end = 0;  // how many bytes had been fed when the decoder had used them all
  /// Two runs saw the same, perhaps at different moments.
  friend bool operator==(const seen& a, const seen& b) {
    return a.kind == b.kind && a.code == b.code && a.error == b.error && a.payload == b.payload;
  }
};
std::ostream& operator<<(std::ostream& out, const seen& one);

[[nodiscard]] seen message(event_kind kind, std::string payload);
[[nodiscard]] seen closed(close_code code, std::string reason = {});
[[nodiscard]] seen failed(errc error);

inline constexpr std::uint32_t roomy = 1U << 20U;

/// How a decoder is made. A number alone is the limit.
struct decoder_setup {
  std::uint32_t message_max = roomy;
  bool deflate = false;
  decoder_setup(std::uint32_t most = roomy, bool with_deflate = false)  // NOLINT: meant to convert
      : message_max(most), deflate(with_deflate) {}
};
inline const decoder_setup with_deflate{roomy, true};

/// Feeds one piece and adds what comes out to `all`.
void feed(frame_decoder& decoder, std::string piece, std::vector<seen>& all);

/// All at once.
[[nodiscard]] std::vector<seen> decode(std::string_view stream, const decoder_setup& how = {});
/// In pieces of `size` bytes.
[[nodiscard]] std::vector<seen> decode_by(std::size_t size, std::string_view stream,
                                          const decoder_setup& how = {});
/// In pieces of 1 to `size_max` bytes.
[[nodiscard]] std::vector<seen> decode_randomly(random_source& random, std::size_t size_max,
                                                std::string_view stream,
                                                const decoder_setup& how = {});

}  // namespace gossamer::websocket
