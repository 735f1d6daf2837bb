// Sockets as actors: what their handles take, and how they end.
#include "actors/include/gossamer/actors.hpp"
#include "tests/unit/actors/fake_clients.hpp"
#include "tests/unit/actors/listening_actors.hpp"

#include <caf/send.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace gossamer {
namespace {

using test::eventually;
using test::fake_client;
using test::world;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// A client in "/", its socket and its actor.
struct connected_actor {
  connected_actor(world& w, std::size_t lane) : client(w.open(lane)) {
    (void)w.of("/");  // makes it, if the test did not
    client.joins();
    w.on_lane(lane, [&] {
      who = socket(w.of("/").core().shard(lane_index(lane)).sockets.back()->ref());
      actor = actor_of(who);
    });
  }
  fake_client& client;
  socket who;
  caf::actor actor;
};

// What a monitor of `whom` is told after `act`.
template <class Act>
caf::error end_of(world& w, const caf::actor& whom, Act&& act) {
  caf::scoped_actor self{w.system()};
  self->monitor(whom);
  act();
  caf::error reason;
  self->receive([&](const caf::down_msg& down) { reason = down.reason; });
  return reason;
}

TEST(SocketActor, TakesMessagesThatEmitJoinLeaveAndDisconnect) {
  world w(2);
  w.start();
  connected_actor one(w, 1);
  caf::anon_send(one.actor, make_event("hello", "you", 1.5));
  caf::anon_send(one.actor, join_rooms{{"a", "b"}});
  w.settle();
  EXPECT_EQ(w.of("/").room_size("a"), 1U);
  EXPECT_EQ(w.of("/").room_size("b"), 1U);
  caf::anon_send(one.actor, leave_rooms{{"a"}});
  w.settle();
  EXPECT_EQ(w.of("/").room_size("a"), 0U);
  EXPECT_EQ(w.of("/").to("b").emit("inside"), error_code());
  caf::anon_send(one.actor, disconnect_socket{});
  w.settle();
  EXPECT_THAT(one.client.received(),
              ElementsAre(R"(42["hello","you",1.5])", R"(42["inside"])", "41"));
  EXPECT_EQ(w.of("/").socket_count(), 0U);
}

TEST(SocketActor, CountsUnknownMessagesAndBouncesRequests) {
  world w(2);
  w.start();
  connected_actor one(w, 0);
  const auto before = test::unknown_messages(w);
  caf::anon_send(one.actor, 42);
  w.settle();
  EXPECT_EQ(test::unknown_messages(w), before + 1);
  const auto answer = [&] {
    caf::scoped_actor self{w.system()};
    caf::error got;
    self->request(one.actor, test::patience, 42)
        .receive([] {}, [&](const caf::error& why) { got = why; });
    return got;
  };
  EXPECT_EQ(answer(), caf::sec::unexpected_message);
  EXPECT_EQ(test::unknown_messages(w), before + 2);
  one.client.drops();
  w.settle();
  EXPECT_EQ(answer(), caf::sec::request_receiver_down);
}

TEST(SocketActor, KillClosesTheConnectionAndOtherExitsOnlyTheSocket) {
  world w(2);
  w.start();
  connected_actor killed(w, 0);
  connected_actor asked(w, 1);
  const auto reason = exit_reason_of(disconnect_reason::server_namespace_disconnect);
  EXPECT_EQ(
      end_of(w, killed.actor, [&] { caf::anon_send_exit(killed.actor, caf::exit_reason::kill); }),
      reason);
  EXPECT_EQ(
      end_of(w, asked.actor, [&] { caf::anon_send_exit(asked.actor, caf::exit_reason::normal); }),
      reason);
  EXPECT_EQ(killed.client.closed(), close_reason::forced_server_close);
  EXPECT_EQ(asked.client.closed(), std::nullopt);
  EXPECT_THAT(asked.client.received(), ElementsAre("41"));
}

TEST(SocketActor, MonitorsSeeTheMappedReason) {
  world w(2);
  w.start();
  connected_actor dropped(w, 0);
  connected_actor silent(w, 1);
  connected_actor left(w, 1);
  EXPECT_EQ(end_of(w, dropped.actor, [&] { dropped.client.drops(); }),
            exit_reason_of(disconnect_reason::transport_close));
  EXPECT_EQ(end_of(w, silent.actor, [&] { silent.client.drops(close_reason::ping_timeout); }),
            exit_reason_of(disconnect_reason::ping_timeout));
  EXPECT_EQ(end_of(w, left.actor, [&] { left.client.says("1"); }),
            exit_reason_of(disconnect_reason::client_namespace_disconnect));
}

TEST(SocketActor, LastHandleMayBeDroppedOnAnotherThread) {
  world w(2);
  w.start();
  connected_actor one(w, 0);
  auto kept = std::move(one.actor);
  one.client.drops();
  w.settle();
  EXPECT_EQ(w.of("/").socket_count(), 0U);
  caf::anon_send(kept, make_event("too late"));
  std::thread([last = std::move(kept)]() mutable { last = {}; }).join();
  EXPECT_THAT(one.client.received(), IsEmpty());
}

TEST(SocketActor, KilledDuringAFanOutHarmsNobodyElse) {
  constexpr int rounds = 60;
  world w(2);
  w.of("/").on_connection([](socket s) { s.join("all"); });
  w.start();
  connected_actor one(w, 0);
  connected_actor two(w, 1);
  std::atomic<bool> over{false};
  std::jthread broadcaster([&] {
    for (int i = 0; !over; ++i) {
      EXPECT_EQ(w.of("/").to("all").emit("tick", i), error_code());
      w.on_lane(static_cast<std::size_t>(i) % 2, [] {});  // no faster than the lanes
    }
  });
  for (int i = 0; i < rounds; ++i) {
    connected_actor victim(w, static_cast<std::size_t>(i) % 2);
    // In a handler that runs while the event goes out, and from outside.
    if (i % 4 < 2) {
      w.on_lane(static_cast<std::size_t>(i) % 2, [&] {
        victim.who.on_any_outgoing([](socket s, std::string_view, const args_view&) {
          caf::anon_send_exit(actor_of(s), caf::exit_reason::kill);
        });
      });
    } else {
      caf::anon_send_exit(victim.actor, caf::exit_reason::kill);
    }
    EXPECT_TRUE(eventually(w, [&] { return w.of("/").socket_count() == 2; }));
  }
  over = true;
  broadcaster.join();
  w.settle();
  const auto got = one.client.received();
  EXPECT_EQ(got, two.client.received());
  for (std::size_t i = 1; i < got.size(); ++i) ASSERT_NE(got[i], got[i - 1]);
}

}  // namespace
}  // namespace gossamer
