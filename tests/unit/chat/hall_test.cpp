#include "examples/chat/hall.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace chat {
namespace {

const person ada{"1", "Ada"};
const person grace{"2", "Grace"};

std::vector<std::string> names(const std::vector<summary>& list) {
  std::vector<std::string> all;
  for (const auto& one : list) all.push_back(one.room + ":" + std::to_string(one.online));
  return all;
}

TEST(ChatHall, GivesANameToOnePersonOnly) {
  hall all;
  EXPECT_TRUE(all.rename(ada, "", {}));
  EXPECT_FALSE(all.rename({"2", "ADA"}, "", {}));
  EXPECT_TRUE(all.rename({"1", "aDA"}, "Ada", {}));
  EXPECT_TRUE(all.rename({"1", "Countess"}, "aDA", {}));
  EXPECT_TRUE(all.rename({"2", "Ada"}, "", {}));
  all.forget_name("countess");
  EXPECT_TRUE(all.rename({"3", "Countess"}, "", {}));
}

TEST(ChatHall, RenamesInRooms) {
  hall all;
  ASSERT_TRUE(all.join(ada, "tea"));
  ASSERT_TRUE(all.rename({"1", "Countess"}, "Ada", {"tea"}));
  EXPECT_EQ(all.about("tea").people.at(0).name, "Countess");
}

TEST(ChatHall, SortsPeopleByNameThenId) {
  hall all;
  for (const auto& who : {person{"9", "b"}, person{"3", "a"}, person{"1", "c"}, person{"2", "a"}}) {
    ASSERT_TRUE(all.join(who, "tea"));
  }
  std::string order;
  for (const auto& one : all.about("tea").people) order += one.name + one.id + " ";
  EXPECT_EQ(order, "a2 a3 b9 c1 ");
}

TEST(ChatHall, RemembersTheLastMessagesUntilTheRoomIsEmpty) {
  hall all;
  ASSERT_TRUE(all.join(ada, "tea"));
  for (std::size_t i = 1; i <= history_max + 7; ++i) {
    message said{0, "tea", ada, "x", 0};
    all.say(said);
    ASSERT_EQ(said.id, static_cast<std::int64_t>(i));
  }
  EXPECT_EQ(all.about("tea").history.size(), history_max);
  EXPECT_EQ(all.about("tea").history.front().id, 8);
  all.leave(ada, "tea");
  ASSERT_TRUE(all.join(grace, "tea"));
  EXPECT_TRUE(all.about("tea").history.empty());
  message said{0, "tea", grace, "x", 0};
  all.say(said);
  EXPECT_EQ(said.id, 1);
}

TEST(ChatHall, AlwaysHasALobby) {
  hall all;
  EXPECT_EQ(names(all.rooms()), std::vector<std::string>{"lobby:0"});
  ASSERT_TRUE(all.join(ada, "lobby"));
  message said{0, "lobby", ada, "x", 0};
  all.say(said);
  all.leave(ada, "lobby");
  EXPECT_EQ(names(all.rooms()), std::vector<std::string>{"lobby:0"});
  EXPECT_TRUE(all.about("lobby").history.empty());
}

TEST(ChatHall, ListsTheBusiestRoomsAndTheLobby) {
  hall all;
  for (int i = 0; i < 150; ++i) ASSERT_TRUE(all.join(ada, "room " + std::to_string(1000 + i)));
  ASSERT_TRUE(all.join(grace, "room 1149"));
  const auto list = names(all.rooms());
  ASSERT_EQ(list.size(), summaries_max);
  EXPECT_EQ(list.front(), "room 1149:2");
  EXPECT_EQ(list[1], "room 1000:1");
  EXPECT_EQ(list[98], "room 1097:1");
  EXPECT_EQ(list.back(), "lobby:0");
}

TEST(ChatHall, HasABoundOfRooms) {
  hall all;
  for (std::size_t i = 1; i < rooms_max; ++i) ASSERT_TRUE(all.join(ada, std::to_string(i)));
  EXPECT_FALSE(all.join(ada, "one more"));
  EXPECT_TRUE(all.join(grace, "7"));
  all.leave(ada, "8");
  EXPECT_TRUE(all.join(ada, "one more"));
}

TEST(ChatHall, AnnouncesOnceUntilTold) {
  hall all;
  EXPECT_TRUE(all.announce());
  EXPECT_FALSE(all.announce());
  all.told();
  EXPECT_TRUE(all.announce());
}

}  // namespace
}  // namespace chat
