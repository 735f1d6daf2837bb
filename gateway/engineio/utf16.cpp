#include "gateway/engineio/utf16.hpp"

#include <bit>
#include <cstdint>
#include <cstring>

namespace gossamer::engineio {
namespace {

constexpr std::uint64_t high_bits = 0x8080808080808080U;

// Code units that a byte adds: 1 for ASCII and lead bytes, 1 more for the lead of four bytes.
std::size_t units_of(char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 0xf0) return 2;
  return (byte & 0xc0U) == 0x80 ? 0 : 1;
}

// The same for eight bytes.
std::size_t count_units(std::uint64_t word) {
  // Continuation bytes are 10xxxxxx: the high bit is set and the next is not.
  const std::uint64_t continuation = word & ~(word << 1U) & high_bits;
  // Leads of four bytes are 1111xxxx.
  const std::uint64_t leads = word & (word << 1U) & (word << 2U) & (word << 3U) & high_bits;
  return 8 - static_cast<std::size_t>(std::popcount(continuation)) +
         static_cast<std::size_t>(std::popcount(leads));
}

std::uint64_t word_at(std::string_view text, std::size_t at) {
  std::uint64_t word = 0;
  std::memcpy(&word, text.data() + at, sizeof word);
  return word;
}

}  // namespace

std::size_t utf16_size(std::string_view text) {
  std::size_t units = 0;
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) units += count_units(word_at(text, at));
  for (; at < text.size(); ++at) units += units_of(text[at]);
  return units;
}

std::optional<std::size_t> utf16_prefix(std::string_view text, std::size_t units) {
  std::size_t at = 0;
  while (units > 16 && at + 8 <= text.size()) {
    units -= count_units(word_at(text, at));
    at += 8;
  }
  while (at < text.size()) {
    const std::size_t next = units_of(text[at]);
    if (next > units || (units == 0 && next == 1)) break;
    units -= next;
    ++at;
  }
  if (units != 0) return std::nullopt;
  return at;
}

}  // namespace gossamer::engineio
