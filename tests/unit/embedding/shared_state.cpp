// docs/embedding.md: state that handlers of several lanes share.
#include <gtest/gtest.h>

#include <gossamer/testing.hpp>
#include <map>
#include <string>

namespace {

TEST(EmbeddingPage, SharesScores) {
  gossamer::testing::server io({.lanes = 2});
  // begin: guarded
  gossamer::guarded<std::map<std::string, int>> scores;
  io.on("score", [&scores](std::string player, int points) {
    return scores.with([&](auto& all) { return all[player] += points; });
  });
  // end
  auto ada = io.connect({.lane = 0});
  auto bob = io.connect({.lane = 1});
  EXPECT_EQ(ada.ask<int>("score", "Ada", 2), 2);
  EXPECT_EQ(bob.ask<int>("score", "Ada", 3), 5);
  EXPECT_EQ(scores.with([](const auto& all) { return all.size(); }), 1U);
}

}  // namespace
