// Handles that outlive what they name: children of parent namespaces, and whole servers.
#include "actors/include/gossamer/actors.hpp"
#include "actors/include/gossamer/room_handle.hpp"
#include "tests/unit/actors/fake_clients.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace gossamer {
namespace {

using test::world;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;
using strings = std::vector<std::string>;

detail::nsp_core& parent_of_all(world& w) {
  return w.core().of([](std::string_view, const handshake&, auto answer) { answer(true); });
}

detail::socketio_options cleaning_up() {
  detail::socketio_options how;
  how.cleanup_empty_child_namespaces = true;
  return how;
}
detail::socketio_options at_most_three() {
  detail::socketio_options how;
  how.child_namespaces_max = 3;
  return how;
}

// -- children
// -----------------------------------------------------------------------------------------

TEST(ChildNamespaces, StayWithoutTheOption) {
  world w;
  (void)parent_of_all(w);
  w.start();
  auto& client = w.open(0);
  client.joins("/a");
  client.says("1/a,");
  w.settle();
  EXPECT_NE(w.core().find("/a"), nullptr);
}

TEST(ChildNamespaces, EndWithTheirLastSocketAndBeginAgain) {
  world w(2, cleaning_up());
  auto& parent = parent_of_all(w);
  strings made;
  w.core().on_new_namespace([&](detail::nsp_core& one) { made.push_back(one.name()); });
  w.start();
  auto& a = w.open(0);
  auto& b = w.open(1);
  a.joins("/a");
  b.joins("/a");
  const auto before = w.of("/a");
  const auto room = room_handle(before.ref(), "r");
  socket kept;
  w.on_lane(0, [&] { kept = socket(before.core().shard(lane_index{0}).sockets.at(0)->ref()); });
  a.says("1/a,");
  w.settle();
  EXPECT_NE(w.core().find("/a"), nullptr);
  b.drops();
  w.settle();
  EXPECT_EQ(w.core().find("/a"), nullptr);
  EXPECT_THAT(w.core().children(parent), IsEmpty());

  EXPECT_EQ(before.emit("x"), errc::server_stopped);
  EXPECT_EQ(before.socket_count(), 0U);
  EXPECT_EQ(before.name(), "");
  EXPECT_EQ(room.emit("x"), errc::server_stopped);
  EXPECT_EQ(room.size(), 0U);
  EXPECT_EQ(kept.emit("x"), errc::disconnected);
  EXPECT_EQ(kept.to("r").emit("x"), errc::server_stopped);
  w.on_lane(
      0, [&] { EXPECT_EQ(kept.join("r"), errc::disconnected); }, true);

  auto& again = w.open(0);
  again.joins("/a");
  (void)before.emit("old");
  (void)nsp(parent).emit("new");
  w.settle();
  EXPECT_THAT(again.received(), ElementsAre(R"(42/a,["new"])"));
  EXPECT_THAT(made, ElementsAre("/a", "/a"));
}

TEST(ChildNamespaces, StayWhileARoomIsHeld) {
  world w(2, cleaning_up());
  (void)parent_of_all(w);
  w.start();
  auto& client = w.open(0);
  client.joins("/a");
  auto held = room_of(w.of("/a"), "r");
  client.says("1/a,");
  w.settle();
  EXPECT_NE(w.core().find("/a"), nullptr);
  held = caf::group();
  client.joins("/a");
  client.says("1/a,");
  w.settle();
  EXPECT_EQ(w.core().find("/a"), nullptr);
}

TEST(ChildNamespaces, AreBoundedOverAllClients) {
  world w(2, at_most_three());
  (void)parent_of_all(w);
  w.start();
  auto& a = w.open(0);
  auto& b = w.open(1);
  a.joins("/1");
  a.joins("/2");
  b.joins("/3");
  b.forget_received();
  b.says("0/4,");
  w.settle();
  EXPECT_THAT(b.received(), ElementsAre("44/4,{\"message\":\"too many namespaces\"}"));
  EXPECT_EQ(b.closed(), std::nullopt);
  b.joins("/2");
}

TEST(ChildNamespaces, WithoutSocketsMakeRoomForOthers) {
  world w(2, at_most_three());
  (void)parent_of_all(w);
  w.start();
  auto& client = w.open(0);
  for (const auto* name : {"/1", "/2", "/3"}) {
    client.joins(name);
    client.says("1" + std::string(name) + ",");
  }
  w.settle();
  client.joins("/4");
  EXPECT_EQ(w.core().find("/1"), nullptr);
  EXPECT_NE(w.core().find("/4"), nullptr);
}

// Come and go on two lanes while threads and handlers use whatever they have seen of them.
TEST(ChildNamespaces, MayEndWhileOthersUseThem) {
  world w(2, cleaning_up());
  auto& parent = parent_of_all(w);
  nsp(parent).on("x", [](socket s) {
    s.join("r");
    nsp_of(s).to("r").emit("y");
  });
  w.start();
  auto& a = w.open(0);
  auto& b = w.open(1);
  std::mutex mutex;
  std::optional<nsp> seen;
  nsp(parent).on_connection([&](socket s) {
    const std::lock_guard lock(mutex);
    seen = nsp_of(s);
  });
  w.settle();
  std::atomic<bool> over{false};
  std::jthread user([&] {
    while (!over) {
      std::optional<nsp> now;
      {
        const std::lock_guard lock(mutex);
        now = seen;
      }
      if (!now) continue;
      (void)now->to("r").emit("z");
      (void)now->sockets_join("s");
      (void)now->socket_count();
      w.on_lane(
          0, [&] { (void)now->emit("w"); }, true);
    }
  });
  for (int i = 0; i < 150; ++i) {
    auto& client = i % 2 == 0 ? a : b;
    const std::string name = "/n" + std::to_string(i % 3);
    client.says("0" + name + ",");
    client.says("2" + name + ",[\"x\"]");
    client.says("1" + name + ",");
  }
  over = true;
  user.join();
  w.settle();
  // A child whose last socket left while a join of `user` was on its way had a room then, and stays
  // until its next socket leaves.
  for (const std::string name : {"/n0", "/n1", "/n2"}) {
    a.says("0" + name + ",");
    a.says("1" + name + ",");
  }
  w.settle();
  EXPECT_THAT(w.core().children(parent), IsEmpty());
}

// -- servers
// --------------------------------------------------------------------------------------------

TEST(ServerEnd, LeavesHandlesThatDoNothing) {
  std::optional<nsp> all;
  std::optional<broadcast_operator> some;
  std::optional<room_handle> room;
  std::vector<remote_socket> remote;
  std::vector<next> undecided;
  socket who;
  ack reply;
  std::stop_token token;
  {
    world w;
    all = w.of("/");
    w.of("/").on("q", [&](socket s, ack answer) {
      who = s;
      reply = answer;
      token = s.stop_token();
    });
    w.of("/late").use([&](socket, next go_on) { undecided.push_back(go_on); });
    w.start();
    some = all->to("r").timeout(milliseconds(10));
    room = room_handle(all->ref(), "r");
    auto& client = w.open(1);
    client.joins();
    client.says(R"(21["q"])");
    client.says("0/late,");
    std::promise<void> found;
    all->all().fetch_sockets([&](auto sockets) {
      remote = std::move(sockets);
      found.set_value();
    });
    found.get_future().wait();
  }
  ASSERT_EQ(remote.size(), 1U);
  EXPECT_TRUE(token.stop_requested());
  EXPECT_EQ(all->emit("x"), errc::server_stopped);
  all->on("x", [](socket) {});
  all->use([](socket, next go_on) { go_on(); });
  EXPECT_EQ(all->socket_count() + all->room_count() + all->room_size("r"), 0U);
  EXPECT_EQ(some->emit("x"), errc::server_stopped);
  EXPECT_EQ(some->sockets_join("y"), errc::server_stopped);
  EXPECT_EQ(room->emit("x"), errc::server_stopped);
  EXPECT_FALSE(static_cast<bool>(caf::group(*room)));
  EXPECT_EQ(who.emit("x"), errc::disconnected);
  EXPECT_EQ(who.join("x"), errc::disconnected);
  EXPECT_EQ(who.disconnect(), errc::disconnected);
  EXPECT_EQ(who.to("r").emit("x"), errc::server_stopped);
  EXPECT_FALSE(who.connected());
  EXPECT_EQ(remote[0].emit("x"), errc::disconnected);
  EXPECT_EQ(remote[0].handshake().address(), "127.0.0.1");
  EXPECT_EQ(reply(1), errc::disconnected);
  ASSERT_EQ(undecided.size(), 1U);
  undecided[0]();
  bool called = false;
  EXPECT_EQ(who.emit("q", [&](result<args>) { called = true; }), errc::disconnected);
  int fetched = 0;
  all->all().fetch_sockets([&](auto sockets) { fetched += static_cast<int>(sockets.size()) + 1; });
  EXPECT_EQ(fetched, 1);
  EXPECT_FALSE(called);
}

TEST(ServerEnd, MayComeWhileThreadsUseIt) {
  for (int round = 0; round < 5; ++round) {
    std::optional<nsp> all;
    std::atomic<bool> over{false};
    std::vector<std::jthread> threads;
    {
      world w;
      all = w.of("/");
      w.start();
      w.open(0).joins();
      for (int i = 0; i < 2; ++i) {
        threads.emplace_back([&over, nsp = *all] {
          while (!over) {
            (void)nsp.to("r").emit("x");
            (void)nsp.sockets_join("r");
            (void)nsp.room_size("r");
            std::this_thread::yield();
          }
        });
      }
      w.settle();
    }
    over = true;
  }
}

// -- coroutines
// -----------------------------------------------------------------------------------------

struct tracked {
  explicit tracked(std::atomic<int>& all) : alive(&all) { ++all; }
  tracked(const tracked&) = delete;
  tracked& operator=(const tracked&) = delete;
  ~tracked() { --*alive; }
  std::atomic<int>* alive;
};

TEST(Coroutines, ThatNobodyResumesAreDestroyedWithAllThatWaitForThem) {
  std::atomic<int> alive{0};
  std::function<void(int)> kept;
  const auto inner = [&]() -> task<int> {
    const tracked here(alive);
    co_return co_await detail::callback_awaiter<int>([&](auto done) { kept = done; });
  };
  const auto outer = [&]() -> task<int> {
    const tracked here(alive);
    co_return co_await inner() + 1;
  };
  int ended = 0;
  detail::start(
      outer(), [&](int value) { ended = value; }, [](const std::exception_ptr&) {});
  EXPECT_EQ(alive, 2);
  kept(4);
  EXPECT_EQ(ended, 5);
  EXPECT_EQ(alive, 0);
  kept = nullptr;

  detail::start(
      outer(), [&](int value) { ended = value; }, [](const std::exception_ptr&) {});
  EXPECT_EQ(alive, 2);
  kept = nullptr;
  EXPECT_EQ(alive, 0);
  EXPECT_EQ(ended, 5);

  const auto dropping = [&]() -> task<> {
    const tracked here(alive);
    (void)co_await detail::callback_awaiter<int>([](const auto&) {});
    ended = 9;
  };
  detail::start(
      dropping(), [] {}, [](const std::exception_ptr&) {});
  EXPECT_EQ(alive, 0);
  EXPECT_EQ(ended, 5);
}

TEST(Coroutines, ThatAreResumedAfterTheServersEndAreDestroyed) {
  std::atomic<int> alive{0};
  std::function<void(int)> kept;
  bool went_on = false;
  {
    world w;
    w.of("/").on("go", [&](socket s) -> task<> {
      const tracked here(alive);
      (void)co_await detail::callback_awaiter<int>([&](auto done) { kept = done; });
      went_on = true;
      s.emit("x");
    });
    w.start();
    auto& client = w.open(0);
    client.joins();
    client.says(R"(2["go"])");
    EXPECT_EQ(alive, 1);
  }
  EXPECT_EQ(alive, 1);
  kept(1);
  kept = nullptr;
  EXPECT_FALSE(went_on);
  EXPECT_EQ(alive, 0);
}

}  // namespace
}  // namespace gossamer
