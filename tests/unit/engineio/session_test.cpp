#include "gateway/engineio/session.hpp"

#include "runtime/base/limits.hpp"

#include <gtest/gtest.h>

#include <ostream>

namespace gossamer::engineio {

void PrintTo(const effects& list, std::ostream* out) {
  *out << "{";
  for (const effect e : list) *out << " " << static_cast<int>(e);
  *out << " }";
}

namespace {

using namespace std::chrono_literals;
using enum effect;

constexpr packet text_message{packet_type::message, packet::form::text, "hi"};
constexpr packet ping{packet_type::ping, packet::form::text, ""};
constexpr packet probe_ping{packet_type::ping, packet::form::text, "probe"};
constexpr packet pong{packet_type::pong, packet::form::text, ""};
constexpr packet upgrade{packet_type::upgrade, packet::form::text, ""};
constexpr packet close_packet{packet_type::close, packet::form::text, ""};
constexpr packet noop{packet_type::noop, packet::form::text, ""};

const options defaults;
const time_point t0{1000s};

session on_polling() {
  return {defaults, transport_name::polling, 25s, t0};
}
session on_websocket() {
  return {defaults, transport_name::websocket, 25s, t0};
}
// A session whose probe was answered at t0, with no poll waiting.
session probed() {
  session s = on_polling();
  EXPECT_EQ(s.websocket_arrived(t0), effects{accept_probe});
  EXPECT_EQ(s.receive(channel::probe, probe_ping, t0), effects{send_probe_pong});
  return s;
}

// ---- heartbeat ----

TEST(EngineioSession, ClosesWhenPongIsOverdue) {
  session s = on_websocket();

  EXPECT_TRUE(s.tick(t0 + 24s).empty());
  EXPECT_EQ(s.tick(t0 + 25s), effects{send_ping});
  EXPECT_TRUE(s.tick(t0 + 44s).empty());
  EXPECT_EQ(s.tick(t0 + 45s), (effects{close_websocket, closed}));
  EXPECT_EQ(s.cause(), close_cause::ping_timeout);
}

TEST(EngineioSession, PingsAgainAnIntervalAfterThePong) {
  session s = on_websocket();
  EXPECT_EQ(s.tick(t0 + 25s), effects{send_ping});
  EXPECT_TRUE(s.receive(channel::transport, pong, t0 + 30s).empty());
  EXPECT_EQ(s.deadline(), t0 + 55s);
  EXPECT_EQ(s.tick(t0 + 55s), effects{send_ping});
}

TEST(EngineioSession, FirstPingMayComeEarly) {
  session s(defaults, transport_name::polling, 21s, t0);
  EXPECT_EQ(s.deadline(), t0 + 21s);
  EXPECT_EQ(s.tick(t0 + 21s), effects{send_ping});
}

TEST(EngineioSession, AnyPacketExtendsThePongDeadlineOnce) {
  session s = on_websocket();
  EXPECT_EQ(s.tick(t0 + 25s), effects{send_ping});
  EXPECT_EQ(s.receive(channel::transport, text_message, t0 + 40s), effects{deliver});
  EXPECT_EQ(s.receive(channel::transport, text_message, t0 + 50s), effects{deliver});
  EXPECT_TRUE(s.tick(t0 + 59s).empty());
  EXPECT_EQ(s.tick(t0 + 60s), (effects{close_websocket, closed}));
}

TEST(EngineioSession, EachPingMayBeExtendedAgain) {
  session s = on_websocket();
  for (time_point at = t0 + 25s; at < t0 + 300s; at += 60s) {
    EXPECT_EQ(s.tick(at), effects{send_ping});
    EXPECT_EQ(s.receive(channel::transport, text_message, at + 19s), effects{deliver});
    EXPECT_TRUE(s.tick(at + 34s).empty());
    EXPECT_TRUE(s.receive(channel::transport, pong, at + 35s).empty());
  }
  EXPECT_TRUE(s.open());
}

TEST(EngineioSession, KeepsThePongDeadlineAcrossAnUpgrade) {
  session s = on_polling();
  EXPECT_EQ(s.websocket_arrived(t0 + 24s), effects{accept_probe});
  EXPECT_EQ(s.tick(t0 + 25s), effects{send_ping});
  EXPECT_EQ(s.receive(channel::probe, probe_ping, t0 + 26s), effects{send_probe_pong});
  EXPECT_EQ(s.receive(channel::probe, upgrade, t0 + 26s), effects{adopt_probe});
  EXPECT_EQ(s.tick(t0 + 45s), (effects{close_websocket, closed}));
}

TEST(EngineioSession, RefusesAPingFromTheClient) {
  session s = on_websocket();
  EXPECT_EQ(s.receive(channel::transport, ping, t0), (effects{close_websocket, closed}));
  EXPECT_EQ(s.cause(), close_cause::wrong_heartbeat);
}

// ---- packets ----

TEST(EngineioSession, IgnoresPacketsWithoutMeaning) {
  session s = on_websocket();
  for (const packet in : {noop, upgrade, packet{packet_type::open, packet::form::text, "{}"}}) {
    EXPECT_TRUE(s.receive(channel::transport, in, t0).empty());
  }
  EXPECT_TRUE(s.open());
}

TEST(EngineioSession, ClosesOnGarbage) {
  session s = on_websocket();
  EXPECT_EQ(s.receive_garbage(channel::transport), (effects{close_websocket, closed}));
  EXPECT_EQ(s.cause(), close_cause::bad_packet);
}

TEST(EngineioSession, RefusesAPostWithGarbage) {
  session s = on_polling();
  EXPECT_TRUE(s.poll_arrived(true, t0).empty());
  EXPECT_TRUE(s.post_arrived(false).empty());
  EXPECT_EQ(s.receive(channel::transport, text_message, t0), effects{deliver});
  EXPECT_EQ(s.receive_garbage(channel::transport),
            (effects{refuse_request, answer_poll_close, closed}));
  EXPECT_TRUE(s.receive(channel::transport, text_message, t0).empty());
  EXPECT_TRUE(s.post_finished().empty());
}

TEST(EngineioSession, ClosePacketEndsThePollWithNoop) {
  session s = on_polling();
  EXPECT_TRUE(s.poll_arrived(true, t0).empty());
  EXPECT_TRUE(s.post_arrived(false).empty());
  EXPECT_EQ(s.receive(channel::transport, close_packet, t0), (effects{answer_poll_noop, closed}));
  EXPECT_EQ(s.cause(), close_cause::client_closed);
  EXPECT_TRUE(s.post_finished().empty());
}

TEST(EngineioSession, ClosePacketEndsTheWebSocket) {
  session s = on_websocket();
  EXPECT_EQ(s.receive(channel::transport, close_packet, t0), (effects{close_websocket, closed}));
  EXPECT_EQ(s.cause(), close_cause::client_closed);
}

// ---- polls and posts ----

TEST(EngineioSession, AnswersAPollWithTheOutbox) {
  session s = on_polling();
  EXPECT_TRUE(s.outbox_filled().empty());
  EXPECT_EQ(s.poll_arrived(false, t0), effects{answer_poll});
  EXPECT_TRUE(s.poll_arrived(true, t0).empty());
  EXPECT_TRUE(s.poll_waiting());
  EXPECT_EQ(s.outbox_filled(), effects{answer_poll});
  EXPECT_FALSE(s.poll_waiting());
}

TEST(EngineioSession, DiesOfOverlappingPolls) {
  session s = on_polling();
  EXPECT_TRUE(s.poll_arrived(true, t0).empty());
  EXPECT_EQ(s.poll_arrived(true, t0), (effects{refuse_request, answer_poll_close, closed}));
  EXPECT_EQ(s.cause(), close_cause::poll_overlap);
}

TEST(EngineioSession, DiesOfOverlappingPosts) {
  session s = on_polling();
  EXPECT_TRUE(s.post_arrived(false).empty());
  EXPECT_EQ(s.post_arrived(false), (effects{refuse_request, closed}));
  EXPECT_EQ(s.cause(), close_cause::post_overlap);
}

TEST(EngineioSession, PostsOneAfterTheOther) {
  session s = on_polling();
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(s.post_arrived(false).empty());
    EXPECT_EQ(s.receive(channel::transport, text_message, t0), effects{deliver});
    EXPECT_TRUE(s.post_finished().empty());
  }
}

TEST(EngineioSession, DiesOfAnAbortedPoll) {
  session s = on_polling();
  EXPECT_TRUE(s.poll_aborted().empty());
  EXPECT_TRUE(s.poll_arrived(true, t0).empty());
  EXPECT_EQ(s.poll_aborted(), effects{closed});
  EXPECT_EQ(s.cause(), close_cause::poll_aborted);
}

TEST(EngineioSession, DiesOfAnAbortedPost) {
  session s = on_polling();
  EXPECT_TRUE(s.post_arrived(false).empty());
  EXPECT_EQ(s.post_aborted(), effects{closed});
  EXPECT_EQ(s.cause(), close_cause::post_aborted);
}

TEST(EngineioSession, RefusesAnOctetStream) {
  session s = on_polling();
  EXPECT_EQ(s.post_arrived(true), (effects{refuse_request, closed}));
  EXPECT_EQ(s.cause(), close_cause::bad_content);
}

TEST(EngineioSession, RefusesRequestsAfterTheEnd) {
  session s = on_polling();
  EXPECT_EQ(s.abort(close_cause::slow_client), effects{closed});
  EXPECT_EQ(s.poll_arrived(true, t0), effects{refuse_request});
  EXPECT_EQ(s.post_arrived(false), effects{refuse_request});
  EXPECT_EQ(s.websocket_arrived(t0), effects{refuse_websocket});
  EXPECT_EQ(s.refuses({}), errc::unknown_sid);
  EXPECT_TRUE(s.receive(channel::transport, text_message, t0).empty());
  EXPECT_TRUE(s.tick(t0 + 1h).empty());
  EXPECT_EQ(s.deadline(), time_point::max());
}

// ---- upgrade ----

TEST(EngineioSession, UpgradesAfterTheProbe) {
  session s = on_polling();
  EXPECT_TRUE(s.poll_arrived(true, t0).empty());
  EXPECT_EQ(s.websocket_arrived(t0), effects{accept_probe});
  EXPECT_EQ(s.receive(channel::probe, probe_ping, t0),
            (effects{send_probe_pong, answer_poll_noop}));
  EXPECT_EQ(s.receive(channel::probe, upgrade, t0), effects{adopt_probe});
  EXPECT_EQ(s.transport(), transport_name::websocket);
  EXPECT_FALSE(s.upgrading());
}

TEST(EngineioSession, EndsEveryPollOfAProbedUpgrade) {
  session s = on_polling();
  EXPECT_TRUE(s.poll_arrived(true, t0).empty());
  EXPECT_EQ(s.websocket_arrived(t0), effects{accept_probe});
  EXPECT_EQ(s.receive(channel::probe, probe_ping, t0),
            (effects{send_probe_pong, answer_poll_noop}));

  EXPECT_TRUE(s.poll_arrived(true, t0 + 10ms).empty());
  EXPECT_EQ(s.deadline(), t0 + 100ms);
  EXPECT_EQ(s.tick(t0 + 100ms), effects{answer_poll_noop});
  EXPECT_TRUE(s.poll_arrived(true, t0 + 120ms).empty());
  EXPECT_TRUE(s.tick(t0 + 199ms).empty());
  EXPECT_EQ(s.tick(t0 + 200ms), effects{answer_poll_noop});
  EXPECT_EQ(s.poll_arrived(true, t0 + 500ms), effects{answer_poll_noop});
}

TEST(EngineioSession, SendsMessagesByPollingUntilTheUpgradePacket) {
  session s = probed();
  EXPECT_TRUE(s.outbox_filled().empty());
  EXPECT_EQ(s.poll_arrived(false, t0), effects{answer_poll});
}

TEST(EngineioSession, AnswersAPollThatWaitsAtTheUpgradePacket) {
  session s = probed();
  EXPECT_EQ(s.poll_arrived(true, t0), effects{answer_poll_noop});
  EXPECT_TRUE(s.poll_arrived(true, t0 + 1ms).empty());
  EXPECT_EQ(s.receive(channel::probe, upgrade, t0 + 2ms), (effects{answer_poll_noop, adopt_probe}));
}

TEST(EngineioSession, StaysOnPollingWhenTheProbeMisbehaves) {
  for (const packet in : {text_message, ping, pong, close_packet, noop}) {
    session s = probed();
    EXPECT_EQ(s.receive(channel::probe, in, t0), effects{close_probe});
    EXPECT_EQ(s.transport(), transport_name::polling);
    EXPECT_TRUE(s.poll_arrived(true, t0).empty());
    EXPECT_EQ(s.websocket_arrived(t0), effects{accept_probe}) << "may try again";
  }
  session s = probed();
  EXPECT_EQ(s.receive_garbage(channel::probe), effects{close_probe});
  EXPECT_TRUE(s.receive(channel::probe, upgrade, t0).empty());
}

TEST(EngineioSession, StaysOnPollingWhenTheProbeIsLost) {
  session s = probed();
  EXPECT_TRUE(s.websocket_lost(channel::probe, close_cause::websocket_closed).empty());
  EXPECT_FALSE(s.upgrading());
  EXPECT_TRUE(s.poll_arrived(true, t0).empty());
  EXPECT_EQ(s.deadline(), t0 + 25s);
}

TEST(EngineioSession, UpgradeTimeoutClosesOnlyTheProbe) {
  session s = probed();
  EXPECT_EQ(s.deadline(), t0 + 10s);
  EXPECT_EQ(s.tick(t0 + 10s), effects{close_probe});
  EXPECT_TRUE(s.open());
  EXPECT_EQ(s.deadline(), t0 + 25s);
}

TEST(EngineioSession, ClosesASecondWebSocketAndLives) {
  session s = on_polling();
  EXPECT_EQ(s.websocket_arrived(t0), effects{accept_probe});
  EXPECT_EQ(s.websocket_arrived(t0), effects{refuse_websocket});
  EXPECT_EQ(s.receive(channel::probe, probe_ping, t0), effects{send_probe_pong});
  EXPECT_EQ(s.websocket_arrived(t0), effects{refuse_websocket});
  EXPECT_EQ(s.receive(channel::probe, upgrade, t0), effects{adopt_probe});
  EXPECT_EQ(s.websocket_arrived(t0), effects{refuse_websocket});
  EXPECT_EQ(on_websocket().websocket_arrived(t0), effects{refuse_websocket});
  EXPECT_TRUE(s.open());
}

TEST(EngineioSession, HoldsTheWebSocketUntilAnOlderPostIsIn) {
  session s = probed();
  EXPECT_TRUE(s.post_arrived(false).empty());
  EXPECT_EQ(s.receive(channel::probe, upgrade, t0), (effects{adopt_probe, hold_websocket}));
  EXPECT_EQ(s.receive(channel::transport, text_message, t0), effects{deliver});
  EXPECT_EQ(s.post_finished(), effects{release_websocket});
  EXPECT_TRUE(s.post_finished().empty());
}

TEST(EngineioSession, LivesOnWhenAPostOfBeforeTheUpgradeIsAborted) {
  session s = probed();
  EXPECT_TRUE(s.post_arrived(false).empty());
  EXPECT_EQ(s.receive(channel::probe, upgrade, t0), (effects{adopt_probe, hold_websocket}));
  EXPECT_EQ(s.post_aborted(), effects{release_websocket});
  EXPECT_TRUE(s.open());
}

TEST(EngineioSession, EndsWithItsWebSocket) {
  session s = on_websocket();
  EXPECT_EQ(s.websocket_lost(channel::transport, close_cause::websocket_closed), effects{closed});
  EXPECT_EQ(s.cause(), close_cause::websocket_closed);
}

// ---- close from above ----

TEST(EngineioSession, ClosesAWaitingPollAtOnce) {
  session s = on_polling();
  EXPECT_TRUE(s.poll_arrived(true, t0).empty());
  EXPECT_EQ(s.close(close_cause::application, t0), (effects{answer_poll_close, closed}));
  EXPECT_TRUE(s.close(close_cause::application, t0).empty());
}

TEST(EngineioSession, ClosesWithTheNextPoll) {
  session s = on_polling();
  EXPECT_TRUE(s.close(close_cause::application, t0).empty());
  EXPECT_FALSE(s.open());
  EXPECT_TRUE(s.receive(channel::transport, text_message, t0).empty());
  EXPECT_EQ(s.poll_arrived(true, t0 + 29s), (effects{answer_late_close, closed}));
  EXPECT_EQ(s.cause(), close_cause::application);
}

// Clients act on a close packet before they act on messages of the same payload.
TEST(EngineioSession, AnswersAPollWithWhatIsQueuedBeforeItCloses) {
  session s = on_polling();
  EXPECT_TRUE(s.close(close_cause::application, t0).empty());
  EXPECT_EQ(s.poll_arrived(false, t0 + 1s), effects{answer_poll});
  EXPECT_EQ(s.poll_arrived(true, t0 + 2s), (effects{answer_late_close, closed}));
}

TEST(EngineioSession, WaitsThirtySecondsForThatPoll) {
  session s = on_polling();
  EXPECT_TRUE(s.close(close_cause::application, t0).empty());
  EXPECT_EQ(s.deadline(), t0 + 30s);
  EXPECT_TRUE(s.tick(t0 + 29s).empty());
  EXPECT_EQ(s.tick(t0 + 30s), effects{closed});
  EXPECT_EQ(s.cause(), close_cause::application);
}

TEST(EngineioSession, ClosesOverAnUpgradeThatCompletes) {
  session s = probed();
  EXPECT_TRUE(s.close(close_cause::application, t0).empty());
  EXPECT_EQ(s.receive(channel::probe, upgrade, t0),
            (effects{adopt_probe, close_websocket, closed}));
}

TEST(EngineioSession, ClosesTheProbeToo) {
  session s = probed();
  EXPECT_EQ(s.poll_arrived(true, t0), effects{answer_poll_noop});
  EXPECT_TRUE(s.poll_arrived(true, t0).empty());
  EXPECT_EQ(s.close(close_cause::application, t0),
            (effects{answer_poll_close, close_probe, closed}));
}

TEST(EngineioSession, ClosesAWebSocketAtOnce) {
  session s = on_websocket();
  EXPECT_EQ(s.close(close_cause::shutting_down, t0), (effects{close_websocket, closed}));
  EXPECT_EQ(s.cause(), close_cause::shutting_down);
}

TEST(EngineioSession, CanBeCutOffWhileItCloses) {
  session s = on_polling();
  EXPECT_TRUE(s.close(close_cause::application, t0).empty());
  EXPECT_EQ(s.abort(close_cause::shutting_down), effects{closed});
  EXPECT_TRUE(s.abort(close_cause::shutting_down).empty());
}

TEST(EngineioSession, IsSmall) {
  EXPECT_LE(sizeof(session), 64U);
}

}  // namespace
}  // namespace gossamer::engineio
