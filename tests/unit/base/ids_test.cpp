#include "runtime/base/ids.hpp"

#include "runtime/base/random.hpp"

#include <gtest/gtest.h>

#include <set>

namespace gossamer {
namespace {

TEST(ShortId, HasTwentyCharactersOfTheUrlAlphabet) {
  seeded_random random(1);
  for (int i = 0; i < 1000; ++i) {
    const session_id id(random, {0x3ffff}, lane_index{63});
    EXPECT_TRUE(short_id::looks_like(id.text())) << id.text();
  }
}

TEST(ShortId, TellsItsNodeTagAndLane) {
  seeded_random random(2);
  for (std::uint32_t i = 0; i < 64; ++i) {
    const node_tag tag{i * 4161 % (node_tag_max + 1)};
    const socket_id id(random, tag, lane_index(i));
    EXPECT_EQ(id.tag(), tag);
    EXPECT_EQ(id.lane(), lane_index(i));
  }
}

TEST(ShortId, SurvivesItsTextForm) {
  seeded_random random(3);
  const socket_id id(random, {77}, lane_index{5});
  EXPECT_EQ(socket_id::parse(id.text()), id);
}

TEST(ShortId, RefusesOtherTexts) {
  EXPECT_FALSE(session_id::parse(""));
  EXPECT_FALSE(session_id::parse("short"));
  EXPECT_FALSE(session_id::parse("AAAAAAAAAAAAAAAAAAA="));
  EXPECT_FALSE(session_id::parse("AAAAAAAAAAAAAAAAAAAAA"));
  EXPECT_FALSE(session_id::parse(std::string(20, '\0')));
}

TEST(ShortId, DoesNotRepeat) {
  kernel_random random;
  std::set<std::string> seen;
  for (int i = 0; i < 20'000; ++i) {
    EXPECT_TRUE(seen.insert(session_id(random, {1}, lane_index{1}).string()).second);
  }
}

TEST(RandomSource, BelowIsUniformAndInRange) {
  seeded_random random(4);
  int counts[3] = {};
  for (int i = 0; i < 30'000; ++i) ++counts[random.below(3)];
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 500);
}

}  // namespace
}  // namespace gossamer
