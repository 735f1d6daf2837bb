// Sessions of revision 3: what differs from revision 4.

#include "gateway/engineio/session.hpp"
#include "runtime/base/limits.hpp"

#include <gtest/gtest.h>

namespace gossamer::engineio {
namespace {

using namespace std::chrono_literals;
using enum effect;

constexpr packet text_message{packet_type::message, packet::form::text, "hi"};
constexpr packet ping{packet_type::ping, packet::form::text, ""};
constexpr packet probe_ping{packet_type::ping, packet::form::text, "probe"};
constexpr packet pong{packet_type::pong, packet::form::text, ""};
constexpr packet upgrade{packet_type::upgrade, packet::form::text, ""};

const options defaults;  // 25 s and 20 s
const time_point t0{1000s};

session old_on(transport_name transport) {
  return {defaults, transport, 25s, t0, 3};
}

TEST(EngineioOldSession, SaysItsRevision) {
  EXPECT_EQ(old_on(transport_name::polling).revision(), 3);
}

TEST(EngineioOldSession, AnswersPings) {
  session s = old_on(transport_name::websocket);
  EXPECT_EQ(s.receive(channel::transport, ping, t0), effects{send_pong});
  EXPECT_EQ(s.receive(channel::transport, probe_ping, t0), effects{send_pong});
}

TEST(EngineioOldSession, NeverPings) {
  session s = old_on(transport_name::websocket);
  for (int second = 0; second < 200; second += 20) {
    EXPECT_TRUE(s.tick(t0 + std::chrono::seconds(second)).empty());
    EXPECT_EQ(s.receive(channel::transport, ping, t0 + std::chrono::seconds(second)),
              effects{send_pong});
  }
}

TEST(EngineioOldSession, ClosesWithoutAPingForIntervalAndTimeout) {
  session s = old_on(transport_name::polling);
  EXPECT_EQ(s.deadline(), t0 + 45s);
  EXPECT_TRUE(s.tick(t0 + 44s).empty());
  EXPECT_EQ(s.receive(channel::transport, ping, t0 + 44s), effects{send_pong});
  EXPECT_EQ(s.deadline(), t0 + 89s);
  EXPECT_TRUE(s.tick(t0 + 88s).empty());
  EXPECT_EQ(s.tick(t0 + 89s), effects{closed});
  EXPECT_EQ(s.cause(), close_cause::ping_timeout);
}

TEST(EngineioOldSession, OtherPacketsAreNoPings) {
  session s = old_on(transport_name::websocket);
  EXPECT_EQ(s.receive(channel::transport, text_message, t0 + 40s), effects{deliver});
  EXPECT_EQ(s.tick(t0 + 45s), (effects{close_websocket, closed}));
}

TEST(EngineioOldSession, KeepsItsDeadlineAcrossAnUpgrade) {
  session s = old_on(transport_name::polling);
  EXPECT_EQ(s.websocket_arrived(t0), effects{accept_probe});
  EXPECT_EQ(s.receive(channel::probe, probe_ping, t0), effects{send_probe_pong});
  EXPECT_EQ(s.receive(channel::probe, upgrade, t0 + 1s), effects{adopt_probe});
  EXPECT_EQ(s.deadline(), t0 + 45s);
  EXPECT_EQ(s.tick(t0 + 45s), (effects{close_websocket, closed}));
  EXPECT_EQ(s.cause(), close_cause::ping_timeout);
}

TEST(EngineioOldSession, ClosesOnAPong) {
  session s = old_on(transport_name::websocket);
  EXPECT_EQ(s.receive(channel::transport, pong, t0), (effects{close_websocket, closed}));
  EXPECT_EQ(s.cause(), close_cause::wrong_heartbeat);
}

TEST(EngineioOldSession, TakesBinaryPosts) {
  session s = old_on(transport_name::polling);
  EXPECT_TRUE(s.post_arrived(true).empty());
  EXPECT_EQ(s.receive(channel::transport, text_message, t0), effects{deliver});
  EXPECT_TRUE(s.post_finished().empty());
}

}  // namespace
}  // namespace gossamer::engineio
