// The example game_loop, with clients in memory: no port, no waiting.
#include "examples/game_loop/game.hpp"

#include <gtest/gtest.h>

#include <gossamer/testing.hpp>
#include <string>
#include <vector>

namespace {

using namespace game_loop;
using gossamer::testing::client;

struct seen {
  std::uint32_t id;
  std::uint32_t x;
  std::uint32_t y;
  friend bool operator==(const seen&, const seen&) = default;
};

std::uint32_t number(std::string_view text, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = size; i-- > 0;) {
    value = value << 8U | static_cast<unsigned char>(text.at(at + i));
  }
  return value;
}

std::vector<seen> players_of(const gossamer::testing::event& state) {
  const auto content = state.get<gossamer::bytes>();
  std::vector<seen> all;
  for (std::uint32_t i = 0; i < number(content.view(), 4, 2); ++i) {
    const auto at = 6 + 8 * std::size_t{i};
    all.push_back({number(content.view(), at, 4), number(content.view(), at + 4, 2),
                   number(content.view(), at + 6, 2)});
  }
  EXPECT_EQ(content.size(), 6 + 8 * all.size());
  return all;
}

struct GameLoop : ::testing::Test {
  gossamer::testing::server io;
  game_loop::game game{io};

  void TearDown() override { (void)io.stop(); }  // as main does, before the game goes
  std::uint32_t enters(client& who, const std::string& arena) {
    return who.ask(on_enter, {"player", arena}).id;
  }
  void tick() {
    game.tick();
    io.run();
  }
};

TEST_F(GameLoop, MovesWhoeverSteers) {
  auto ada = io.connect();
  auto bob = io.connect();
  const auto a = enters(ada, "north");
  const auto b = enters(bob, "north");
  EXPECT_EQ(ada.expect("came").get<std::uint32_t>(), b);
  ada.emit("input", steer{1, -1});
  tick();
  EXPECT_EQ(players_of(bob.expect("state")), (std::vector<seen>{{a, 510, 490}, {b, 500, 500}}));
  EXPECT_EQ(players_of(ada.expect("state")).size(), 2U);
  ada.emit("input", steer{-50, 0});
  for (int i = 0; i < 60; ++i) tick();
  bob.forget_events();
  tick();
  EXPECT_EQ(players_of(bob.expect("state")).front(), (seen{a, 0, 490}));
}

TEST_F(GameLoop, KeepsArenasApart) {
  auto ada = io.connect();
  auto bob = io.connect();
  (void)enters(ada, "north");
  const auto b = enters(bob, "south");
  tick();
  EXPECT_EQ(players_of(bob.expect("state")), (std::vector<seen>{{b, 500, 500}}));
  (void)enters(bob, "north");
  tick();
  EXPECT_EQ(bob.waiting(), 1U);
  EXPECT_EQ(players_of(bob.expect("state")).size(), 2U);
}

TEST_F(GameLoop, TellsOfThoseWhoLeave) {
  auto ada = io.connect();
  auto bob = io.connect();
  (void)enters(ada, "north");
  const auto b = enters(bob, "north");
  ada.forget_events();
  bob.drop();
  EXPECT_EQ(ada.expect("went").get<std::uint32_t>(), b);
  tick();
  EXPECT_EQ(players_of(ada.expect("state")).size(), 1U);
}

TEST_F(GameLoop, DoesNotSendOldStatesToWhoIsBehind) {
  auto ada = io.connect();
  (void)enters(ada, "north");
  ada.freeze();
  for (int i = 0; i < 10; ++i) tick();
  ada.thaw();
  EXPECT_LE(ada.waiting(), 1U);
  ada.forget_events();
  tick();
  EXPECT_EQ(number(ada.expect("state").get<gossamer::bytes>().view(), 0, 4), 11U);
}

TEST_F(GameLoop, RefusesBadNamesAndAFullArena) {
  auto ada = io.connect();
  const auto code = [](client& who, const enter& what) {
    const auto answer = who.emit_with_ack("enter", what);
    const auto value = answer.arguments().at(0);
    return value.as_object().contains("error")
               ? std::string(value.at("error").at("code").as_string())
               : std::string();
  };
  EXPECT_EQ(code(ada, {"", "north"}), "bad_name");
  for (std::size_t i = 0; i < players_max; ++i) {
    auto one = io.connect();
    EXPECT_EQ(code(one, {"one", "north"}), "");
  }
  EXPECT_EQ(code(ada, {"Ada", "north"}), "full");
  EXPECT_EQ(code(ada, {"Ada", "south"}), "");
}

}  // namespace
