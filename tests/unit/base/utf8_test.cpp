#include "runtime/base/utf8.hpp"

#include "runtime/base/random.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace gossamer {
namespace {

std::string bytes_of(std::uint32_t value) {
  const auto byte = [](std::uint32_t bits) { return static_cast<char>(bits); };
  const auto tail = [&](unsigned shift) { return byte(0x80U | (value >> shift & 0x3fU)); };
  if (value < 0x80) return {byte(value)};
  if (value < 0x800) return {byte(0xc0U | value >> 6U), tail(0)};
  if (value < 0x10000) return {byte(0xe0U | value >> 12U), tail(6), tail(0)};
  return {byte(0xf0U | value >> 18U), tail(12), tail(6), tail(0)};
}

/// Decodes by the arithmetic of the definition: length, value, range. Slow and obvious.
bool naive_is_utf8(std::string_view text) {
  constexpr std::uint32_t smallest[] = {0, 0x80, 0x800, 0x10000};
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<std::uint8_t>(text[i++]);
    if (lead < 0x80) continue;
    if (lead < 0xc0 || lead >= 0xf8) return false;
    const int more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    std::uint32_t value = lead & (0x3fU >> static_cast<unsigned>(more));
    for (int k = 0; k < more; ++k, ++i) {
      if (i >= text.size() || (static_cast<std::uint8_t>(text[i]) & 0xc0U) != 0x80) return false;
      value = value << 6U | (static_cast<std::uint8_t>(text[i]) & 0x3fU);
    }
    if (value < smallest[more] || value > 0x10ffff) return false;
    if (value >= 0xd800 && value <= 0xdfff) return false;
  }
  return true;
}

TEST(Utf8, EveryCodePointButSurrogatesIsValid) {
  for (std::uint32_t value = 0; value <= 0x10ffff; ++value) {
    const bool surrogate = value >= 0xd800 && value <= 0xdfff;
    ASSERT_EQ(is_utf8(bytes_of(value)), !surrogate) << std::hex << value;
  }
  EXPECT_FALSE(is_utf8(bytes_of(0x110000)));
}

TEST(Utf8, EveryPairOfBytesIsJudgedAsByTheDefinition) {
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      const char pair[] = {static_cast<char>(a), static_cast<char>(b)};
      ASSERT_EQ(is_utf8({pair, 2}), naive_is_utf8({pair, 2})) << a << ' ' << b;
    }
  }
}

TEST(Utf8, RandomTextsAreJudgedAsByTheDefinitionHoweverTheyAreCut) {
  seeded_random random(11);
  const std::string pieces[] = {"a",        "plain ascii text", "ä",    "€",        "😀",
                                "\xc0\x80", "\xed\xa0\x80",     "\xf4", "\xe2\x82", "\x80"};
  int good = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (auto n = random.below(8); n > 0; --n) {
      text += pieces[random.below(random.below(2) == 0 ? 5 : std::size(pieces))];
    }
    const bool expected = naive_is_utf8(text);
    good += expected ? 1 : 0;
    ASSERT_EQ(is_utf8(text), expected) << text;
    utf8_checker checker;
    bool valid = true;
    for (std::size_t at = 0; at < text.size() && valid;) {
      const std::size_t size = 1 + random.below(9);
      valid = checker.feed(std::string_view(text).substr(at, size));
      at += size;
    }
    ASSERT_EQ(valid && checker.complete(), expected) << text;
  }
  EXPECT_GT(good, 2000);
  EXPECT_LT(good, 18'000);
}

TEST(Utf8, FailsAtTheFirstByteThatCannotBeRight) {
  for (const std::string_view start : {"\x80", "\xc1", "\xe0\x80", "\xed\xa0", "\xf0\x8f",
                                       "\xf4\x90", "\xf5", "\xff", "\xe2\x28"}) {
    utf8_checker checker;
    EXPECT_FALSE(checker.feed(start));
  }
}

}  // namespace
}  // namespace gossamer
