#include "examples/chat/words.hpp"

#include <gtest/gtest.h>

namespace chat {
namespace {

TEST(ChatWords, TrimsWhiteSpaceAtBothEnds) {
  EXPECT_EQ(cleaned(" \t\n\v\f\r\xc2\xa0 a b \xc2\xa0\t", 24), "a b");
  EXPECT_EQ(cleaned("\xc2\xa0", 24), std::nullopt);
  EXPECT_EQ(cleaned("", 24), std::nullopt);
}

TEST(ChatWords, CountsCodePointsAfterTrimming) {
  const std::string emoji = "\xf0\x9f\x98\x80";
  EXPECT_EQ(cleaned("  " + emoji + emoji + " ", 2), emoji + emoji);
  EXPECT_EQ(cleaned(emoji + emoji + emoji, 2), std::nullopt);
}

TEST(ChatWords, RefusesControlCharactersAndHalfSurrogates) {
  for (const char* bad : {"a\x1f",
                          "a\x7f"
                          "b",
                          "a\rb", "a\xed\xa0\x80",
                          "\xed\xbf\xbf"
                          "b"}) {
    EXPECT_EQ(cleaned(bad, 24), std::nullopt) << bad;
    EXPECT_EQ(cleaned(bad, 24, text_kind::with_lines), std::nullopt) << bad;
  }
  EXPECT_EQ(cleaned("a\tb\nc", 24), std::nullopt);
  EXPECT_EQ(cleaned("a\tb\nc", 24, text_kind::with_lines), "a\tb\nc");
  EXPECT_EQ(cleaned("\xed\x9f\xbf", 24), "\xed\x9f\xbf");  // U+D7FF, the last before them
}

TEST(ChatWords, FoldsAsciiOnly) {
  EXPECT_EQ(folded("Grace \xc3\x84Z9"), "grace \xc3\x84z9");
}

}  // namespace
}  // namespace chat
