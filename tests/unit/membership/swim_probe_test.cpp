#include "tests/unit/membership/fixture.hpp"

namespace gossamer::membership {
namespace {

using SwimProbe = SwimRules;

/// Runs until the node pings somebody, and says whom and with what sequence.
std::pair<address, ping> next_ping(const actions& a) {
  const auto pings = sent<ping>(a);
  EXPECT_FALSE(pings.empty());
  return pings.empty() ? std::pair<address, ping>{} : pings.front();
}

TEST_F(SwimProbe, PingsOneMemberEachInterval) {
  meet_peers(3);
  std::size_t pings = 0;
  while (wake < t0 + 10s) {
    for (const auto& [to, m] : sent<ping>(run_until(wake))) {
      ++pings;
      (void)collect(node->receive(now, to, begin_packet(1) + encode(ack{m.sequence, m.target}),
                                  channel::datagram));
    }
  }
  EXPECT_EQ(pings, 10U);
  EXPECT_EQ(node->counted().probes_failed, 0U);
}

TEST_F(SwimProbe, AnswersAPingWithItsOwnId) {
  meet_peers(1);
  const auto acks = sent<ack>(hear(1, ping{77, node->self().id, peer(1).id}));
  ASSERT_EQ(acks.size(), 1U);
  EXPECT_EQ(acks[0].first, host(1));
  EXPECT_EQ(acks[0].second, (ack{77, node->self().id}));
}

TEST_F(SwimProbe, DoesNotAnswerForAnEarlierOwnerOfItsAddress) {
  meet_peers(1);
  const actions out = hear(1, ping{77, {9, 9}, peer(1).id});
  EXPECT_TRUE(sent<ack>(out).empty());
  const auto corrections = sent<alive>(out);
  ASSERT_FALSE(corrections.empty());
  EXPECT_EQ(corrections[0].second.record.id, node->self().id);
  EXPECT_EQ(node->counted().wrong_target, 1U);
}

TEST_F(SwimProbe, AsksRelaysAndTheLinkAfterTheTimeout) {
  meet_peers(4);
  const auto [to, first] = next_ping(run_to_ping());
  const actions later = run_for(400ms);
  EXPECT_EQ(sent<ping_request>(later).size(), 3U);
  for (const auto& [relay, request] : sent<ping_request>(later)) {
    EXPECT_NE(relay, to);
    EXPECT_EQ(request.target, first.target);
    EXPECT_EQ(request.patience, 320ms);
  }
  ASSERT_EQ(later.reliables.size(), 1U);
  EXPECT_EQ(later.reliables[0].to, to);
}

TEST_F(SwimProbe, TakesAnAckThroughARelayOrTheLink) {
  meet_peers(4);
  const auto [to, first] = next_ping(run_to_ping());
  (void)run_for(500ms);
  (void)collect(node->receive(now, to, begin_packet(1) + encode(ack{first.sequence, first.target}),
                              channel::link));
  (void)run_for(600ms);
  EXPECT_EQ(node->counted().probes_failed, 0U);
  EXPECT_EQ(node->counted().acks_by_link, 1U);
}

TEST_F(SwimProbe, IgnoresAnAckFromSomebodyElse) {
  meet_peers(4);
  const auto [to, first] = next_ping(run_to_ping());
  (void)collect(node->receive(now, to, begin_packet(1) + encode(ack{first.sequence, {9, 9}}),
                              channel::datagram));
  (void)run_for(1100ms);
  EXPECT_EQ(node->counted().probes_failed, 1U);
}

TEST_F(SwimProbe, RelaysAPingAndItsAck) {
  meet_peers(2);
  const actions asked = hear(1, ping_request{5, peer(2).id, host(2), peer(1).id, 320ms});
  const auto [to, m] = next_ping(asked);
  EXPECT_EQ(to, host(2));
  const auto acks = sent<ack>(hear(2, ack{m.sequence, peer(2).id}));
  ASSERT_EQ(acks.size(), 1U);
  EXPECT_EQ(acks[0].first, host(1));
  EXPECT_EQ(acks[0].second, (ack{5, peer(2).id}));
}

TEST_F(SwimProbe, SendsANackWhenTheTargetOfARelayIsSilent) {
  meet_peers(2);
  (void)hear(1, ping_request{5, peer(2).id, host(2), peer(1).id, 320ms});
  const time_point asked = now;
  std::vector<std::pair<address, nack>> nacks;
  while (nacks.empty() && now < asked + 1s) nacks = sent<nack>(run_until(wake));
  ASSERT_EQ(nacks.size(), 1U);
  EXPECT_EQ(nacks[0].first, host(1));
  EXPECT_EQ(nacks[0].second.sequence, 5U);
  EXPECT_EQ(now, asked + 320ms);
}

TEST_F(SwimProbe, BoundsTheRelaysItServes) {
  meet_peers(2);
  for (std::uint32_t n = 0; n < swim::relays_max + 10; ++n) {
    (void)hear(1, ping_request{n, peer(2).id, host(2), peer(1).id, 30s});
  }
  EXPECT_EQ(node->relay_count(), swim::relays_max);
  EXPECT_EQ(node->counted().relays_refused, 10U);
}

TEST_F(SwimProbe, DistrustsItselfWhenNacksAreMissing) {
  meet_peers(4);
  (void)run_to_ping();
  (void)run_for(1s);
  EXPECT_EQ(node->health(), 3U);
}

TEST_F(SwimProbe, TrustsItselfWhenAllRelaysSendNacks) {
  meet_peers(4);
  const auto [to, first] = next_ping(run_to_ping());
  const auto requests = sent<ping_request>(run_for(400ms));
  for (std::size_t i = 0; i < requests.size(); ++i) {
    (void)collect(node->receive(now, requests[i].first,
                                begin_packet(1) + encode(nack{first.sequence}), channel::datagram));
  }
  (void)run_for(600ms);
  EXPECT_EQ(node->counted().probes_failed, 1U);
  EXPECT_EQ(node->health(), 0U);
}

TEST_F(SwimProbe, TellsASuspectThatItIsOne) {
  meet_peers(1);
  (void)hear(1, suspect{peer(1).id, 0, peer(2).id});
  const actions out = run_for(1100ms);
  ASSERT_FALSE(sent<ping>(out).empty());
  const auto told_it = sent<suspect>(out);
  EXPECT_TRUE(std::any_of(told_it.begin(), told_it.end(), [&](const auto& m) {
    return m.first == host(1) && m.second.subject == peer(1).id;
  }));
}

TEST_F(SwimProbe, DeclaresASilentMemberDeadAfterSuspicion) {
  meet_peers(1);
  const time_point begun = now;
  const actions out = run_for(3s);
  EXPECT_TRUE(told(out, notice_kind::suspected));
  EXPECT_FALSE(told(out, notice_kind::down));
  EXPECT_TRUE(told(run_until(begun + 8s), notice_kind::down));
  EXPECT_EQ(state_of(peer(1).id), status::dead);
}

TEST_F(SwimProbe, ProbesAgainWhoComesBackFromDeath) {
  meet_peers(1);
  ASSERT_TRUE(told(run_for(8s), notice_kind::down));
  EXPECT_TRUE(sent<ping>(run_for(5s)).empty());
  member_record back = peer(1);
  back.incarnation = 1;
  ASSERT_TRUE(told(hear(1, alive{back}), notice_kind::up));
  const auto pings = sent<ping>(run_for(2s));
  ASSERT_FALSE(pings.empty());
  EXPECT_EQ(pings[0].first, host(1));
}

TEST_F(SwimProbe, ReportsBlockedDatagramsWhenOnlyLinksAnswer) {
  meet_peers(1);
  bool reported = false;
  for (int i = 0; i < 200 && !reported; ++i) {
    const actions out = run_until(wake);
    reported = reported || told(out, notice_kind::udp_blocked);
    for (const send_reliable& r : out.reliables) {
      const auto decoded = decode(r.payload, own_versions, link_payload_max);
      const auto* asked = std::get_if<ping>(&decoded->messages.at(0));
      if (asked == nullptr) continue;
      const actions heard = collect(node->receive(
          now, r.to, begin_packet(1) + encode(ack{asked->sequence, asked->target}), channel::link));
      reported = reported || told(heard, notice_kind::udp_blocked);
    }
  }
  EXPECT_TRUE(reported);
  EXPECT_EQ(node->counted().deaths, 0U);
}

}  // namespace
}  // namespace gossamer::membership
