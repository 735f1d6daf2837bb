#include "gateway/websocket/utf8.hpp"

#include <cstddef>
#include <cstring>

namespace gossamer::websocket {
namespace {

bool is_ascii(const char* at, std::size_t words) {
  std::uint64_t all = 0;
  for (std::size_t i = 0; i < words; ++i) {
    std::uint64_t word = 0;
    std::memcpy(&word, at + i * sizeof(word), sizeof(word));
    all |= word;
  }
  return (all & 0x8080808080808080U) == 0;
}

/// Passes over ASCII, 32 and then 8 bytes at a time.
const char* skip_ascii(const char* at, const char* end) {
  while (end - at >= 32 && is_ascii(at, 4)) at += 32;
  while (end - at >= 8 && is_ascii(at, 1)) at += 8;
  while (at != end && static_cast<std::uint8_t>(*at) < 0x80) ++at;
  return at;
}

constexpr bool continues(std::uint8_t byte) {
  return (byte & 0xc0U) == 0x80;
}

/// Length of the code point above 0x7f at `at`, of which at least four bytes may be read; 0 if it
/// is not valid.
std::size_t whole_code_point(const char* at) {
  const auto byte = [at](std::size_t i) { return static_cast<std::uint8_t>(at[i]); };
  const std::uint8_t lead = byte(0);
  const unsigned second = byte(1) & 0x3fU;
  if (!continues(byte(1))) return 0;
  if (lead < 0xe0) return lead >= 0xc2 ? 2 : 0;
  if (lead < 0xf0) {
    const unsigned top = (lead & 0x0fU) << 6U | second;  // the code point without its last 6 bits
    const bool valid = top >= 0x20 && (top < 0x360 || top > 0x37f);  // not overlong, no surrogate
    return valid && continues(byte(2)) ? 3 : 0;
  }
  const unsigned top = (lead & 0x0fU) << 6U | second;  // without its last 12 bits
  const bool valid = top >= 0x10 && top <= 0x10f;
  return valid && continues(byte(2)) && continues(byte(3)) ? 4 : 0;
}

/// Passes over valid text that lies whole before `end`; stops where a closer look is needed.
const char* skip_whole(const char* at, const char* end) {
  while (at != end) {
    if (static_cast<std::uint8_t>(*at) < 0x80) {
      at = skip_ascii(at, end);
      continue;
    }
    if (end - at < 4) return at;
    const std::size_t size = whole_code_point(at);
    if (size == 0) return at;
    at += size;
  }
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
    at = skip_whole(at, end);
    if (at == end) return true;
    if (!begin_code_point(static_cast<std::uint8_t>(*at++))) return false;
  }
}

}  // namespace gossamer::websocket
