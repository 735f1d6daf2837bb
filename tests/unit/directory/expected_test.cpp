// Nodes that were told to have sockets join a room count as interested before they say so.
#include "tests/unit/directory/fixture.hpp"

#include <gtest/gtest.h>

namespace gossamer::directory {
namespace {

using list = std::vector<std::size_t>;

class ExpectedInterest : public ::testing::Test {
 protected:
  explicit ExpectedInterest(settings s = {}) : c(3, s) {
    c.meet_all();
    c.pass(100ms);
  }
  void expect(std::vector<std::size_t> who, std::vector<room_key> rooms) {
    std::vector<node_id> ids;
    for (const std::size_t i : who) ids.push_back(c.id(i));
    c.run(0, [&](auto& d) { return d.expect(c.now(), ids, rooms); });
  }
  cluster c;
};

TEST_F(ExpectedInterest, CountsAtOnceAndForAWhile) {
  expect({1}, {room("a"), room("b")});
  EXPECT_EQ(c.targets(0, {room("a")}), list{1});
  EXPECT_EQ(c.targets(0, {room("b")}), list{1});
  EXPECT_EQ(c.targets(0, {room("c")}), list{});
  c.pass(59s);
  EXPECT_EQ(c.targets(0, {room("a")}), list{1});
  c.pass(2s);
  EXPECT_EQ(c.targets(0, {room("a")}), list{});
  EXPECT_EQ(c[0].expectations(), 0U);
}

TEST_F(ExpectedInterest, LastsAnewEachTime) {
  expect({1, 2}, {room("a")});
  c.pass(40s);
  expect({1}, {room("a")});
  c.pass(40s);
  EXPECT_EQ(c.targets(0, {room("a")}), list{1});
  c.pass(21s);
  EXPECT_EQ(c.targets(0, {room("a")}), list{});
}

TEST_F(ExpectedInterest, WhoReallyJoinedStaysATarget) {
  expect({1}, {room("a")});
  c.join(1, room("a"));
  c.pass(100s);
  EXPECT_EQ(c.targets(0, {room("a")}), list{1});
  c.leave(1, room("a"));
  c.pass(3s);
  EXPECT_EQ(c.targets(0, {room("a")}), list{});
}

TEST_F(ExpectedInterest, TheDeadGetNothingAndReturnToIt) {
  expect({1}, {room("a")});
  c.change(0, member_change::down, 1);
  EXPECT_EQ(c.targets(0, {room("a")}), list{});
  c.change(0, member_change::up, 1);
  c.pass(1s);
  EXPECT_EQ(c.targets(0, {room("none")}), list{});
  EXPECT_EQ(c.targets(0, {room("a")}), list{1});
}

TEST_F(ExpectedInterest, EndsWithTheBoot) {
  expect({1, 2}, {room("a")});
  c.change(0, member_change::left, 1);
  EXPECT_EQ(c.targets(0, {room("a")}), list{2});
  EXPECT_EQ(c[0].expectations(), 1U);
  expect({1}, {room("a")});
  EXPECT_EQ(c[0].expectations(), 1U) << "strangers are not expected anywhere";
}

settings few() {
  settings s;
  s.expectations_max = 3;
  return s;
}
class FewExpectations : public ExpectedInterest {
 protected:
  FewExpectations() : ExpectedInterest(few()) {}
};

TEST_F(FewExpectations, OverTheBoundANodeIsExpectedEverywhere) {
  expect({1}, {room("a"), room("b"), room("c")});
  c.pass(30s);
  expect({2}, {room("d")});
  EXPECT_EQ(c[0].expectations(), 3U);
  EXPECT_EQ(c.targets(0, {room("a")}), (list{1, 2}));
  EXPECT_EQ(c.targets(0, {room("none")}), list{2});
  c.pass(31s);
  EXPECT_EQ(c.targets(0, {room("a")}), list{2});
  c.pass(30s);
  EXPECT_EQ(c.targets(0, {room("none")}), list{});
}

}  // namespace
}  // namespace gossamer::directory
