// Takes the chunked transfer coding off a body (RFC 9112, 7.1).
//
//     4;ext=1\r\n Wiki\r\n ... 0\r\n [ trailer fields ] \r\n
//
// Pure. Strict: lines end with CR LF, sizes are bare hexadecimal digits, a size line is at most 256
// bytes, extensions and trailers are dropped, trailers are at most 4 KiB.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gossamer::http {

class chunk_decoder {
 public:
  enum class outcome : std::uint8_t { more, complete, bad, too_large };

  /// Appends to `body` what `data` holds of it, and takes the consumed bytes off the front of
  /// `data`; after `complete` the rest is the next request. `body` never exceeds `body_bytes_max`.
  [[nodiscard]] outcome read(std::string_view& data, std::string& body, std::size_t body_bytes_max);

 private:
  enum class state : std::uint8_t {
    size_first,  // first digit of a size
    size,        // further digits
    extension,   // to the end of the size line
    size_lf,     // CR seen
    data,
    data_cr,
    data_lf,
    trailer_first,  // at the start of a trailer line
    trailer,
    trailer_lf,
    end_lf,  // CR of the empty line seen
  };
  [[nodiscard]] outcome step(char c, std::size_t body_bytes_left);
  [[nodiscard]] outcome size_digit(char c, std::size_t body_bytes_left);
  [[nodiscard]] outcome end_of_size_line(char c);
  [[nodiscard]] outcome in_trailer(char c);

  state state_ = state::size_first;
  std::uint16_t line_bytes_ = 0;
  std::uint64_t left_ = 0;  // of the current chunk
};

}  // namespace gossamer::http
