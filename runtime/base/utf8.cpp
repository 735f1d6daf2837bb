#include "runtime/base/utf8.hpp"

#include <cstddef>
#include <cstring>

namespace gossamer {
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

/// What follows a byte above 0x7f that begins a code point: how many bytes, and the range of the
/// first of them.
struct follow {
  std::uint8_t count;  // 0: nothing begins with this byte
  std::uint8_t low;
  std::uint8_t high;
};

follow follow_of(std::uint8_t first) {
  if (first < 0xc2) return {0, 0, 0};  // a continuation byte, or the start of an overlong form
  if (first < 0xe0) return {1, 0x80, 0xbf};
  if (first == 0xe0) return {2, 0xa0, 0xbf};  // below is overlong
  if (first == 0xed) return {2, 0x80, 0x9f};  // above are surrogates
  if (first < 0xf0) return {2, 0x80, 0xbf};
  if (first == 0xf0) return {3, 0x90, 0xbf};  // below is overlong
  if (first < 0xf4) return {3, 0x80, 0xbf};
  if (first == 0xf4) return {3, 0x80, 0x8f};  // above is over U+10FFFF
  return {0, 0, 0};
}

/// Bytes of the maximal invalid part, or of the code point, that `text` begins with.
struct step {
  std::size_t size;
  bool valid;
};

step step_at(std::string_view text) {
  const auto at = [text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  if (at(0) < 0x80) return {1, true};
  const follow expect = follow_of(at(0));
  if (expect.count == 0) return {1, false};
  if (text.size() < 2 || at(1) < expect.low || at(1) > expect.high) return {1, false};
  for (std::size_t i = 2; i <= expect.count; ++i) {
    if (i == text.size() || !continues(at(i))) return {i, false};
  }
  return {expect.count + std::size_t{1}, true};
}

}  // namespace

bool utf8_checker::begin_code_point(std::uint8_t first) {
  const follow expect = follow_of(first);
  missing_ = expect.count;
  low_ = expect.low;
  high_ = expect.high;
  return expect.count != 0;
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

std::string repaired_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const char* const begin = text.data();
    const auto good = static_cast<std::size_t>(skip_whole(begin, begin + text.size()) - begin);
    out += text.substr(0, good);
    text.remove_prefix(good);
    if (text.empty()) break;
    const step next = step_at(text);
    out += next.valid ? text.substr(0, next.size) : "\xef\xbf\xbd";
    text.remove_prefix(next.size);
  }
  return out;
}

}  // namespace gossamer
