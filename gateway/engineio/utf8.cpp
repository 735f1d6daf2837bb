#include "gateway/engineio/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace gossamer::engineio {
namespace {

// What follows a lead byte: how many bytes, and the range of the first of them.
struct lead {
  unsigned follow;
  unsigned char low;
  unsigned char high;
};

lead lead_of(unsigned char first) {
  if (first < 0x80) return {0, 0, 0};
  if (first >= 0xc2 && first <= 0xdf) return {1, 0x80, 0xbf};
  if (first == 0xe0) return {2, 0xa0, 0xbf};
  if (first == 0xed) return {2, 0x80, 0x9f};  // no surrogates
  if (first >= 0xe1 && first <= 0xef) return {2, 0x80, 0xbf};
  if (first == 0xf0) return {3, 0x90, 0xbf};
  if (first >= 0xf1 && first <= 0xf3) return {3, 0x80, 0xbf};
  if (first == 0xf4) return {3, 0x80, 0x8f};
  return {4, 0, 0};  // never a lead byte
}

struct step {
  std::size_t size;  // bytes of the character, or of the maximal invalid part
  bool valid;
};

step step_at(std::string_view text) {
  const auto at = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const lead expect = lead_of(at(0));
  if (expect.follow == 0) return {1, true};
  if (expect.follow > 3) return {1, false};
  for (std::size_t i = 1; i <= expect.follow; ++i) {
    if (i >= text.size()) return {i, false};
    const unsigned char low = i == 1 ? expect.low : 0x80;
    const unsigned char high = i == 1 ? expect.high : 0xbf;
    if (at(i) < low || at(i) > high) return {i, false};
  }
  return {expect.follow + 1, true};
}

// Length of the run of ASCII at the front, eight bytes at a time.
std::size_t ascii_prefix(std::string_view text) {
  std::size_t at = 0;
  while (at + 8 <= text.size()) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, 8);
    if ((word & 0x8080808080808080U) != 0) break;
    at += 8;
  }
  while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) ++at;
  return at;
}

}  // namespace

std::size_t valid_utf8_prefix(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    at += ascii_prefix(text.substr(at));
    if (at == text.size()) break;
    const step next = step_at(text.substr(at));
    if (!next.valid) break;
    at += next.size;
  }
  return at;
}

std::string repaired_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t good = valid_utf8_prefix(text);
    out += text.substr(0, good);
    text.remove_prefix(good);
    if (text.empty()) break;
    out += "\xef\xbf\xbd";
    text.remove_prefix(step_at(text).size);
  }
  return out;
}

}  // namespace gossamer::engineio
