#include "actors/rooms/room.hpp"

#include "runtime/base/random.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <set>
#include <thread>

namespace gossamer::rooms {
namespace {

constexpr lane_index lane_0{0};
constexpr lane_index lane_1{1};

struct test_member : member {};

std::set<const member*> members_of(const room& where, lane_index lane) {
  std::set<const member*> found;
  where.each(lane, [&](member& who) { found.insert(&who); });
  return found;
}

TEST(Room, HasTheMembersOfEachLane) {
  room_table table(2);
  test_member a;
  test_member b;
  const auto lobby = table.find_or_create("lobby");

  EXPECT_TRUE(lobby->join(lane_0, a));
  EXPECT_TRUE(lobby->join(lane_1, b));

  EXPECT_EQ(members_of(*lobby, lane_0), (std::set<const member*>{&a}));
  EXPECT_EQ(members_of(*lobby, lane_1), (std::set<const member*>{&b}));
  EXPECT_EQ(lobby->member_count(), 2U);
  room::leave_all(lane_0, a);
  room::leave_all(lane_1, b);
}

TEST(Room, JoinsAMemberOnce) {
  room_table table(1);
  test_member a;
  const auto lobby = table.find_or_create("lobby");

  EXPECT_TRUE(lobby->join(lane_0, a));
  EXPECT_FALSE(lobby->join(lane_0, a));
  EXPECT_EQ(lobby->member_count(), 1U);
  EXPECT_TRUE(lobby->leave(lane_0, a));
  EXPECT_FALSE(lobby->leave(lane_0, a));
}

TEST(Room, LeavesTheTableWithItsLastMemberAndHandle) {
  room_table table(1);
  test_member a;
  {
    const auto lobby = table.find_or_create("lobby");
    lobby->join(lane_0, a);
  }
  EXPECT_EQ(table.size(), 1U);

  const auto handle = table.find("lobby");
  room::leave_all(lane_0, a);
  EXPECT_EQ(table.size(), 1U) << "a handle keeps the room";
  EXPECT_TRUE(table.names().empty()) << "but it has no member";
}

TEST(Room, IsGoneAfterTheLastHandle) {
  room_table table(1);
  { const auto lobby = table.find_or_create("lobby"); }
  EXPECT_FALSE(table.find("lobby"));
  EXPECT_EQ(table.size(), 0U);
}

TEST(Room, IsNotIdleWhileAJoinIsPromised) {
  room_table table(2);
  const auto lobby = table.find_or_create("lobby");
  EXPECT_TRUE(lobby->idle_on(lane_1));
  lobby->promise(lane_1);
  EXPECT_FALSE(lobby->idle_on(lane_1));
  EXPECT_TRUE(lobby->idle_on(lane_0));
  lobby->withdraw(lane_1);
  EXPECT_TRUE(lobby->idle_on(lane_1));
}

// Random joins and leaves against a plain map of sets.
TEST(Room, AgreesWithANaiveModel) {
  seeded_random random(7);
  std::atomic<std::size_t> sum{0};
  room_table table(2);
  table.count_also_in(sum);
  std::vector<test_member> members(60);
  std::map<std::string, std::set<const member*>> model;
  const auto lane_of = [](std::size_t who) { return lane_index(who % 2); };

  for (int step = 0; step < 30'000; ++step) {
    const auto who = static_cast<std::size_t>(random.below(members.size()));
    const auto name = "room" + std::to_string(random.below(120));
    const auto action = random.below(20);
    if (action == 0) {
      room::leave_all(lane_of(who), members[who]);
      for (auto& [room_name, set] : model) set.erase(&members[who]);
    } else if (action < 12) {
      EXPECT_EQ(table.find_or_create(name)->join(lane_of(who), members[who]).done,
                model[name].insert(&members[who]).second);
    } else if (const auto found = table.find(name)) {
      EXPECT_EQ(found->leave(lane_of(who), members[who]).done,
                model[name].erase(&members[who]) != 0);
    } else {
      EXPECT_TRUE(model[name].empty());
    }
    if (step % 500 != 0) continue;
    std::size_t rooms_with_members = 0;
    for (const auto& [room_name, set] : model) {
      const auto found = table.find(room_name);
      rooms_with_members += set.empty() ? 0 : 1;
      if (!found) {
        EXPECT_TRUE(set.empty());
        continue;
      }
      auto seen = members_of(*found, lane_0);
      seen.merge(members_of(*found, lane_1));
      EXPECT_EQ(seen, set);
      EXPECT_EQ(found->member_count(), set.size());
    }
    EXPECT_EQ(table.size(), rooms_with_members);
    EXPECT_EQ(sum, rooms_with_members);
  }
  for (std::size_t i = 0; i < members.size(); ++i) room::leave_all(lane_of(i), members[i]);
  EXPECT_EQ(table.size(), 0U);
}

TEST(Room, MayBeEmptiedAndRecreatedByTwoThreads) {
  room_table table(2);
  const auto churn = [&table](lane_index lane) {
    test_member who;
    for (int i = 0; i < 20'000; ++i) {
      const auto lobby = table.find_or_create("lobby");
      lobby->join(lane, who);
      if (i % 3 == 0) {
        lobby->leave(lane, who);
      } else {
        room::leave_all(lane, who);
      }
    }
  };
  std::thread other([&] { churn(lane_1); });
  churn(lane_0);
  other.join();
  EXPECT_EQ(table.size(), 0U);
}

}  // namespace
}  // namespace gossamer::rooms
