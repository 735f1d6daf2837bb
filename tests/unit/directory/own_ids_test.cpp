// Rooms named after sockets: which of them enter the directory, and how the others are found.
#include "tests/unit/directory/fixture.hpp"

#include <gtest/gtest.h>

namespace gossamer::directory {
namespace {

using list = std::vector<std::size_t>;

class DirectoryOwnIds : public ::testing::Test {
 protected:
  DirectoryOwnIds() {
    c.meet_all();
    c.pass(100ms);
  }
  room_key socket_of(std::size_t node) {
    return room(socket_id(c.random(), c.about(node).tags[0], lane_index{0}).text());
  }
  cluster c{3};
};

TEST_F(DirectoryOwnIds, StayOutOfTheDirectoryAndAreFoundByTheirTag) {
  const room_key own = socket_of(1);
  c.join(1, own, joiner::own_id);
  c.pass(100ms);
  EXPECT_EQ(c[1].local_rooms(), 0U);
  EXPECT_EQ(c[0].remote_rooms(), 0U);
  EXPECT_EQ(c.targets(0, {own}), list{1});
  c.leave(1, own, joiner::own_id);
}

TEST_F(DirectoryOwnIds, EnterWhenOthersJoin) {
  const room_key own = socket_of(1);
  c.join(1, own, joiner::own_id);
  c.join(2, own);
  c.pass(100ms);
  EXPECT_EQ(c.targets(0, {own}), (list{1, 2}));
  c.leave(2, own);
  c.pass(2500ms);
  EXPECT_EQ(c.targets(0, {own}), list{1});
}

TEST_F(DirectoryOwnIds, OfARecoveredSocketEnter) {
  const room_key own = socket_of(1);
  c.join(2, own, joiner::own_id);  // made by 1, now on 2
  c.pass(100ms);
  EXPECT_EQ(c.targets(0, {own}), (list{1, 2}));
}

TEST_F(DirectoryOwnIds, OfGeneratedIdsEnter) {
  c.join(2, room("user-77"), joiner::own_id);
  c.pass(100ms);
  EXPECT_EQ(c.targets(0, {room("user-77")}), list{2});
}

TEST_F(DirectoryOwnIds, OfOneTagInTwoNodesGoToBoth) {
  settings s;
  const std::size_t twin = c.add(s, c.about(1).tags[0]);
  c.meet_all();
  c.pass(1s);
  EXPECT_EQ(c.targets(0, {socket_of(1)}), (list{1, twin}));
}

TEST_F(DirectoryOwnIds, WithAFormerTagAreStillOwn) {
  const room_key before = socket_of(1);
  c[1].add_tag(node_tag{9999});
  const room_key after = room(socket_id(c.random(), node_tag{9999}, lane_index{0}).text());
  c.join(1, before, joiner::own_id);
  c.join(1, after, joiner::own_id);
  EXPECT_EQ(c[1].local_rooms(), 0U);
  member now_tagged = c.about(1);
  now_tagged.tags.push_back(node_tag{9999});
  c.run(0, [&](auto& d) { return d.member_changed(c.now(), member_change::updated, now_tagged); });
  EXPECT_EQ(c.targets(0, {before}), list{1});
  EXPECT_EQ(c.targets(0, {after}), list{1});
}

TEST_F(DirectoryOwnIds, ThatEnteredLeaveAgainThoughTheTagBecameOurs) {
  const room_key foreign = socket_of(1);
  c.join(2, foreign, joiner::own_id);
  c[2].add_tag(*foreign.hint);
  c.leave(2, foreign, joiner::own_id);
  c.pass(3s);
  EXPECT_EQ(c[2].local_rooms(), 0U);
  EXPECT_FALSE(c[0].said(c.id(2), foreign.hash));
}

}  // namespace
}  // namespace gossamer::directory
