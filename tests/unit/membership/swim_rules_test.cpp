// What a node believes of others and of itself: the plain rules. The table of edge cases in
// docs/membership.md has its tests in swim_identity_test.cpp and swim_rows_test.cpp.
#include "tests/unit/membership/fixture.hpp"

namespace gossamer::membership {
namespace {

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

TEST_F(SwimRules, SyncsOftenWhileMembersComeAndGo) {
  settings s = own_settings();
  s.timing.suspicion_multiplier = 1'000'000;  // nobody answers here, and nobody dies of it
  restart_with(s);
  meet_peers(150);
  const auto offers_in = [&](duration d) { return sent<sync_offer>(run_for(d)).size(); };
  EXPECT_GE(offers_in(30s), 3U) << "a joining node learns in 10 s what its first sync missed";
  (void)offers_in(40s);
  EXPECT_EQ(offers_in(400s), 10U) << "every 40 s while nothing happens";
  (void)hear(2, dead{peer(2).id, 0, peer(2).id});
  EXPECT_GE(offers_in(30s), 3U);
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
