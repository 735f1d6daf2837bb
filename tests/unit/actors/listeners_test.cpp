// The public face: listeners, room events, what operators of sockets and remote sockets do.
#include "tests/unit/actors/fake_clients.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <mutex>

namespace gossamer {
namespace {

using test::world;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using strings = std::vector<std::string>;

// -- listeners
// --------------------------------------------------------------------------------------------

TEST(Listeners, AreAddedInFrontRemovedAndCounted) {
  world w;
  strings seen;
  socket s;
  const auto note = [&](std::string who) {
    return [&seen, who = std::move(who)](socket, std::string_view event, const auto&) {
      seen.push_back(who + " " + std::string(event));
    };
  };
  w.of("/").on_connection([&](socket connected) { s = connected; });
  w.start();
  auto& client = w.open(0);
  client.joins();
  handler_id second{};
  handler_id hello{};
  w.on_lane(0, [&] {
    (void)s.on_any(note("first"));
    second = s.on_any(note("second"));
    (void)s.prepend_any(note("front"));
    (void)s.on_any_outgoing(note("out"));
    (void)s.prepend_any_outgoing(note("out front"));
    hello = s.on("hello", [&](socket) { seen.emplace_back("hello"); });
    (void)s.once("hello", [&](socket) { seen.emplace_back("once"); });
    EXPECT_EQ(s.listeners_any(), 3U);
    EXPECT_EQ(s.listeners_any_outgoing(), 2U);
    EXPECT_EQ(s.listener_count("hello"), 2U);
  });
  client.says(R"(2["hello"])");
  w.on_lane(
      0, [&] { s.send(1); }, true);
  EXPECT_THAT(seen, ElementsAre("front hello", "first hello", "second hello", "hello", "once",
                                "out front message", "out message"));
  seen.clear();
  w.on_lane(0, [&] {
    EXPECT_TRUE(s.off_any(second));
    EXPECT_FALSE(s.off_any(second));
    EXPECT_TRUE(s.off(hello));
    EXPECT_EQ(s.listener_count("hello"), 0U);
    s.off_any_outgoing();
  });
  client.says(R"(2["hello"])");
  w.on_lane(
      0, [&] { s.write(2); }, true);
  EXPECT_THAT(seen, ElementsAre("front hello", "first hello"));
  seen.clear();
  w.on_lane(0, [&] { s.off_any(); });
  client.says(R"(2["hello"])");
  EXPECT_THAT(seen, IsEmpty());
  EXPECT_THAT(client.received(), ElementsAre(R"(42["message",1])", R"(42["message",2])"));
}

TEST(Listeners, OfANamespaceCanBeTakenAway) {
  world w;
  int calls = 0;
  w.of("/").on("x", [&](socket) { ++calls; });
  w.start();
  auto& client = w.open(0);
  client.joins();
  client.says(R"(2["x"])");
  w.of("/").off("x");
  w.settle();
  client.says(R"(2["x"])");
  EXPECT_EQ(calls, 1);
}

// -- rooms
// --------------------------------------------------------------------------------------------------

TEST(RoomEvents, TellOfRoomsAndMembers) {
  strings seen;
  std::mutex mutex;
  const auto note = [&](std::string what) {
    return [&, what = std::move(what)](std::string_view room, std::string_view id) {
      const std::lock_guard lock(mutex);
      seen.push_back(what + " " + (room == id ? "own" : std::string(room)) +
                     (id.empty() ? "" : " by"));
    };
  };
  world w;
  auto nsp = w.of("/");
  nsp.on_join_room(note("join")).on_leave_room(note("leave"));
  nsp.on_create_room(
      [&](std::string_view room) { note("create")(room.size() > 5 ? "own" : room, ""); });
  nsp.on_delete_room(
      [&](std::string_view room) { note("delete")(room.size() > 5 ? "own" : room, ""); });
  w.start();
  auto& a = w.open(0);
  auto& b = w.open(1);
  a.joins();
  EXPECT_THAT(seen, ElementsAre("create own", "join own by"));
  b.joins();
  seen.clear();
  (void)nsp.sockets_join("r");
  w.settle();
  EXPECT_THAT(seen, UnorderedElementsAre("create r", "join r by", "join r by"));
  seen.clear();
  a.says("1");
  EXPECT_THAT(seen, ElementsAre("leave r by", "leave own by", "delete own"));
  seen.clear();
  (void)nsp.sockets_leave("r");
  w.settle();
  EXPECT_THAT(seen, ElementsAre("leave r by", "delete r"));
}

TEST(Rooms, AreLeftByASocketThatIsRefused) {
  world w;
  w.of("/").use([](socket s, next go_on) {
    s.join("r");
    go_on(refuse("no"));
  });
  w.start();
  auto& client = w.open(0);
  client.says("0");
  w.settle();
  EXPECT_EQ(w.of("/").room_size("r"), 0U);
  EXPECT_EQ(w.of("/").core().rooms().size(), 0U);
}

// -- operators
// ------------------------------------------------------------------------------------------------

TEST(RemoteSocket, HasAHandshakeAndCanBeAsked) {
  world w;
  w.start();
  (void)w.of("/");
  auto& client = w.open(1);
  client.says(R"(0{"tag":"x"})");
  std::promise<std::vector<remote_socket>> found;
  w.of("/").all().fetch_sockets([&](auto all) { found.set_value(std::move(all)); });
  const auto all = found.get_future().get();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].handshake().auth("tag"), "x");
  client.forget_received();
  std::promise<result<args>> answered;
  EXPECT_FALSE(all[0].timeout(milliseconds(10'000)).emit("q", [&](result<args> answer) {
    answered.set_value(std::move(answer));
  }));
  w.settle();
  EXPECT_THAT(client.received(), ElementsAre(R"(420["q"])"));
  client.says("30[5]");
  EXPECT_EQ(answered.get_future().get()->items(), "5");
}

TEST(SocketOperator, HandsItsFlagsToBroadcasts) {
  world w;
  w.of("/").on("go", [](socket s) { s.volatile_().broadcast().emit("v"); });
  w.start();
  auto& sender = w.open(0);
  auto& busy = w.open(0);
  auto& idle = w.open(1);
  sender.joins();
  busy.joins();
  idle.joins();
  busy.busy = true;
  sender.says(R"(2["go"])");
  w.settle();
  EXPECT_THAT(sender.received(), IsEmpty());
  EXPECT_THAT(busy.received(), IsEmpty());
  EXPECT_THAT(idle.received(), ElementsAre(R"(42["v"])"));
}

}  // namespace
}  // namespace gossamer
