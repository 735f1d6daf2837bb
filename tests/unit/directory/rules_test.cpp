// Members and counts; and the bugs of other systems, each as a test.
#include "tests/unit/directory/fixture.hpp"

#include <gtest/gtest.h>

namespace gossamer::directory {
namespace {

using list = std::vector<std::size_t>;

std::string name(std::size_t i) {
  return "room " + std::to_string(i);
}

class DirectoryRules : public ::testing::Test {
 protected:
  DirectoryRules() {
    c.meet_all();
    c.pass(100ms);
    c.join(1, room("a"));
    c.pass(100ms);
  }
  cluster c{3};
};

// Members.

TEST_F(DirectoryRules, SuspectChangesNothing) {
  c.change(0, member_change::suspected, 1);
  EXPECT_EQ(c.targets(0, {room("a")}), list{1});
  c.change(0, member_change::recovered, 1);
  EXPECT_EQ(c.targets(0, {room("a")}), list{1});
  EXPECT_TRUE(c[0].synced(c.id(1)));
}

TEST_F(DirectoryRules, TheDeadGetNothingAndTheirTableIsKept60Seconds) {
  c.change(0, member_change::down, 1);
  EXPECT_EQ(c.targets(0, {room("a")}), list{});
  c.pass(59s);
  EXPECT_TRUE(c[0].said(c.id(1), room("a").hash));
  c.pass(2s);
  EXPECT_FALSE(c[0].said(c.id(1), room("a").hash));
  EXPECT_EQ(c[0].find(c.id(1)), nullptr);
  EXPECT_EQ(c[0].remote_rooms(), 0U);
}

TEST_F(DirectoryRules, WhoIsBackFromDeathResumesByNumber) {
  c.change(0, member_change::down, 1);
  c.pass(30s);
  c.join(1, room("b"));
  c.change(0, member_change::up, 1);
  EXPECT_EQ(c.targets(0, {room("none")}), list{1});
  c.pass(1s);
  EXPECT_EQ(c.targets(0, {room("none")}), list{});
  EXPECT_EQ(c.targets(0, {room("a")}), list{1});
  EXPECT_EQ(c.targets(0, {room("b")}), list{1});
  EXPECT_EQ(c[1].counted().syncs_sent, 0U);
}

TEST_F(DirectoryRules, WhoLeftIsPurgedAtOnce) {
  for (const member_change final : {member_change::left, member_change::replaced}) {
    c.change(0, final, 1);
    EXPECT_EQ(c.targets(0, {room("a")}), list{});
    EXPECT_EQ(c[0].find(c.id(1)), nullptr);
    c.pass(200ms);
    EXPECT_EQ(c[0].remote_rooms(), 0U);
    c.change(0, member_change::up, 1);
    c.pass(1s);
    EXPECT_EQ(c.targets(0, {room("a")}), list{1});
  }
}

TEST_F(DirectoryRules, ANewEpochPurgesAndAnOlderOneIsIgnored) {
  member later = c.about(1);
  later.epoch += 5;
  c.run(0, [&](auto& d) { return d.member_changed(c.now(), member_change::up, later); });
  EXPECT_FALSE(c[0].said(c.id(1), room("a").hash));
  EXPECT_EQ(c.targets(0, {room("none")}), list{1});
  c.change(0, member_change::up, 1);  // the older one
  EXPECT_EQ(c[0].find(c.id(1))->about.epoch, later.epoch);
}

TEST_F(DirectoryRules, RenewalOfThisNodeBeginsANewStream) {
  // Node 1 becomes node 3 for the others.
  const std::size_t renewed = c.add({});
  for (const std::size_t other : {0U, 2U}) {
    c.change(renewed, member_change::up, other);
    c.change(other, member_change::replaced, 1);
  }
  c.join(renewed, room("a"));
  c.pass(100ms);
  c.run(renewed, [&](auto& d) { return d.renew(c.now(), c.id(renewed), c.about(renewed).epoch); });
  EXPECT_EQ(c[renewed].head(), 1U);
  for (const std::size_t other : {0U, 2U}) c.change(other, member_change::up, renewed);
  c.pass(2s);
  EXPECT_TRUE(c[0].said(c.id(renewed), room("a").hash));
  EXPECT_TRUE(c.agree(0, renewed));
}

TEST_F(DirectoryRules, MoreMembersThanSlotsCountOnEverything) {
  for (std::size_t i = 3; i < 132; ++i) c.change(0, member_change::up, c.add({}));
  // 0 has 131 peers and 128 slots: three answer to everything for lack of a slot.
  std::size_t without = 0;
  for (const auto& [id, p] : c[0].peers()) without += p.reads.slot ? 0 : 1;
  EXPECT_EQ(without, 3U);
  EXPECT_EQ(c.targets(0, {room("none")}).size(), 129U);  // all but 1 and 2, which are synced
  c.change(0, member_change::left, 2);
  c.pass(1s);
  without = 0;
  for (const auto& [id, p] : c[0].peers()) without += p.reads.slot ? 0 : 1;
  EXPECT_EQ(without, 2U);
}

TEST_F(DirectoryRules, AnInterestThatHasNoRoomCountsAsEverything) {
  settings s;
  s.remote_rooms_max = 10;
  const std::size_t small = c.add(s);
  c.meet_all();
  for (std::size_t i = 0; i < 20; ++i) c.join(2, room(name(i)));
  c.pass(1s);
  EXPECT_LE(c[small].remote_rooms(), 10U);
  EXPECT_EQ(c.targets(small, {room(name(19))}), list{2});
  EXPECT_EQ(c.targets(small, {room("none")}), list{2});
  EXPECT_EQ(c.targets(small, {room("a")}), (list{1, 2}));
  EXPECT_GT(c.seen(small, notice_kind::unplaced), 0U);
}

// Counts.

TEST_F(DirectoryRules, CountsSocketsOfNamespacesAndTotals) {
  const std::uint64_t nsp = keys.nsp("/chat");
  c.run(0, [&](auto& d) { return d.adjust(c.now(), nsp, 3); });
  c.run(1, [&](auto& d) { return d.adjust(c.now(), nsp, 4); });
  c.run(1, [&](auto& d) { return d.adjust(c.now(), nsp, -1); });
  c.pass(500ms);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(c[i].count(nsp), 6U);
  c.change(2, member_change::down, 1);
  EXPECT_EQ(c[2].count(nsp), 3U);
  c.change(2, member_change::up, 1);
  EXPECT_EQ(c[2].count(nsp), 6U);
  c.change(2, member_change::left, 1);
  EXPECT_EQ(c[2].count(nsp), 3U);
}

TEST_F(DirectoryRules, CountsTheSocketsOfAWatchedRoom) {
  const room_key a = room("a");
  EXPECT_EQ(c[0].count(a.hash), 0U);
  c.run(0, [&](auto& d) { return *d.watch(c.now(), a.hash); });
  c.pass(500ms);
  EXPECT_EQ(c[0].count(a.hash), 1U);
  c.join(1, a, joiner::actor);  // interested, not counted
  c.join(2, a);
  c.join(0, a);
  c.pass(500ms);
  EXPECT_EQ(c[0].count(a.hash), 3U);
  c.leave(2, a);
  c.pass(500ms);
  EXPECT_EQ(c[0].count(a.hash), 2U);
  c.run(0, [&](auto& d) { return d.unwatch(c.now(), a.hash); });
  c.pass(500ms);
  EXPECT_EQ(c[0].count(a.hash), 0U);
  EXPECT_TRUE(c.agree(0, 1));
}

TEST_F(DirectoryRules, ANewNodeLearnsCountsAndWatches) {
  const room_key a = room("a");
  c.run(0, [&](auto& d) { return *d.watch(c.now(), a.hash); });
  c.run(0, [&](auto& d) { return d.adjust(c.now(), keys.total("sockets"), 7); });
  c.pass(500ms);
  const std::size_t late = c.add({});
  c.join(late, a);
  c.meet_all();
  c.pass(1s);
  EXPECT_EQ(c[late].count(keys.total("sockets")), 7U);
  EXPECT_EQ(c[0].count(a.hash), 2U);
}

TEST_F(DirectoryRules, WatchesAreBounded) {
  settings s;
  s.watches_max = 2;
  const std::size_t small = c.add(s);
  EXPECT_TRUE(c[small].watch(c.now(), 1).has_value());
  EXPECT_TRUE(c[small].watch(c.now(), 2).has_value());
  EXPECT_TRUE(c[small].watch(c.now(), 2).has_value());
  EXPECT_EQ(c[small].watch(c.now(), 3).error(), errc::too_many_watches);
}

// What went wrong elsewhere.

/// A subscribe and an unsubscribe race, and the loser's message is the last one.
TEST_F(DirectoryRules, BugSubscribeUnsubscribeRaceLosesInterest) {
  for (int i = 0; i < 50; ++i) {
    c.leave(1, room("a"));
    c.pass(milliseconds(c.random().below(1200)));
    c.join(1, room("a"));
    c.pass(milliseconds(c.random().below(30)));
  }
  c.pass(50ms);
  EXPECT_EQ(c.targets(0, {room("a")}), list{1});
  c.leave(1, room("a"));
  c.pass(2s);
  EXPECT_EQ(c.targets(0, {room("a")}), list{});
}

/// Whether to announce a room is decided by a copy of what the others know.
TEST_F(DirectoryRules, BugStaleGlobalTableDecidesAboutAnnouncing) {
  c.join(2, room("a"));  // 1 announced it long ago: 2 has to, all the same
  c.pass(50ms);
  EXPECT_EQ(c.targets(0, {room("a")}), (list{1, 2}));
  c.leave(1, room("a"));
  c.pass(2s);
  EXPECT_EQ(c.targets(0, {room("a")}), list{2});
}

/// The late clean-up after a dead node deletes the routes of its next boot.
TEST_F(DirectoryRules, BugLateCleanUpHitsTheRestartedNode) {
  c.change(0, member_change::down, 1);
  const std::size_t reborn = c.add({});
  c.join(reborn, room("a"));
  c.change(0, member_change::up, reborn);
  c.change(reborn, member_change::up, 0);
  c.pass(30s);
  c.change(0, member_change::replaced, 1);
  c.pass(61s);  // whatever was planned for the old boot has happened
  EXPECT_EQ(c.targets(0, {room("a")}), list{reborn});
  EXPECT_TRUE(c.agree(0, reborn));
}

/// A blip of the connection purges the routes, and they come back only with the next join.
TEST_F(DirectoryRules, BugBlipPurgesRoutes) {
  c.break_link(0, 1);
  EXPECT_EQ(c.targets(0, {room("a")}), list{1});
  c.pass(50ms);
  EXPECT_EQ(c.targets(0, {room("a")}), list{1});
  c.change(0, member_change::down, 1);
  c.change(0, member_change::up, 1);
  EXPECT_EQ(c.targets(0, {room("a")}), list{1});
  c.pass(1s);
  EXPECT_EQ(c.targets(0, {room("a")}), list{1});
}

/// A remote node reacts to the death of somebody's member before its home does.
TEST_F(DirectoryRules, BugOthersRemoveMyMembers) {
  c.run(1, [&](auto& d) {
    const op off{room("a").hash, 0, op_kind::room_off};
    return d.receive(c.now(), c.id(2), encode(update{c.about(2).epoch, 0, 1, false, false, {off}}));
  });
  c.pass(100ms);
  EXPECT_TRUE(c[1].published(room("a").hash));
  EXPECT_EQ(c.targets(0, {room("a")}), list{1});
}

/// Nodes that are no members any more stay in the table.
TEST_F(DirectoryRules, BugOrphanedNodesStay) {
  const std::vector<member> living{c.about(2)};
  c.run(0, [&](auto& d) { return d.reconcile(c.now(), living); });
  EXPECT_EQ(c.targets(0, {room("a")}), list{});
  c.pass(61s);
  EXPECT_EQ(c[0].find(c.id(1)), nullptr);
  const std::vector<member> both{c.about(1), c.about(2)};
  c.run(0, [&](auto& d) { return d.reconcile(c.now(), both); });
  c.pass(3s);
  EXPECT_EQ(c.targets(0, {room("a")}), list{1});
}

/// Replicas drift apart above 50 entries, keep ghosts, and send each other everything for ever.
TEST_F(DirectoryRules, BugDriftGhostsAndEndlessTransfer) {
  for (std::size_t i = 0; i < 200; ++i) c.join(1, room(name(i)));
  c.pass(100ms);
  int damaged = 0;
  c.tap = [&](std::size_t from, std::size_t, std::string& frame) {
    if (from == 1 && frame[1] == 1 && ++damaged % 3 == 0) frame.back() ^= 1;
    return true;
  };
  for (std::size_t i = 0; i < 100; ++i) {
    c.leave(1, room(name(i)));
    c.join(1, room(name(200 + i)));
    c.pass(20ms);
  }
  c.pass(3s);
  c.tap = nullptr;
  EXPECT_GT(damaged, 100);
  c.pass(10s);
  for (const std::size_t other : {0U, 2U}) EXPECT_TRUE(c.agree(other, 1));
  EXPECT_EQ(c[0].remote_rooms(), 201U);
  const std::uint64_t parts = c[1].counted().parts_sent;
  c.pass(60s);
  EXPECT_EQ(c[1].counted().parts_sent, parts);
}

/// A dead replica holds up those who wait until everybody has something.
TEST_F(DirectoryRules, BugTheDeadHoldUpTheLiving) {
  c.cut(1, 2, true);
  c.join(1, room("b"));
  c.run(1, [&](auto& d) { return d.flush(c.now(), true); });
  c.pass(50ms);
  EXPECT_FALSE(c[1].everybody_has(c[1].head()));
  c.change(1, member_change::down, 2);
  EXPECT_TRUE(c[1].everybody_has(c[1].head()));
}

/// Deletions are remembered for a minute, the sync fails for longer: the deleted come back.
TEST_F(DirectoryRules, BugDeletionsForgottenWhileSyncFails) {
  settings s;
  s.window = 10;
  const std::size_t late = c.add(s);
  for (std::size_t i = 0; i < 50; ++i) c.join(late, room(name(i)));
  c.meet_all();
  c.pass(1s);
  EXPECT_TRUE(c[0].said(c.id(late), room(name(49)).hash));
  c.cut(0, late, true);
  for (std::size_t i = 0; i < 49; ++i) c.leave(late, room(name(i)));
  c.pass(180s);
  c.cut(0, late, false);
  c.pass(10s);
  EXPECT_TRUE(c.agree(0, late));
  for (std::size_t i = 0; i < 49; ++i) {
    EXPECT_FALSE(c[0].said(c.id(late), room(name(i)).hash));
  }
  EXPECT_TRUE(c[0].said(c.id(late), room(name(49)).hash));
}

/// Every reconnect of a client unsubscribes and subscribes its rooms again.
TEST_F(DirectoryRules, BugUnsubscribeStorm) {
  for (std::size_t i = 0; i < 100; ++i) c.join(1, room(name(i)));
  c.pass(100ms);
  const std::uint64_t before = c[1].head();
  for (std::size_t round = 0; round < 20; ++round) {
    for (std::size_t i = 0; i < 100; ++i) c.leave(1, room(name(i)));
    c.pass(700ms);
    for (std::size_t i = 0; i < 100; ++i) c.join(1, room(name(i)));
    c.pass(100ms);
  }
  EXPECT_EQ(c[1].head(), before);
}

}  // namespace
}  // namespace gossamer::directory
