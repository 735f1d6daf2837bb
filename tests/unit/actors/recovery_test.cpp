// Clients that drop and come back: the wire, once only, on another lane, under load.
#include "actors/recovery.hpp"

#include "tests/unit/actors/fake_clients.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <thread>

namespace gossamer {
namespace {

using test::fake_client;
using test::world;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;
using strings = std::vector<std::string>;

detail::socketio_options with_recovery(connection_state_recovery_options how = {}) {
  detail::socketio_options all;
  all.recovery = how;
  return all;
}

std::string field(const std::string& packet, const std::string& name) {
  const auto key = "\"" + name + "\":\"";
  const auto at = packet.find(key);
  if (at == std::string::npos) return {};
  const auto from = at + key.size();
  return packet.substr(from, packet.find('"', from) - from);
}

// The last argument of `42["name",...,"offset"]`.
std::string offset_of_packet(const std::string& packet) {
  const auto end = packet.rfind('"');
  const auto begin = packet.rfind('"', end - 1);
  return packet.substr(begin + 1, end - begin - 1);
}
std::string without_offset(const std::string& packet) {
  return packet.substr(0, packet.rfind(",\"")) + "]";
}

struct visitor {
  std::string pid;
  std::string sid;
  std::string offset;
  void connected(const std::string& packet) {
    pid = field(packet, "pid");
    sid = field(packet, "sid");
  }
  [[nodiscard]] std::string ticket() const {
    return R"(0{"pid":")" + pid + R"(","offset":")" + offset + "\"}";
  }
};

visitor enters(fake_client& client) {
  client.says("0");
  visitor made;
  made.connected(client.received().back());
  return made;
}

class recovering : public testing::Test {
 protected:
  void run(connection_state_recovery_options how = {}) {
    made = std::make_unique<world>(2, with_recovery(how));
    made->of("/").on_connection([this](socket s) {
      if (s.recovered()) {
        ++recovered;
        rooms = s.rooms();
        data = s.data();
      }
      if (s.recovered()) return;
      (void)s.join("room");
      s.data()["name"] = "anna";
    });
    made->start();
  }
  void emit(const std::string& text) {
    ASSERT_FALSE(made->of("/").to("room").emit("news", text));
    made->settle();
  }
  // A client that has one event, and is gone.
  visitor dropped(std::size_t lane, close_reason why = close_reason::transport_close) {
    auto& client = made->open(lane);
    auto who = enters(client);
    emit("first");
    who.offset = offset_of_packet(client.received().back());
    client.drops(why);
    made->settle();
    return who;
  }
  strings returns(std::size_t lane, const visitor& who) {
    auto& client = made->open(lane);
    client.says(who.ticket());
    made->settle();
    return client.received();
  }
  const detail::recovery_counts& counts() { return made->core().kept()->counts(); }

  std::unique_ptr<world> made;
  int recovered = 0;
  strings rooms;
  boost::json::object data;
};

TEST_F(recovering, ConnectSaysThePrivateIdAndEventsTheirOffset) {
  run();
  auto& client = made->open(0);
  const auto who = enters(client);
  EXPECT_EQ(client.received().back(),
            "40{\"sid\":\"" + who.sid + "\",\"pid\":\"" + who.pid + "\"}");
  EXPECT_EQ(who.pid.size(), 20U);
  EXPECT_NE(who.pid, who.sid);

  emit("x");
  EXPECT_THAT(client.received().back(), StartsWith("42[\"news\",\"x\",\""));
}

TEST_F(recovering, WhatWasMissedComesBeforeConnectInOrder) {
  for (const std::size_t lane : {0U, 1U}) {
    recovered = 0;
    run();
    const auto who = dropped(0);
    emit("a");
    ASSERT_FALSE(made->of("/").to(who.sid).emit("direct"));
    ASSERT_FALSE(made->of("/").emit("all"));
    ASSERT_FALSE(made->of("/").to("other").emit("not for it"));
    ASSERT_FALSE(made->of("/").except("room").emit("not for it"));
    made->settle();
    ASSERT_FALSE(made->of("/").to("room").volatile_().emit("volatile"));
    emit("b");

    const auto got = returns(lane, who);

    strings plain;
    for (const auto& one : got) plain.push_back(without_offset(one));
    ASSERT_EQ(got.size(), 5U);
    EXPECT_EQ(plain[0], "42[\"news\",\"a\"]");
    EXPECT_EQ(plain[1], "42[\"direct\"]");
    EXPECT_EQ(plain[2], "42[\"all\"]");
    EXPECT_EQ(plain[3], "42[\"news\",\"b\"]");
    EXPECT_EQ(got[4], "40{\"sid\":\"" + who.sid + "\",\"pid\":\"" + who.pid + "\"}");
    EXPECT_EQ(recovered, 1);
    EXPECT_THAT(rooms, ElementsAre(who.sid, "room"));
    EXPECT_EQ(data.at("name"), "anna");
    EXPECT_EQ(counts().recovered, 1U);
  }
}

TEST_F(recovering, ASessionComesBackOnce) {
  run();
  const auto who = dropped(0);
  EXPECT_EQ(field(returns(1, who).back(), "pid"), who.pid);
  EXPECT_NE(field(returns(0, who).back(), "pid"), who.pid);
  EXPECT_NE(field(returns(1, who).back(), "sid"), who.sid);
  EXPECT_EQ(recovered, 1);
  EXPECT_EQ(counts().unknown, 2U);
}

TEST_F(recovering, ComesBackAgainAndAgainFromLaneToLane) {
  run();
  auto who = dropped(0);
  for (std::size_t i = 0; i < 6; ++i) {
    emit("away");
    auto& client = made->open(i % 2);
    client.says(who.ticket());
    made->settle();
    const auto got = client.received();
    ASSERT_EQ(got.size(), 2U) << i;
    ASSERT_EQ(field(got[1], "pid"), who.pid);
    emit("here");
    ASSERT_EQ(client.received().size(), 3U);
    // Every other time it has not taken in what came after CONNECT.
    who.offset = offset_of_packet(i % 2 == 0 ? client.received()[2] : got[0]);
    client.drops();
    made->settle();
    if (i % 2 == 1) {
      auto& again = made->open(0);
      again.says(who.ticket());
      made->settle();
      ASSERT_EQ(without_offset(again.received()[0]), "42[\"news\",\"here\"]");
      ASSERT_EQ(field(again.received()[1], "pid"), who.pid);
      who.offset = offset_of_packet(again.received()[0]);
      again.drops();
      made->settle();
    }
  }
  EXPECT_EQ(made->of("/").socket_count(), 0U);
}

TEST_F(recovering, ALiveSessionIsNotGivenToASecondClient) {
  run();
  auto& client = made->open(0);
  auto who = enters(client);
  emit("x");
  who.offset = offset_of_packet(client.received().back());
  EXPECT_NE(field(returns(1, who).back(), "pid"), who.pid);
  EXPECT_EQ(client.closed(), std::nullopt);
}

TEST_F(recovering, WrongTicketsMakeNewSessions) {
  run();
  auto who = dropped(0);
  for (const auto* bad :
       {"0{}", R"(0{"pid":1,"offset":2})", R"(0{"pid":"x","offset":"y"})",
        R"(0{"pid":[],"offset":{}})", R"(0{"pid":"aaaaaaaaaaaaaaaaaaaa","offset":"1"})"}) {
    auto& client = made->open(0);
    client.says(bad);
    made->settle();
    EXPECT_THAT(client.received(), ElementsAre(StartsWith("40{\"sid\":"))) << bad;
    client.says("1");
  }
  who.offset = "zzzz";
  EXPECT_NE(field(returns(1, who).back(), "pid"), who.pid);
  EXPECT_EQ(counts().gaps, 1U);
}

TEST_F(recovering, WhoLeavesByItselfIsForgotten) {
  run();
  auto& client = made->open(0);
  auto who = enters(client);
  emit("x");
  who.offset = offset_of_packet(client.received().back());
  client.says("1");
  EXPECT_NE(field(returns(0, who).back(), "pid"), who.pid);
  EXPECT_NE(field(returns(0, dropped(0, close_reason::parse_error)).back(), "pid"), "");
  EXPECT_EQ(recovered, 0);
}

TEST_F(recovering, BeyondTheBoundsTheClientIsToldSo) {
  run({.bytes_max = 4000});
  const auto bytes = dropped(0);
  for (int i = 0; i < 10; ++i) emit(std::string(1000, 'x'));
  EXPECT_NE(field(returns(0, bytes).back(), "pid"), bytes.pid);
  EXPECT_EQ(counts().gaps, 1U);
  EXPECT_GT(counts().events_dropped, 0U);

  run({.sessions_max = 2});
  const auto first = dropped(0);
  const auto second = dropped(0);
  EXPECT_NE(field(returns(0, first).back(), "pid"), first.pid);
  EXPECT_EQ(field(returns(0, second).back(), "pid"), second.pid);
  EXPECT_EQ(counts().sessions_dropped, 1U);

  run({.max_disconnection_duration = milliseconds(20)});
  const auto late = dropped(1);
  std::atomic<bool> over{false};
  const auto end = clock::now() + milliseconds(40);
  while (clock::now() < end) made->settle();
  EXPECT_NE(field(returns(1, late).back(), "pid"), late.pid);
}

TEST_F(recovering, RoomsOfWhoIsAwayEndWithTheSession) {
  run({.max_disconnection_duration = milliseconds(20)});
  (void)dropped(0);
  EXPECT_EQ(made->of("/").room_count(), 0U);  // as in Node: nobody is in it
  const auto end = clock::now() + milliseconds(60);
  while (clock::now() < end) made->settle();
  EXPECT_EQ(made->core().of("/").rooms().size(), 0U);
}

TEST_F(recovering, MiddlewareIsAskedWhereItIsWanted) {
  for (const bool skip : {true, false}) {
    made = std::make_unique<world>(2, with_recovery({.skip_middlewares = skip}));
    int asked = 0;
    bool refuse_next = false;
    made->of("/").use([&](socket, next go_on) {
      ++asked;
      if (refuse_next) return go_on(refuse("no"));
      go_on();
    });
    made->of("/").on_connection([](socket s) { (void)s.join("room"); });
    made->start();
    const auto who = dropped(0);
    EXPECT_EQ(asked, 1);
    refuse_next = true;
    const auto got = returns(1, who);
    EXPECT_EQ(asked, skip ? 1 : 2);
    if (skip) {
      EXPECT_EQ(field(got.back(), "pid"), who.pid);
      continue;
    }
    EXPECT_THAT(got, ElementsAre("44{\"message\":\"no\"}"));
    refuse_next = false;  // the session is still there
    EXPECT_EQ(field(returns(0, who).back(), "pid"), who.pid);
  }
}

TEST_F(recovering, EventsToASocketThatHasGoneFollowItsSession) {
  made = std::make_unique<world>(2, with_recovery());
  std::optional<socket> kept;
  made->of("/").on_connection([&](socket s) {
    if (!kept) kept = s;
    (void)s.join("room");
  });
  made->start();
  const auto who = dropped(0);
  EXPECT_FALSE(kept->emit("late", 1));
  made->settle();
  const auto got = returns(1, who);
  ASSERT_EQ(got.size(), 2U);
  EXPECT_EQ(without_offset(got[0]), "42[\"late\",1]");
}

TEST_F(recovering, AnswersAndEventsWithAckHaveNoOffset) {
  run();
  made->of("/").on("ask", [](socket, std::string text) { return text; });
  made->settle();
  auto& client = made->open(0);
  (void)enters(client);
  client.says("27[\"ask\",\"x\"]");
  EXPECT_EQ(client.received().back(), "437[\"x\"]");
}

// What a client got of several senders that count.
struct stream {
  int next_of[3] = {};
  int wrong = 0;
  void take(fake_client& from, visitor& who) {
    for (const auto& packet : from.received()) {
      if (packet.starts_with("40")) continue;
      who.offset = offset_of_packet(packet);
      int sender = 0;
      int number = 0;
      if (std::sscanf(packet.c_str(), "42[\"n\",%d,%d,", &sender, &number) != 2) {
        ++wrong;
        continue;
      }
      if (number != next_of[sender]) ++wrong;
      next_of[sender] = number + 1;
    }
  }
};

std::string answer_to_connect(world& in, fake_client& client) {
  for (;;) {
    in.on_lane(0, [] {});
    for (const auto& packet : client.received()) {
      if (packet.starts_with("40")) return packet;
    }
  }
}

// Two lanes and a thread emit into one room while a client drops and returns on the other lane.
TEST_F(recovering, RacesLeaveNoGapAndNoDuplicate) {
  const char* asked = std::getenv("GOSSAMER_RECOVERY_ROUNDS");
  const int rounds = asked == nullptr ? 60 : std::atoi(asked);
  run({.bytes_max = std::size_t{256} << 20U, .session_events_max = 100'000});
  constexpr int senders = 3;
  std::atomic<bool> stop{false};
  std::atomic<int> sent[senders] = {};
  const auto room = made->of("/").to("room");
  // Each sender waits for both lanes: more than is kept must not wait in their queues.
  const auto settled = [&] {
    for (const std::size_t lane : {0U, 1U}) made->on_lane(lane, [] {});
  };
  const auto from_lane = [&](int lane) {
    while (!stop) {
      made->on_lane(
          static_cast<std::size_t>(lane),
          [&] { (void)room.emit("n", lane, sent[lane].fetch_add(1)); }, true);
      settled();
    }
  };
  auto& client = made->open(0);
  auto who = enters(client);
  emit("first");
  who.offset = offset_of_packet(client.received().back());
  client.forget_received();
  std::vector<std::thread> threads;
  threads.emplace_back(from_lane, 0);
  threads.emplace_back(from_lane, 1);
  threads.emplace_back([&] {
    while (!stop) {
      (void)room.emit("n", 2, sent[2].fetch_add(1));
      settled();
    }
  });
  int returned = 0;
  stream seen;
  auto* now = &client;
  for (int i = 0; i < rounds; ++i) {
    now->drops();
    seen.take(*now, who);
    auto& back = made->open(i % 3 == 0 ? 0U : static_cast<std::size_t>(i % 2));
    back.says(who.ticket());
    returned += field(answer_to_connect(*made, back), "pid") == who.pid ? 1 : 0;
    now = &back;
  }
  stop = true;
  for (auto& one : threads) one.join();
  made->settle();
  seen.take(*now, who);
  EXPECT_EQ(returned, rounds) << counts().gaps << " gaps, " << counts().unknown << " unknown";
  for (std::size_t i = 0; i < 2; ++i) {
    const auto refused = made->lanes().at(i).stats().refused;
    EXPECT_EQ(refused[static_cast<std::size_t>(post_kind::data)], 0U) << "lane " << i;
  }
  EXPECT_EQ(seen.wrong, 0);
  for (int i = 0; i < senders; ++i) EXPECT_EQ(seen.next_of[i], sent[i]) << i;
}

TEST(WithoutRecovery, NothingIsAddedToPackets) {
  world w;
  w.of("/").on_connection([](socket s) { (void)s.emit("hello"); });
  w.start();
  auto& client = w.open(0);
  client.says("0");
  EXPECT_THAT(client.received(), ElementsAre(Not(HasSubstr("pid")), "42[\"hello\"]"));
}

}  // namespace
}  // namespace gossamer
