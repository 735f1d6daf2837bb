// What nodes tell each other: streams, syncs, acks, digests.
#include "tests/unit/directory/fixture.hpp"

#include <gtest/gtest.h>

namespace gossamer::directory {
namespace {

using list = std::vector<std::size_t>;

settings small_window() {
  settings s;
  s.window = 20;
  s.in_flight = 8;
  s.ops_per_update = 4;
  s.parts_in_flight = 2;
  s.part_bytes = 30;
  return s;
}

std::string name(std::size_t i) {
  return "room " + std::to_string(i);
}

TEST(DirectoryStream, BeginsWithInterestInEverything) {
  cluster c(3);
  c.meet_all();
  EXPECT_EQ(c.targets(0, {room("lobby")}), (list{1, 2}));
  c.pass(100ms);
  EXPECT_TRUE(c.all_synced());
  EXPECT_EQ(c.targets(0, {room("lobby")}), list{});
}

TEST(DirectoryStream, TellsJoinsAndLeaves) {
  cluster c(3);
  c.meet_all();
  c.pass(100ms);
  c.join(1, room("a"));
  c.join(2, room("b"));
  c.pass(50ms);
  EXPECT_EQ(c.targets(0, {room("a")}), list{1});
  EXPECT_EQ(c.targets(0, {room("a"), room("b")}), (list{1, 2}));
  EXPECT_EQ(c.targets(1, {room("a"), room("b")}), list{2});
  c.leave(1, room("a"));
  c.pass(900ms);
  EXPECT_EQ(c.targets(0, {room("a")}), list{1});
  c.pass(200ms);
  EXPECT_EQ(c.targets(0, {room("a")}), list{});
}

TEST(DirectoryStream, FlushesBeforeData) {
  cluster c(2);
  c.meet_all();
  c.pass(100ms);
  c.join(1, room("a"));
  c.run(1, [&](auto& d) { return d.flush(c.now()); });
  c.pass(1ms);
  EXPECT_EQ(c.targets(0, {room("a")}), list{1});
}

TEST(DirectoryStream, TrustsNoStreamThatDataHasOvertaken) {
  cluster c(2);
  c.meet_all();
  c.pass(100ms);
  c.faults.loss = 1;
  c.join(1, room("a"));
  c.run(1, [&](auto& d) { return d.flush(c.now()); });
  c.pass(5ms);
  EXPECT_EQ(c.targets(0, {room("a")}), list{});
  c.run(0, [&](auto& d) { return d.depends(c.now(), c.id(1), c[1].head()); });
  EXPECT_EQ(c.targets(0, {room("a")}), list{1});
  c.faults.loss = 0;
  c.pass(3s);
  EXPECT_TRUE(c.all_synced());
  EXPECT_EQ(c.targets(0, {room("b")}), list{});
}

TEST(DirectoryStream, FlushesAFullLoadAtOnce) {
  cluster c(2, small_window());
  c.meet_all();
  c.pass(100ms);
  for (std::size_t i = 0; i < 4; ++i) c.join(1, room(name(i)));
  c.pass(1ms);
  EXPECT_EQ(c.targets(0, {room(name(3))}), list{1});
}

TEST(DirectoryStream, ResumesAfterALinkWasLost) {
  cluster c(2);
  c.meet_all();
  c.pass(100ms);
  c.join(1, room("a"));
  c.pass(100ms);
  c.break_link(0, 1);
  c.join(1, room("b"));
  EXPECT_EQ(c.targets(0, {room("c")}), list{1});  // everything
  c.pass(200ms);
  EXPECT_TRUE(c.all_synced());
  EXPECT_EQ(c.targets(0, {room("b")}), list{1});
  EXPECT_EQ(c.targets(0, {room("c")}), list{});
  EXPECT_EQ(c[1].counted().syncs_sent, 0U);  // the window was enough
}

TEST(DirectoryStream, IsNotTrustedBeforeTheLastOfSeveralUpdates) {
  settings s;
  s.ops_per_update = 2;
  cluster c(2, s);
  c.meet_all();
  c.pass(100ms);
  c.cut(0, 1, true);
  for (std::size_t i = 0; i < 9; ++i) c.join(1, room(name(i)));
  c.pass(20ms);
  c.cut(0, 1, false);
  std::size_t updates = 0;
  c.tap = [&](std::size_t from, std::size_t, const std::string& frame) {
    if (from != 1) return true;
    const auto m = decode(frame);
    if (std::get_if<update>(&*m) == nullptr) return true;
    ++updates;
    EXPECT_EQ(c.targets(0, {room("none")}), list{1}) << "before update " << updates;
    return true;
  };
  c.break_link(0, 1);
  c.pass(50ms);
  EXPECT_EQ(updates, 5U);
  EXPECT_EQ(c.targets(0, {room("none")}), list{});
  EXPECT_EQ(c.targets(0, {room(name(8))}), list{1});
}

TEST(DirectoryStream, AsksAgainForFramesThatNeverCameAndGoesOnServing) {
  cluster c(2);
  c.meet_all();
  c.pass(100ms);
  c.faults.loss = 1;
  c.join(1, room("a"));
  c.pass(50ms);
  c.faults.loss = 0;
  EXPECT_EQ(c.targets(0, {room("a")}), list{});  // nobody knows yet that a frame is missing
  c.run(0, [&](auto& d) { return d.frames_lost(c.now(), c.id(1)); });
  EXPECT_EQ(c.targets(0, {room("a")}), list{1});  // everything
  c.join(0, room("b"));
  c.pass(100ms);
  EXPECT_TRUE(c.all_synced());
  EXPECT_EQ(c.targets(0, {room("a")}), list{1});
  EXPECT_EQ(c.targets(0, {room("c")}), list{});
  EXPECT_EQ(c.targets(1, {room("b")}), list{0});  // the other direction was never in doubt
  EXPECT_EQ(c[1].counted().syncs_sent + c[0].counted().syncs_sent, 0U);
}

/// A peer that is nothing but the frames of this test.
class DirectoryReader : public ::testing::Test {
 protected:
  DirectoryReader() : core(settings{}, {node_id{1, 1}, 1, {node_tag{1}}}, random, now) {
    (void)core.member_changed(now, member_change::up, writer);
    now += 200ms;
  }
  void hear(const message& m) { (void)core.receive(now, writer.id, encode(m)); }
  /// The round of the question that this makes the reader ask.
  std::uint32_t asked_after_loss() {
    now += 200ms;
    for (const send& s : core.frames_lost(now, writer.id).sends) {
      const auto m = decode(s.frame.view());
      if (const auto* asked = std::get_if<want>(&*m)) return asked->round;
    }
    return 0;
  }
  op on(const char* name) { return {room(name).hash, 0, op_kind::room_on}; }
  op off(const char* name) { return {room(name).hash, 0, op_kind::room_off}; }

  seeded_random random{1};
  time_point now{1h};
  member writer{node_id{2, 2}, 7, {node_tag{2}}};
  room_directory core;
};

TEST_F(DirectoryReader, TakesNoUpdateBetweenItsQuestionAndTheAnswer) {
  hear(update{7, asked_after_loss(), 1, false, false, {on("a")}});
  ASSERT_TRUE(core.synced(writer.id));
  const std::uint32_t round = asked_after_loss();
  // On its way when the question was asked. Then the room is joined again, and what the question
  // says of its bucket is right.
  hear(update{7, 0, 2, false, false, {off("a")}});
  hear(part{7, round, 0, 3, true, {}});
  hear(update{7, 0, 4, false, false, {}});
  EXPECT_TRUE(core.synced(writer.id));
  EXPECT_TRUE(core.said(writer.id, room("a").hash));
  EXPECT_EQ(core.counted().stale_round, 1U);
}

TEST_F(DirectoryReader, AsksAgainAtAGap) {
  hear(update{7, asked_after_loss(), 1, false, false, {on("a")}});
  hear(update{7, 0, 3, false, false, {on("c")}});
  EXPECT_FALSE(core.synced(writer.id));
  EXPECT_FALSE(core.said(writer.id, room("c").hash));
  EXPECT_EQ(core.counted().gaps, 1U);
}

TEST_F(DirectoryReader, TakesAgainWithTheAnswerWhatItDidNotTake) {
  hear(update{7, asked_after_loss(), 1, false, false, {on("a")}});
  const std::uint32_t round = asked_after_loss();
  hear(update{7, 0, 2, false, false, {off("a")}});
  hear(update{7, round, 2, false, false, {off("a"), on("b")}});
  EXPECT_TRUE(core.synced(writer.id));
  EXPECT_FALSE(core.said(writer.id, room("a").hash));
  EXPECT_TRUE(core.said(writer.id, room("b").hash));
}

TEST(DirectoryStream, SyncsInPartsAndCountsOnEverythingUntilTheLast) {
  cluster c(1, small_window());
  for (std::size_t i = 0; i < 100; ++i) c.join(0, room(name(i)));
  c.pass(100ms);
  c.add(small_window());
  std::size_t parts = 0;
  bool ended = false;
  c.tap = [&](std::size_t from, std::size_t, const std::string& frame) {
    if (from != 0) return true;
    const auto m = decode(frame);
    if (const auto* p = std::get_if<part>(&*m)) {
      EXPECT_EQ(c.targets(1, {room("none")}), list{0}) << "before part " << parts;
      ++parts;
      ended = p->last;
    }
    return true;
  };
  c.meet_all();
  c.pass(1s);
  EXPECT_TRUE(ended);
  EXPECT_GT(parts, 20U);
  EXPECT_EQ(c.targets(1, {room("none")}), list{});
  for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(c.targets(1, {room(name(i))}), list{0});
  EXPECT_TRUE(c.agree(1, 0));
}

TEST(DirectoryStream, SplitsABucketThatIsLargerThanAPart) {
  settings s = small_window();
  cluster c(1, s);
  for (std::uint64_t i = 1; i <= 50; ++i) c.join(0, room_key{i, {}});  // all in bucket 0
  c.pass(100ms);
  c.add(s);
  c.meet_all();
  c.pass(1s);
  EXPECT_TRUE(c.agree(1, 0));
  for (std::uint64_t i = 1; i <= 50; ++i) EXPECT_TRUE(c[1].said(c.id(0), i));
}

TEST(DirectoryStream, ChangesDuringASyncAreNotLost) {
  settings s = small_window();
  s.window = 1000;
  cluster c(1, s);
  for (std::size_t i = 0; i < 300; ++i) c.join(0, room(name(i)));
  c.pass(100ms);
  c.add(s);
  c.meet_all();
  for (std::size_t i = 0; i < 300; ++i) {
    c.leave(0, room(name(i)));
    c.join(0, room(name(300 + i)));
    c.pass(1ms);
  }
  c.pass(3s);
  EXPECT_TRUE(c.agree(1, 0));
  EXPECT_EQ(c[1].remote_rooms(), 300U);
  EXPECT_TRUE(c.all_synced());
}

TEST(DirectoryStream, HoldsBackWhatIsNotAcknowledgedAndSaysSo) {
  cluster c(2, small_window());
  c.meet_all();
  c.pass(100ms);
  c.tap = [](std::size_t from, std::size_t, const std::string&) { return from != 0; };  // no acks
  for (std::size_t i = 0; i < 12; ++i) c.join(1, room(name(i)));
  c.pass(20ms);
  EXPECT_TRUE(c[0].said(c.id(1), room(name(7)).hash));
  EXPECT_FALSE(c[0].said(c.id(1), room(name(11)).hash));
  EXPECT_EQ(c.targets(0, {room(name(11))}), list{1});
  EXPECT_FALSE(c[0].synced(c.id(1)));
  c.tap = nullptr;
  c.pass(3s);
  EXPECT_TRUE(c.all_synced());
  EXPECT_TRUE(c[0].said(c.id(1), room(name(11)).hash));
}

TEST(DirectoryStream, OverflowOfTheWindowIsASync) {
  cluster c(2, small_window());
  c.meet_all();
  c.pass(100ms);
  c.cut(0, 1, true);
  for (std::size_t i = 0; i < 60; ++i) c.join(1, room(name(i)));
  c.pass(1s);
  EXPECT_LE(c[1].log_size(), 20U);
  EXPECT_GT(c.seen(1, notice_kind::overflowed), 0U);
  c.cut(0, 1, false);
  c.pass(8s);
  EXPECT_TRUE(c.all_synced());
  EXPECT_TRUE(c.agree(0, 1));
  EXPECT_EQ(c[0].remote_rooms(), 60U);
  EXPECT_GT(c[1].counted().syncs_sent, 0U);
}

TEST(DirectoryStream, ALostLastFrameIsFoundByTheDigest) {
  cluster c(2);
  c.meet_all();
  c.pass(100ms);
  c.faults.loss = 1;
  c.join(1, room("a"));
  c.pass(50ms);
  c.faults.loss = 0;
  EXPECT_FALSE(c.agree(0, 1));
  c.pass(10s);
  EXPECT_TRUE(c.agree(0, 1));
  EXPECT_EQ(c.targets(0, {room("a")}), list{1});
}

TEST(DirectoryStream, ADamagedFrameIsRepairedByItsBucketAlone) {
  cluster c(2);
  c.meet_all();
  for (std::size_t i = 0; i < 500; ++i) c.join(1, room(name(i)));
  c.pass(200ms);
  c.tap = [](std::size_t from, std::size_t, std::string& frame) {
    if (from == 1) frame.back() ^= 1;  // the last byte of the room's hash
    return true;
  };
  c.join(1, room("a"));
  c.pass(30ms);
  EXPECT_FALSE(c[0].said(c.id(1), room("a").hash));
  std::size_t rooms_sent = 0;
  c.tap = [&](std::size_t, std::size_t, const std::string& frame) {
    const auto m = decode(frame);
    if (const auto* p = std::get_if<part>(&*m)) {
      for (const section& s : p->sections) rooms_sent += s.ops.size();
    }
    return true;
  };
  c.pass(10s);
  EXPECT_TRUE(c.agree(0, 1));
  EXPECT_TRUE(c[0].said(c.id(1), room("a").hash));
  EXPECT_TRUE(c.all_synced());
  EXPECT_EQ(c[0].counted().mismatches, 1U);
  EXPECT_LT(rooms_sent, 20U);
}

TEST(DirectoryStream, ANumberThatNeverWasIsUnlearned) {
  cluster c(2);
  c.meet_all();
  c.pass(100ms);
  c.run(0, [&](auto& d) {
    return d.receive(c.now(), c.id(1),
                     encode(update{c.about(1).epoch,
                                   0,
                                   1,
                                   false,
                                   false,
                                   {{room("ghost").hash, 0, op_kind::room_on},
                                    {room("spook").hash, 0, op_kind::room_on}}}));
  });
  c.join(1, room("a"));
  c.pass(15s);
  EXPECT_TRUE(c.agree(0, 1));
  EXPECT_EQ(c.targets(0, {room("a")}), list{1});
  EXPECT_EQ(c.targets(0, {room("ghost")}), list{});
}

TEST(DirectoryStream, AcksSayWhenEverybodyHasAJoin) {
  cluster c(3);
  c.meet_all();
  c.pass(100ms);
  c.join(1, room("a"));
  c.run(1, [&](auto& d) { return d.flush(c.now(), true); });
  EXPECT_FALSE(c[1].everybody_has(c[1].head()));
  c.pass(2ms);
  EXPECT_TRUE(c[1].everybody_has(c[1].head()));
}

TEST(DirectoryStream, SkipsWhatALaterVersionSays) {
  cluster c(2);
  c.meet_all();
  c.pass(100ms);
  std::string later = encode(digest{c.about(1).epoch, 0, 0});
  later[1] = 99;
  c.run(0, [&](auto& d) { return d.receive(c.now(), c.id(1), later); });
  c.run(0, [&](auto& d) { return d.receive(c.now(), c.id(1), "\x01"); });
  later[0] = 99;
  c.run(0, [&](auto& d) { return d.receive(c.now(), c.id(1), later); });
  EXPECT_EQ(c[0].counted().skipped, 1U);
  EXPECT_EQ(c[0].counted().malformed, 1U);
  EXPECT_EQ(c[0].counted().wrong_version, 1U);
  EXPECT_TRUE(c.all_synced());
}

TEST(DirectoryStream, IsSilentButForDigests) {
  cluster c(2);
  c.meet_all();
  c.pass(5s);
  std::size_t frames = 0;
  c.tap = [&](std::size_t, std::size_t, const std::string& frame) {
    EXPECT_TRUE(std::holds_alternative<digest>(*decode(frame)));
    ++frames;
    return true;
  };
  c.pass(60s);
  EXPECT_LE(frames, 40U);
  EXPECT_GE(frames, 24U);
}

}  // namespace
}  // namespace gossamer::directory
