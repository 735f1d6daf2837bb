// The other rows of the table of edge cases in docs/membership.md: one test or more for each, named
// after it.
#include "tests/unit/membership/fixture.hpp"

namespace gossamer::membership {
namespace {

TEST_F(SwimRules, RowRefutationStormIsAnsweredOnce) {
  meet_peers(3);
  for (std::uint32_t n = 1; n <= 3; ++n) {
    (void)hear(n, suspect{node->self().id, 0, peer(n).id});
    (void)hear(n, dead{node->self().id, 0, peer(n).id});
  }
  EXPECT_EQ(node->counted().refutations, 1U);
  EXPECT_EQ(node->self().incarnation, 1U);
}

TEST_F(SwimRules, RowRefutationStormOfOldNewsIsNotGossipedAgain) {
  meet_peers(3);
  (void)hear(1, dead{peer(3).id, 0, peer(3).id});
  (void)run_for(10s);
  const std::size_t before = node->rumour_count();
  for (int i = 0; i < 10; ++i) (void)hear(2, dead{peer(3).id, 0, peer(3).id});
  EXPECT_EQ(node->rumour_count(), before);
}

TEST_F(SwimRules, RowLeaveVersusFailAreTwoNotices) {
  meet_peers(3);
  EXPECT_TRUE(told(hear(1, dead{peer(2).id, 0, peer(2).id}), notice_kind::left));
  EXPECT_EQ(state_of(peer(2).id), status::left);
  EXPECT_TRUE(told(hear(1, dead{peer(3).id, 0, peer(1).id}), notice_kind::down));
  EXPECT_EQ(state_of(peer(3).id), status::dead);
  (void)hear(2, alive{at_incarnation(peer(2), 5)});
  EXPECT_EQ(state_of(peer(2).id), status::left) << "left is final for an id";
}

TEST_F(SwimRules, RowLeaveAnnouncesItselfAndKeepsAnsweringProbes) {
  meet_peers(2);
  const auto words = sent<dead>(collect(node->leave(now)));
  ASSERT_FALSE(words.empty());
  EXPECT_EQ(words[0].second.from, node->self().id);
  EXPECT_EQ(sent<ack>(hear(1, ping{1, node->self().id, peer(1).id})).size(), 1U);
  EXPECT_FALSE(told(hear(1, suspect{node->self().id, 0, peer(1).id}), notice_kind::refuted));
  EXPECT_TRUE(told(run_for(1100ms), notice_kind::left_cluster));
  EXPECT_TRUE(hear(1, ping{1, node->self().id, peer(1).id}).datagrams.empty());
}

TEST_F(SwimRules, RowRejoinAfterLeaveTakesANewIdAndEpoch) {
  settings s = own_settings();
  s.seeds = {host(1)};
  restart_with(s);
  meet_peers(2);
  const member_record before = node->self();
  (void)collect(node->leave(now));
  (void)run_for(2s);
  const actions out = collect(node->rejoin(now));
  EXPECT_TRUE(told(out, notice_kind::renewed));
  EXPECT_NE(node->self().id, before.id);
  EXPECT_GT(node->self().epoch, before.epoch);
  swim other(settings_of("other", 201, wall0), random, now);
  (void)other.start(now);
  const auto feed = [&](const message& m) {
    (void)other.receive(now, host(200), begin_packet(1) + encode(m), channel::datagram);
  };
  feed(alive{before});
  feed(dead{before.id, before.incarnation, before.id});
  feed(alive{node->self()});
  EXPECT_EQ(other.find(before.id)->state, status::left);
  EXPECT_EQ(other.find(node->self().id)->state, status::alive);
}

TEST_F(SwimRules, RowBeingTakenForLeftRenewsTheNode) {
  meet_peers(2);
  const node_id before = node->self().id;
  EXPECT_TRUE(told(hear(1, dead{before, 0, before}), notice_kind::renewed));
  EXPECT_NE(node->self().id, before);
}

TEST_F(SwimRules, RowUdpBlockedALiveLinkVetoesSuspicionAndDeath) {
  meet_peers(3);
  (void)collect(node->link_heard(now, peer(2).id));
  (void)hear(1, suspect{peer(2).id, 0, peer(1).id});
  EXPECT_EQ(state_of(peer(2).id), status::alive);
  const actions out = hear(1, dead{peer(2).id, 0, peer(1).id});
  EXPECT_EQ(state_of(peer(2).id), status::alive);
  const auto passed_on = sent<dead>(out);
  ASSERT_EQ(passed_on.size(), 1U) << "it is told over the link, so that it can refute";
  EXPECT_EQ(passed_on[0].first, host(2));
  EXPECT_EQ(node->counted().vetoes, 2U);
}

TEST_F(SwimRules, RowUdpBlockedTheVetoEndsWithTheBytesOfTheLink) {
  meet_peers(3);
  (void)collect(node->link_heard(now, peer(2).id));
  now += 1401ms;
  (void)hear(1, suspect{peer(2).id, 0, peer(1).id});
  EXPECT_EQ(state_of(peer(2).id), status::suspect);
  EXPECT_TRUE(told(collect(node->link_heard(now, peer(2).id)), notice_kind::recovered));
}

TEST_F(SwimRules, RowPartitionHealOffersSyncsToTheDeadForEver) {
  meet_peers(2);
  (void)hear(1, dead{peer(2).id, 0, peer(1).id});
  std::size_t offers = 0;
  for (int i = 0; i < 120; ++i) {
    for (const auto& [to, m] : sent<sync_offer>(run_for(1s))) offers += to == host(2) ? 1 : 0;
  }
  EXPECT_GE(offers, 6U);
}

TEST_F(SwimRules, RowSeedListRotIsResolvedForEver) {
  meet_peers(1);
  std::size_t asked = 0;
  for (int i = 0; i < 300; ++i) asked += told(run_for(1s), notice_kind::resolve_seeds) ? 1 : 0;
  EXPECT_GE(asked, 5U);
  (void)collect(node->seeds_resolved(now, {host(50)}));
  bool offered = false;
  for (int i = 0; i < 20; ++i) {
    for (const auto& [to, m] : sent<sync_offer>(run_for(1s))) offered = offered || to == host(50);
  }
  EXPECT_TRUE(offered);
}

TEST_F(SwimRules, RowVersionSkewRefusesOnlyWithoutACommonVersion) {
  meet_peers(1);
  member_record next = peer(2);
  next.versions = {1, 2, 2};
  (void)hear(1, alive{next});
  EXPECT_EQ(state_of(next.id), status::alive);
  member_record far = peer(3);
  far.versions = {2, 3, 3};
  EXPECT_TRUE(told(hear(1, alive{far}), notice_kind::version_refused));
  EXPECT_EQ(state_of(far.id), std::nullopt);
  EXPECT_EQ(node->counted().incompatible, 1U);
}

TEST_F(SwimRules, RowVersionSkewSpeaksWhatThePeerReads) {
  settings s = own_settings();
  s.versions = {1, 2, 2};
  restart_with(s);
  (void)start();
  member_record next = peer(2);
  next.versions = {1, 2, 2};
  (void)hear(
      1, sync_state{peer(1).id, false, {{status::alive, 0s, peer(1)}, {status::alive, 0s, next}}},
      channel::link);
  for (int i = 0; i < 6; ++i) {
    for (const send_datagram& d : run_for(1s).datagrams) {
      EXPECT_EQ(d.payload[0], d.to == host(1) ? 1 : 2);
    }
  }
}

TEST_F(SwimRules, RowPauseDefersEveryVerdictAndAccusesNobody) {
  meet_peers(3);
  (void)hear(1, suspect{peer(2).id, 0, peer(1).id});
  now += 30s;  // stopped: no timer ran
  const actions out = collect(node->tick(now));
  EXPECT_TRUE(told(out, notice_kind::paused));
  EXPECT_FALSE(told(out, notice_kind::down));
  EXPECT_EQ(node->health(), 7U);
  EXPECT_EQ(state_of(peer(2).id), status::suspect);
  EXPECT_EQ(node->counted().suspicions, 1U);
  EXPECT_FALSE(sent<ping>(out).empty()) << "asks at once";
}

/// Once, the second confirmation moved the deadline into the past, and that looked like a pause.
TEST_F(SwimRules, RowPauseIsNotALateConfirmation) {
  meet_peers(5);
  (void)hear(1, suspect{peer(2).id, 0, peer(1).id});
  const time_point begun = now;
  while (now < begun + 10s) {
    for (const auto& [to, m] : sent<ping>(run_until(wake))) {
      (void)collect(node->receive(now, to, begin_packet(1) + encode(ack{m.sequence, m.target}),
                                  channel::datagram));
    }
  }
  (void)hear(3, suspect{peer(2).id, 0, peer(3).id});
  (void)hear(4, suspect{peer(2).id, 0, peer(4).id});
  const actions out = run_until(wake);
  EXPECT_FALSE(told(out, notice_kind::paused));
  EXPECT_TRUE(told(out, notice_kind::down));
}

TEST_F(SwimRules, RowClockJumpOnlyTheEpochKnowsTheWallClock) {
  settings stepped = own_settings();
  stepped.wall_microseconds += 1'800'000'000;  // half an hour ahead
  restart_with(stepped);
  meet_peers(3);
  EXPECT_FALSE(told(run_for(900ms), notice_kind::down));
  EXPECT_EQ(node->size(), 4U);
}

TEST_F(SwimRules, RowDeadMemoryIsForgottenAfterADay) {
  meet_peers(2);
  (void)hear(1, dead{peer(2).id, 0, peer(1).id});
  settings s = own_settings();
  for (int hour = 0; hour < 25; ++hour) {
    now += 1h;
    (void)collect(node->tick(now));
  }
  EXPECT_EQ(state_of(peer(2).id), std::nullopt);
}

TEST_F(SwimRules, RowSmallClusterAsksItsOnlyRelay) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    random = seeded_random(seed);
    now = t0;
    restart_with(own_settings());
    meet_peers(2);
    (void)run_to_ping();
    ASSERT_EQ(sent<ping_request>(run_for(500ms)).size(), 1U) << seed;
  }
}

TEST_F(SwimRules, RowGossipQueueIsBoundedUnderAFloodOfMembers) {
  meet_peers(1);
  for (std::uint32_t n = 2; n < member_table::members_max + 100; ++n) (void)hear(1, alive{peer(n)});
  EXPECT_LE(node->rumour_count(), rumours::rumours_max);
  EXPECT_EQ(node->size(), member_table::members_max + 1);
  EXPECT_GT(node->counted().table_full, 0U);
}

TEST_F(SwimRules, RowReplayChangesNothing) {
  meet_peers(2);
  const member_record before = peer(2);
  const member_record refuted = at_incarnation(before, 1);
  (void)hear(1, suspect{before.id, 0, peer(1).id});
  (void)hear(2, alive{refuted});
  for (const message& old : {message(alive{before}), message(suspect{before.id, 0, peer(1).id}),
                             message(dead{before.id, 0, peer(1).id}), message(alive{refuted})}) {
    const actions out =
        collect(node->receive(now, host(1), begin_packet(1) + encode(old), channel::datagram));
    EXPECT_TRUE(out.notices.empty());
    EXPECT_EQ(state_of(before.id), status::alive);
    EXPECT_EQ(node->find(before.id)->record, refuted);
  }
}

TEST_F(SwimRules, RowTagConflictMakesTheLaterBootChangeItsTag) {
  meet_peers(1);
  member_record same = peer(3);
  same.tag = node->self().tag;
  const actions out = hear(1, alive{same});
  EXPECT_TRUE(told(out, notice_kind::tag_changed));
  EXPECT_NE(node->self().tag, same.tag);
  EXPECT_EQ(node->with_tag(same.tag).size(), 2U) << "old ids are still served: ask both";
  EXPECT_EQ(node->self().incarnation, 1U);
}

TEST_F(SwimRules, RowTagConflictLeavesTheEarlierBootAlone) {
  meet_peers(1);
  member_record same = peer(3);
  same.tag = node->self().tag;
  same.epoch = wall0 + 5000;
  EXPECT_FALSE(told(hear(1, alive{same}), notice_kind::tag_changed));
}

}  // namespace
}  // namespace gossamer::membership
