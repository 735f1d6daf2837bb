// What a node believes of others and of itself. One test for each row of the table of edge cases
// in docs/membership.md, named after it, and the plain rules before them.
#include "tests/unit/membership/fixture.hpp"

namespace gossamer::membership {
namespace {

member_record at_incarnation(member_record r, std::uint64_t incarnation) {
  r.incarnation = incarnation;
  return r;
}

/// Another boot at the same address.
member_record reboot(member_record r, std::uint64_t id, std::uint64_t epoch) {
  r.id = {id, id};
  r.epoch = epoch;
  return r;
}

TEST_F(SwimRules, AnnouncesANewMemberAndPassesItOn) {
  meet_peers(1);
  const actions out = hear(1, alive{peer(2)});
  EXPECT_TRUE(told(out, notice_kind::up));
  EXPECT_EQ(state_of(peer(2).id), status::alive);
  EXPECT_EQ(node->rumour_count(), 1U);
}

TEST_F(SwimRules, IgnoresAccusationsOfStrangers) {
  meet_peers(1);
  (void)hear(1, suspect{peer(5).id, 0, peer(1).id});
  (void)hear(1, dead{peer(5).id, 0, peer(1).id});
  EXPECT_EQ(state_of(peer(5).id), std::nullopt);
  EXPECT_EQ(node->counted().unknown_subject, 2U);
  EXPECT_EQ(node->rumour_count(), 0U);
}

TEST_F(SwimRules, RefutesAnAccusationWithAHigherIncarnation) {
  meet_peers(2);
  const actions out = hear(1, suspect{node->self().id, 4, peer(1).id});
  EXPECT_TRUE(told(out, notice_kind::refuted));
  EXPECT_EQ(node->self().incarnation, 5U);
  const auto answers = sent<alive>(out);
  ASSERT_FALSE(answers.empty());
  EXPECT_EQ(answers[0].second.record.incarnation, 5U);
}

TEST_F(SwimRules, RefutesAClaimToAnIncarnationItNeverHad) {
  meet_peers(2);
  (void)hear(1, alive{at_incarnation(node->self(), 3)});
  EXPECT_EQ(node->self().incarnation, 4U);
}

TEST_F(SwimRules, AsksForTheNewsItMissedWhenItWasBelievedDead) {
  meet_peers(2);
  EXPECT_TRUE(sent<sync_offer>(hear(1, suspect{node->self().id, 0, peer(1).id})).empty());
  const auto offers = sent<sync_offer>(hear(1, dead{node->self().id, 1, peer(1).id}));
  ASSERT_EQ(offers.size(), 1U);
  EXPECT_EQ(offers[0].first, host(1));
}

/// Once, a node that missed a death waited for confirmations that nobody could give.
TEST_F(SwimRules, TellsWhoSuspectsTheDeadThatTheyAreDead) {
  meet_peers(3);
  (void)hear(1, dead{peer(2).id, 0, peer(1).id});
  (void)hear(1, dead{peer(3).id, 0, peer(3).id});
  (void)run_for(20s);
  const auto about_dead = sent<dead>(hear(1, suspect{peer(2).id, 0, peer(1).id}));
  ASSERT_FALSE(about_dead.empty());
  EXPECT_EQ(about_dead[0].second.from, node->self().id);
  const auto about_left = sent<dead>(hear(1, suspect{peer(3).id, 0, peer(1).id}));
  ASSERT_FALSE(about_left.empty());
  EXPECT_EQ(about_left[0].second.from, peer(3).id);
  EXPECT_TRUE(sent<dead>(hear(1, suspect{peer(2).id, 7, peer(1).id})).empty()) << "it lived since";
}

TEST_F(SwimRules, EndsASuspicionOnRefutation) {
  meet_peers(3);
  (void)hear(1, suspect{peer(2).id, 0, peer(1).id});
  EXPECT_EQ(state_of(peer(2).id), status::suspect);
  EXPECT_TRUE(told(hear(2, alive{at_incarnation(peer(2), 1)}), notice_kind::recovered));
  EXPECT_EQ(state_of(peer(2).id), status::alive);
}

TEST_F(SwimRules, LetsADeadMemberReturnWithAHigherIncarnation) {
  meet_peers(3);
  EXPECT_TRUE(told(hear(1, dead{peer(2).id, 0, peer(1).id}), notice_kind::down));
  EXPECT_FALSE(told(hear(1, alive{peer(2)}), notice_kind::up));
  EXPECT_TRUE(told(hear(2, alive{at_incarnation(peer(2), 1)}), notice_kind::up));
}

TEST_F(SwimRules, TellsADeadMemberThatPingsThatItIsBelievedDead) {
  meet_peers(3);
  (void)hear(1, dead{peer(2).id, 0, peer(1).id});
  const auto replies = sent<dead>(hear(2, ping{1, node->self().id, peer(2).id}));
  EXPECT_TRUE(std::any_of(replies.begin(), replies.end(), [](const auto& m) {
    return m.first == host(2) && m.second.subject == peer(2).id;
  }));
}

TEST_F(SwimRules, OffersASyncToAStrangerThatPings) {
  meet_peers(1);
  const auto offers = sent<sync_offer>(hear(7, ping{1, node->self().id, peer(7).id}));
  ASSERT_EQ(offers.size(), 1U);
  EXPECT_EQ(offers[0].first, host(7));
  EXPECT_TRUE(sent<sync_offer>(hear(8, ping{1, node->self().id, peer(8).id})).empty());
}

TEST_F(SwimRules, TakesTheDeadOfOthersAsSuspects) {
  meet_peers(3);
  const sync_state view{peer(1).id, false, {{status::dead, 5s, peer(2)}}};
  (void)hear(1, view, channel::link);
  EXPECT_EQ(state_of(peer(2).id), status::suspect);
}

TEST_F(SwimRules, EndsASyncAtAnEqualDigest) {
  meet_peers(1);
  const auto offered = sent<sync_same>(hear(1, sync_offer{peer(1), node->digest()}, channel::link));
  EXPECT_EQ(offered.size(), 1U);
  const auto different =
      sent<sync_state>(hear(1, sync_offer{peer(1), node->digest() + 1}, channel::link));
  ASSERT_EQ(different.size(), 1U);
  EXPECT_TRUE(different[0].second.answer);
  EXPECT_EQ(different[0].second.entries.size(), 2U);
}

TEST_F(SwimRules, BoundsTheSyncsItAnswers) {
  meet_peers(1);
  std::size_t answered = 0;
  for (std::size_t i = 0; i < swim::offers_per_second_max + 20; ++i) {
    answered += hear(1, sync_offer{peer(1), i}, channel::link).reliables.size();
  }
  EXPECT_EQ(answered, swim::offers_per_second_max);
  EXPECT_EQ(node->counted().offers_refused, 20U);
}

TEST_F(SwimRules, TakesSyncsOnlyFromLinks) {
  meet_peers(1);
  (void)hear(1, sync_same{peer(1).id}, channel::datagram);
  EXPECT_EQ(node->counted().misplaced, 1U);
}

TEST_F(SwimRules, StaysAliveOnGarbage) {
  meet_peers(2);
  for (int i = 0; i < 5000; ++i) {
    std::string junk(random.below(200), '\0');
    for (char& c : junk) c = static_cast<char>(random.next());
    if (!junk.empty()) junk[0] = 1;
    (void)collect(node->receive(now, host(3), junk, channel::datagram));
  }
  EXPECT_GT(node->counted().malformed, 1000U);
  EXPECT_LE(node->size(), 3U);
}

TEST_F(SwimRules, JoinsThroughASeedAndSaysSo) {
  settings s = own_settings();
  s.seeds = {host(200), host(1)};
  restart_with(s);
  const auto offers = sent<sync_offer>(start());
  ASSERT_EQ(offers.size(), 1U);
  EXPECT_EQ(offers[0].first, host(1));
  const actions out = hear(
      1, sync_state{peer(1).id, true, {{status::alive, 0s, peer(1)}, {status::alive, 0s, peer(2)}}},
      channel::link);
  EXPECT_TRUE(told(out, notice_kind::joined));
  EXPECT_EQ(sent<sync_state>(out).size(), 1U);
  EXPECT_EQ(node->size(), 3U);
  EXPECT_EQ(node->rumour_count(), 0U) << "what a first sync brings is not gossiped again";
}

TEST_F(SwimRules, TriesItsSeedsUntilOneAnswers) {
  settings s = own_settings();
  s.seeds = {host(1)};
  restart_with(s);
  (void)start();
  EXPECT_GE(sent<sync_offer>(run_for(10s)).size(), 5U);
}

// The table of edge cases.

TEST_F(SwimRules, RowSameNameOtherAddressMakesTheLaterBootExit) {
  meet_peers(2);
  member_record twin = peer(3);
  twin.name = "self";
  (void)hear(1, alive{twin});
  EXPECT_EQ(node->with_tag(node->self().tag).size(), 1U);
  bool asked = false;
  bool exits = false;
  for (int i = 0; i < 40 && !exits; ++i) {
    for (const auto& [to, m] : sent<ping>(run_until(wake))) {
      asked = asked || to == host(3);
      const actions out = collect(node->receive(
          now, to, begin_packet(1) + encode(ack{m.sequence, m.target}), channel::datagram));
      exits = exits || told(out, notice_kind::name_taken);
    }
  }
  EXPECT_TRUE(asked);
  EXPECT_TRUE(exits);
  EXPECT_TRUE(told(run_for(2s), notice_kind::left_cluster));
}

TEST_F(SwimRules, RowSameNameOtherAddressOnlyCountsIfTheEarlierOneAnswers) {
  meet_peers(2);
  member_record twin = peer(3);
  twin.name = "self";
  (void)hear(1, alive{twin});
  const actions out = run_for(60s);  // nobody answers
  EXPECT_FALSE(told(out, notice_kind::name_taken));
  EXPECT_EQ(state_of(twin.id), status::dead);
}

TEST_F(SwimRules, RowSameNameOtherAddressIsReportedByTheEarlierBoot) {
  meet_peers(2);
  member_record twin = peer(3);
  twin.name = "self";
  twin.epoch = wall0 + 5000;
  EXPECT_TRUE(told(hear(1, alive{twin}), notice_kind::name_conflict));
  EXPECT_FALSE(told(run_for(30s), notice_kind::left_cluster));
}

TEST_F(SwimRules, RowFastRestartReplacesTheOldBootAtOnce) {
  meet_peers(2);
  const member_record second = reboot(peer(2), 22, wall0 + 1);
  const actions out = hear(2, alive{second});
  EXPECT_TRUE(told(out, notice_kind::replaced));
  EXPECT_TRUE(told(out, notice_kind::up));
  EXPECT_EQ(state_of(peer(2).id), status::left);
  EXPECT_EQ(state_of(second.id), status::alive);
}

TEST_F(SwimRules, RowFastRestartSurvivesFiveRounds) {
  meet_peers(2);
  for (std::uint64_t round = 1; round <= 5; ++round) {
    (void)hear(2, alive{reboot(peer(2), 100 + round, wall0 + round)});
    EXPECT_EQ(node->size(), 3U);
  }
  EXPECT_EQ(state_of({105, 105}), status::alive);
}

TEST_F(SwimRules, RowMassRestartDropsRumoursAboutOlderBoots) {
  meet_peers(2);
  (void)hear(2, alive{reboot(peer(2), 22, wall0 + 1)});
  (void)run_for(20s);
  const std::size_t before = node->rumour_count();
  (void)hear(1, alive{at_incarnation(peer(2), 50)});
  (void)hear(1, suspect{peer(2).id, 60, peer(1).id});
  (void)hear(1, alive{reboot(peer(2), 21, wall0)});
  EXPECT_EQ(node->counted().stale_epoch, 1U);
  EXPECT_EQ(node->rumour_count(), before) << "not gossiped again";
  EXPECT_EQ(state_of({21, 21}), std::nullopt);
  EXPECT_EQ(state_of(peer(2).id), status::left);
}

TEST_F(SwimRules, RowMassRestartTellsAnOlderBootWhoHoldsItsAddress) {
  meet_peers(2);
  const auto replies =
      sent<alive>(hear(2, sync_offer{reboot(peer(2), 9, wall0 - 5), 0}, channel::link));
  ASSERT_EQ(replies.size(), 1U);
  EXPECT_EQ(replies[0].second.record.id, peer(2).id);
}

/// Once, a node that ran with an early clock was not told by the only one who knew better.
TEST_F(SwimRules, RowMassRestartTellsAnOlderBootThatOthersBelieveIn) {
  meet_peers(2);
  const sync_state view{peer(1).id, false, {{status::alive, 0s, reboot(peer(2), 9, wall0 - 5)}}};
  const auto claims = sent<alive>(hear(1, view, channel::link));
  ASSERT_EQ(claims.size(), 1U);
  EXPECT_EQ(claims[0].first, host(2));
  EXPECT_EQ(claims[0].second.record.id, peer(2).id);
}

TEST_F(SwimRules, RowMassRestartRenewsANodeWhoseClockWasBehind) {
  meet_peers(2);
  member_record earlier = node->self();
  earlier.id = {77, 77};
  earlier.epoch += 1'000'000;  // its last boot had a clock one second ahead
  const node_id old_id = node->self().id;
  const actions out = hear(1, alive{earlier});
  EXPECT_TRUE(told(out, notice_kind::renewed));
  EXPECT_NE(node->self().id, old_id);
  EXPECT_EQ(node->self().epoch, earlier.epoch + 1);
  earlier.epoch += 1'000'000;
  EXPECT_TRUE(told(hear(1, alive{earlier}), notice_kind::address_contest)) << "only once in 10 s";
}

/// Once, a node with a late clock renewed itself below the epoch that ended it each time.
TEST_F(SwimRules, RowMassRestartTakesAnEpochAboveAClaimThatCameTooEarly) {
  meet_peers(2);
  member_record claim = node->self();
  claim.id = {77, 77};
  claim.epoch += 1'000'000;
  (void)hear(1, alive{claim});
  claim.epoch += 60'000'000;
  EXPECT_TRUE(told(hear(1, alive{claim}), notice_kind::address_contest));
  const node_id id = node->self().id;
  EXPECT_TRUE(told(hear(1, dead{id, 0, id}), notice_kind::renewed));
  EXPECT_EQ(node->self().epoch, claim.epoch + 1);
}

/// Once, a node that was away believed in an old boot whose successor was dead already.
TEST_F(SwimRules, RowMassRestartEndsABootWhoseSuccessorIsGone) {
  meet_peers(3);
  const member_record second = reboot(peer(2), 22, wall0 + 1);
  const actions out =
      hear(1, sync_state{peer(1).id, false, {{status::dead, 5s, second}}}, channel::link);
  EXPECT_TRUE(told(out, notice_kind::replaced));
  EXPECT_FALSE(told(out, notice_kind::up));
  EXPECT_EQ(state_of(peer(2).id), status::left);
  EXPECT_EQ(state_of(peer(3).id), status::alive);
}

TEST_F(SwimRules, RowMassRestartIgnoresItsOwnGhost) {
  meet_peers(2);
  member_record ghost = node->self();
  ghost.id = {77, 77};
  ghost.epoch -= 1;
  const actions out = hear(1, alive{ghost});
  EXPECT_FALSE(told(out, notice_kind::renewed));
  EXPECT_EQ(state_of(ghost.id), std::nullopt);
}

TEST_F(SwimRules, RowAbsurdEpochIsRefusedAndReported) {
  meet_peers(1);
  const std::uint64_t hour = 3'600'000'000;
  EXPECT_TRUE(
      told(hear(1, alive{reboot(peer(3), 3, wall0 + 2 * hour)}), notice_kind::epoch_refused));
  EXPECT_EQ(state_of({3, 3}), std::nullopt);
  EXPECT_EQ(node->counted().absurd_epoch, 1U);
  (void)hear(1, alive{reboot(peer(3), 3, wall0 + hour / 2)});
  EXPECT_EQ(state_of({3, 3}), status::alive);
}

TEST_F(SwimRules, RowAbsurdIncarnationIsIgnoredAndCounted) {
  meet_peers(2);
  const std::uint64_t jump = swim::incarnation_jump_max + 1;
  (void)hear(1, alive{at_incarnation(peer(2), jump)});
  (void)hear(1, suspect{peer(2).id, jump, peer(1).id});
  (void)hear(1, dead{peer(2).id, jump, peer(1).id});
  (void)hear(1, suspect{node->self().id, jump, peer(1).id});
  EXPECT_EQ(node->counted().absurd_incarnation, 4U);
  EXPECT_EQ(node->find(peer(2).id)->record.incarnation, 0U);
  EXPECT_EQ(node->self().incarnation, 0U);
  (void)hear(1, alive{at_incarnation(peer(2), swim::incarnation_jump_max)});
  EXPECT_EQ(node->find(peer(2).id)->record.incarnation, swim::incarnation_jump_max);
}

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

TEST_F(SwimRules, DrainedMembersAreNotChosenAsRelays) {
  meet_peers(3);
  for (std::uint32_t n = 2; n <= 3; ++n) {
    member_record draining = at_incarnation(peer(n), 1);
    draining.leaving = true;
    EXPECT_TRUE(told(hear(n, alive{draining}), notice_kind::updated));
  }
  for (int i = 0; i < 8; ++i) {
    for (const auto& [to, m] : sent<ping_request>(run_for(1s))) EXPECT_EQ(to, host(1));
  }
}

TEST_F(SwimRules, SpreadsNewMetadata) {
  meet_peers(1);
  const actions out = collect(node->set_metadata(now, "port=9"));
  const auto words = sent<alive>(out);
  ASSERT_FALSE(words.empty());
  EXPECT_EQ(words[0].second.record.metadata, "port=9");
  EXPECT_EQ(words[0].second.record.incarnation, 1U);
}

}  // namespace
}  // namespace gossamer::membership
