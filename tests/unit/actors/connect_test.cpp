// Joining and leaving namespaces: packets, middleware, races.
#include "tests/unit/actors/fake_clients.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace gossamer {
namespace {

using test::world;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using strings = std::vector<std::string>;

TEST(Connect, AnswersWithTheSocketsId) {
  world w;
  (void)w.of("/");
  w.start();
  auto& client = w.open(0);

  client.says("0");

  EXPECT_THAT(client.received(), ElementsAre(StartsWith("40{\"sid\":\"")));
  EXPECT_EQ(w.of("/").socket_count(), 1U);
}

TEST(Connect, RefusesUnknownNamespacesAndStaysOpen) {
  world w;
  w.start();
  auto& client = w.open(0);

  client.says("0/random,");

  EXPECT_THAT(client.received(), ElementsAre("44/random,{\"message\":\"Invalid namespace\"}"));
  EXPECT_EQ(client.closed(), std::nullopt);
}

TEST(Connect, TwiceToOneNamespaceClosesTheConnection) {
  world w;
  (void)w.of("/");
  w.start();
  auto& client = w.open(0);
  client.joins();

  client.says("0");

  EXPECT_EQ(client.closed(), close_reason::forced_close);
  w.settle();
  EXPECT_EQ(w.of("/").socket_count(), 0U);
}

TEST(Connect, PacketsForANamespaceThatIsNotJoinedCloseTheConnection) {
  for (const auto* packet :
       {"2/nsp,[\"a\"]", "2[\"a\"]", "1", "31[]", "4{\"message\":\"x\"}", "9", ""}) {
    world w;
    (void)w.of("/");
    (void)w.of("/nsp");
    w.start();
    auto& client = w.open(0);
    client.says(packet);
    EXPECT_EQ(client.closed(), close_reason::forced_close) << packet;
  }
}

TEST(Connect, ASecondOneWhileMiddlewareIsPendingClosesTheConnection) {
  for (const auto* second : {"0", "2[\"early\"]", "1"}) {
    world w;
    std::vector<next> pending;
    bool connected = false;
    w.of("/").use([&](socket, next go_on) { pending.push_back(go_on); });
    w.of("/").on_connection([&](socket) { connected = true; });
    w.start();
    auto& client = w.open(0);

    client.says("0");
    client.says(second);
    w.settle();
    pending.at(0)();
    w.settle();

    EXPECT_EQ(client.closed(), close_reason::forced_close) << second;
    EXPECT_EQ(pending.size(), 1U);
    EXPECT_FALSE(connected);
    EXPECT_THAT(client.received(), IsEmpty());
    EXPECT_EQ(w.of("/").socket_count(), 0U);
  }
}

TEST(Connect, AClientThatLeavesBeforeNextMakesNoSocketAndNoEvents) {
  world w;
  std::vector<next> pending;
  int events = 0;
  w.of("/").use([&](socket, next go_on) { pending.push_back(go_on); });
  w.of("/").on_connection([&](socket) { ++events; });
  w.of("/").on_disconnecting([&](socket, disconnect_reason) { ++events; });
  w.of("/").on_disconnect([&](socket, disconnect_reason) { ++events; });
  w.start();
  auto& client = w.open(0);
  client.says("0");

  client.drops();
  pending.at(0)();
  w.settle();

  EXPECT_EQ(events, 0);
  EXPECT_EQ(w.of("/").socket_count(), 0U);
}

TEST(Connect, IsRefusedWhenNextIsNeverCalled) {
  world w(1, {.connect_timeout = milliseconds(30)});
  std::vector<next> pending;
  w.of("/slow").use([&](socket, next go_on) { pending.push_back(go_on); });
  (void)w.of("/");
  w.start();
  auto& client = w.open(0);
  client.joins();
  client.says("0/slow,");

  for (int i = 0; i < 1000 && client.received().empty(); ++i) {
    std::this_thread::sleep_for(milliseconds(5));
  }

  EXPECT_THAT(client.received(), ElementsAre("44/slow,{\"message\":\"connect timeout\"}"));
  pending.at(0)();
  w.settle();
  EXPECT_EQ(client.received().size(), 1U) << "a late next does nothing";
  EXPECT_EQ(client.closed(), std::nullopt);
}

TEST(Connect, ClosesAClientThatJoinsNothingInTime) {
  world w(1, {.connect_timeout = milliseconds(30)});
  (void)w.of("/");
  w.start();
  auto& client = w.open(0);
  for (int i = 0; i < 1000 && !client.closed(); ++i) std::this_thread::sleep_for(milliseconds(5));
  EXPECT_EQ(client.closed(), close_reason::forced_close);
}

TEST(Connect, GivesMiddlewaresRefusalWithItsData) {
  world w;
  w.of("/auth").use([](handshake h) -> admission {
    if (h.auth("token") == "secret") return admit();
    return refuse("not authorized", {{"retry", false}});
  });
  w.start();
  auto& client = w.open(0);

  client.says("0/auth,{\"token\":\"wrong\"}");
  EXPECT_THAT(client.received(),
              ElementsAre("44/auth,{\"message\":\"not authorized\",\"data\":{\"retry\":false}}"));
  client.forget_received();

  client.says("0/auth,{\"token\":\"secret\"}");
  EXPECT_THAT(client.received(), ElementsAre(StartsWith("40/auth,{\"sid\":")));
}

TEST(Connect, RunsMiddlewareInOrderAndStopsAtTheFirstRefusal) {
  world w;
  strings order;
  w.of("/").use([&](socket, next go_on) { order.emplace_back("a"), go_on(); });
  w.of("/").use([&](handshake) -> task<admission> {
    order.emplace_back("b");
    co_return refuse("no");
  });
  w.of("/").use([&](socket, next go_on) { order.emplace_back("c"), go_on(); });
  w.start();
  auto& client = w.open(0);

  client.says("0");
  w.settle();

  EXPECT_THAT(order, ElementsAre("a", "b"));
  EXPECT_THAT(client.received(), ElementsAre("44{\"message\":\"no\"}"));
}

TEST(Connect, KeepsWhatMiddlewareAdmitted) {
  world w;
  std::string name;
  w.of("/").use([](handshake) { return admit(std::string("ada")); });
  w.of("/").on_connection([&](socket s) { name = s.data<std::string>(); });
  w.start();
  w.open(1).joins();
  EXPECT_EQ(name, "ada");
}

TEST(Connect, GoesOnWhereAnotherThreadCallsNext) {
  world w;
  std::vector<std::thread> threads;
  lane* seen = nullptr;
  w.of("/").use([&](socket, next go_on) { threads.emplace_back([go_on] { go_on(), go_on(); }); });
  w.of("/").on_connection([&](socket) { seen = lane::current(); });
  w.start();
  auto& client = w.open(1);
  client.says("0");
  threads.at(0).join();
  w.settle();
  EXPECT_EQ(seen, &w.lanes().at(std::size_t{1}));
  EXPECT_EQ(client.received().size(), 1U);
}

TEST(Connect, AThrowingMiddlewareRefuses) {
  world w;
  w.of("/").use([](socket, next) { throw std::runtime_error("secret detail"); });
  w.start();
  auto& client = w.open(0);
  client.says("0");
  EXPECT_THAT(client.received(), ElementsAre("44{\"message\":\"internal error\"}"));
  EXPECT_THAT(w.log_lines(), testing::Contains(HasSubstr("secret detail")));
}

TEST(Connect, MakesChildrenOfAParentWithItsHandlers) {
  world w;
  auto& parent = w.core().of([](std::string_view name, const handshake&, auto answer) {
    answer(name.starts_with("/dyn-"));
  });
  strings seen;
  nsp(parent).on_connection([&](socket s) { seen.emplace_back(s.nsp()); });
  w.start();
  auto& client = w.open(0);
  auto& other = w.open(1);

  client.joins("/dyn-1");
  other.joins("/dyn-2");
  client.says("0/other,");
  client.forget_received();
  other.forget_received();
  (void)nsp(parent).emit("hello", 1);
  w.settle();

  EXPECT_THAT(seen, ElementsAre("/dyn-1", "/dyn-2"));
  EXPECT_THAT(client.received(), ElementsAre("42/dyn-1,[\"hello\",1]"));
  EXPECT_THAT(other.received(), ElementsAre("42/dyn-2,[\"hello\",1]"));
}

TEST(Connect, BoundsTheNamespacesOfOneClient) {
  world w;
  auto& parent = w.core().of([](std::string_view, const handshake&, auto answer) { answer(true); });
  (void)parent;
  w.start();
  auto& client = w.open(0);
  for (std::size_t i = 0; i < limits::namespaces_per_client_max; ++i) {
    client.says("0/n" + std::to_string(i) + ",");
  }
  client.forget_received();
  client.says("0/more,");
  EXPECT_THAT(client.received(), ElementsAre("44/more,{\"message\":\"too many namespaces\"}"));
}

// -- leaving --------------------------------------------------------------------------------------

struct journal {
  strings lines;
  void watch(nsp in) {
    in.on_disconnecting([this](socket s, disconnect_reason why) {
      lines.push_back("disconnecting " + std::to_string(s.rooms().size()) + " " +
                      std::string(text(why)));
    });
    in.on_disconnect([this](socket s, disconnect_reason why) {
      lines.push_back("disconnect " + std::to_string(s.rooms().size()) + " " +
                      std::string(text(why)));
    });
  }
};

TEST(Disconnect, TellsTheReasonWithRoomsBeforeAndWithoutAfter) {
  world w;
  journal seen;
  seen.watch(w.of("/"));
  w.of("/").on_connection([](socket s) { s.join({"a", "b"}); });
  w.start();
  auto& client = w.open(0);
  client.joins();

  client.says("1");

  EXPECT_THAT(seen.lines, ElementsAre("disconnecting 3 client namespace disconnect",
                                      "disconnect 0 client namespace disconnect"));
  EXPECT_EQ(w.of("/").room_count(), 0U);
}

TEST(Disconnect, ByTheServerSendsAPacketAndKeepsOtherNamespaces) {
  world w;
  journal seen;
  seen.watch(w.of("/"));
  w.of("/").on("bye", [](socket s) { s.disconnect(); });
  (void)w.of("/other");
  w.start();
  auto& client = w.open(0);
  client.joins("/other");
  client.joins();

  client.says("2[\"bye\"]");

  EXPECT_THAT(client.received(), ElementsAre("41"));
  EXPECT_THAT(seen.lines, ElementsAre("disconnecting 1 server namespace disconnect",
                                      "disconnect 0 server namespace disconnect"));
  EXPECT_EQ(w.of("/other").socket_count(), 1U);
  EXPECT_EQ(client.closed(), std::nullopt);
}

TEST(Disconnect, WithCloseEndsTheConnection) {
  world w;
  w.of("/").on("bye", [](socket s) { s.disconnect(true); });
  (void)w.of("/other");
  w.start();
  auto& client = w.open(0);
  client.joins("/other");
  client.joins();
  client.forget_received();

  client.says("2[\"bye\"]");

  EXPECT_THAT(client.received(), ElementsAre("41", "41/other,"));
  EXPECT_EQ(client.closed(), close_reason::forced_server_close);
  EXPECT_EQ(w.of("/other").socket_count(), 0U);
}

TEST(Disconnect, HandlersMayDisconnectLeaveAndEmitOnceMore) {
  world w;
  int rounds = 0;
  w.of("/").on_disconnecting([&](socket s, disconnect_reason) {
    ++rounds;
    s.leave("a");
    s.emit("too late");
    s.disconnect(true);
    s.join("b");
  });
  w.of("/").on_connection([](socket s) { s.join("a"); });
  w.start();
  auto& client = w.open(0);
  client.joins();
  client.says("1");
  w.settle();
  EXPECT_EQ(rounds, 1);
  EXPECT_EQ(w.of("/").room_count(), 0U);
  EXPECT_THAT(client.received(), IsEmpty());
}

TEST(Disconnect, OperationsAfterwardsSaySo) {
  world w;
  socket kept;
  w.of("/").on_connection([&](socket s) { kept = s; });
  w.start();
  auto& client = w.open(0);
  client.joins();
  client.drops();

  w.on_lane(
      0,
      [&] {
        EXPECT_EQ(kept.emit("a"), errc::disconnected);
        EXPECT_EQ(kept.join("a"), errc::disconnected);
        EXPECT_EQ(kept.disconnect(), errc::disconnected);
        EXPECT_FALSE(kept.connected());
        EXPECT_TRUE(kept.rooms().empty());
        EXPECT_TRUE(kept.data().empty());
        EXPECT_EQ(kept.data<int>(), 0);
        EXPECT_EQ(kept.handshake().url(), "");
      },
      true);
  EXPECT_EQ(socket().emit("a"), errc::disconnected);
}

}  // namespace
}  // namespace gossamer
