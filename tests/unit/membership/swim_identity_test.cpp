// Who is who: names, addresses, epochs, incarnations. One test or more for each row of the table of
// edge cases in docs/membership.md, named after it.
#include "tests/unit/membership/fixture.hpp"

namespace gossamer::membership {
namespace {

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

}  // namespace
}  // namespace gossamer::membership
