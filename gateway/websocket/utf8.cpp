#include "gateway/websocket/utf8.hpp"

#include <cstddef>
#include <cstring>

namespace gossamer::websocket {
namespace {

/// Where the first byte above 0x7f may be: skips ASCII a word at a time.
const char* skip_ascii(const char* at, const char* end) {
  constexpr std::uint64_t high_bits = 0x8080808080808080U;
  std::uint64_t word = 0;
  while (end - at >= static_cast<std::ptrdiff_t>(sizeof(word))) {
    std::memcpy(&word, at, sizeof(word));
    if ((word & high_bits) != 0) break;
    at += sizeof(word);
  }
  while (at != end && static_cast<std::uint8_t>(*at) < 0x80) ++at;
  return at;
}

}  // namespace

bool utf8_checker::begin_code_point(std::uint8_t lead) {
  low_ = 0x80;
  high_ = 0xbf;
  if (lead < 0xc2) return false;  // a continuation byte, or the start of an overlong form
  if (lead < 0xe0) {
    missing_ = 1;
  } else if (lead < 0xf0) {
    missing_ = 2;
    if (lead == 0xe0) low_ = 0xa0;   // below is overlong
    if (lead == 0xed) high_ = 0x9f;  // above are surrogates
  } else if (lead < 0xf5) {
    missing_ = 3;
    if (lead == 0xf0) low_ = 0x90;   // below is overlong
    if (lead == 0xf4) high_ = 0x8f;  // above is over U+10FFFF
  } else {
    return false;
  }
  return true;
}

bool utf8_checker::feed(std::string_view piece) {
  const char* at = piece.data();
  const char* const end = at + piece.size();
  while (true) {
    while (missing_ != 0 && at != end) {
      const auto next = static_cast<std::uint8_t>(*at++);
      if (next < low_ || next > high_) return false;
      low_ = 0x80;
      high_ = 0xbf;
      --missing_;
    }
    if (at != end && static_cast<std::uint8_t>(*at) < 0x80) at = skip_ascii(at, end);
    if (at == end) return true;
    if (!begin_code_point(static_cast<std::uint8_t>(*at++))) return false;
  }
}

}  // namespace gossamer::websocket
