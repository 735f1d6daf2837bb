// The server as a whole: calls that wait for their time, and what outlives it.
#include "gateway/include/gossamer/server.hpp"

#include "runtime/lanes/lane.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace gossamer {
namespace {

options two_lanes() {
  options how;
  how.lanes = 2;
  return how;
}

// The status of one answer.
unsigned status_of(std::uint16_t port, const std::string& what) {
  boost::asio::io_context io;
  boost::asio::ip::tcp::socket to(io);
  to.connect({boost::asio::ip::make_address("127.0.0.1"), port});
  const auto request = what + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  boost::asio::write(to, boost::asio::buffer(request));
  std::string answer(12, '\0');
  boost::asio::read(to, boost::asio::buffer(answer));
  return static_cast<unsigned>(std::stoul(answer.substr(9)));
}

TEST(After, CallsOnceOnALaneNotEarly) {
  server io(two_lanes());
  std::promise<lane*> called;
  std::atomic<int> calls{0};
  const auto begun = clock::now();
  (void)io.after(milliseconds(30), [&] {
    if (++calls == 1) called.set_value(lane::current());
  });
  EXPECT_NE(called.get_future().get(), nullptr);
  EXPECT_GE(clock::now() - begun, milliseconds(30));
  std::promise<void> later;
  (void)io.after(milliseconds(30), [&] { later.set_value(); });
  later.get_future().wait();
  EXPECT_EQ(calls, 1);
}

TEST(After, ComesInTheOrderOfTheTimesOnTheCallersLane) {
  server io(two_lanes());
  std::vector<int> order;
  std::vector<lane*> where;
  std::promise<void> done;
  (void)io.after(milliseconds(1), [&] {
    where.push_back(lane::current());
    (void)io.after(milliseconds(60), [&] {
      order.push_back(2);
      where.push_back(lane::current());
      done.set_value();
    });
    (void)io.after(milliseconds(20), [&] {
      order.push_back(1);
      where.push_back(lane::current());
    });
  });
  done.get_future().wait();
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
  EXPECT_EQ(where, std::vector<lane*>(3, where[0]));
}

TEST(After, DoesNotCallWhatIsCancelled) {
  server io(two_lanes());
  std::atomic<int> calls{0};
  auto waiting = io.after(milliseconds(40), [&] { ++calls; });
  waiting.cancel();
  waiting.cancel();
  std::promise<void> later;
  (void)io.after(milliseconds(80), [&] { later.set_value(); });
  later.get_future().wait();
  EXPECT_EQ(calls, 0);
  pending_call().cancel();
}

TEST(After, ThrowingHarmsNobody) {
  server io(two_lanes());
  std::promise<void> later;
  (void)io.after(milliseconds(1), [] { throw std::runtime_error("x"); });
  (void)io.after(milliseconds(20), [&] { later.set_value(); });
  later.get_future().wait();
}

TEST(After, DropsWhatStillWaitsAtTheEnd) {
  const auto held = std::make_shared<int>(1);
  pending_call waiting;
  {
    server io(two_lanes());
    waiting = io.after(milliseconds(3'600'000), [held] { ADD_FAILURE(); });
    EXPECT_TRUE(io.stop().clean);
  }
  EXPECT_EQ(held.use_count(), 1);
  waiting.cancel();
}

TEST(StoppedServer, AnswersWithErrors) {
  std::optional<nsp> desk;
  std::optional<room_handle> room;
  {
    server io(two_lanes());
    desk = io.of("/desk");
    room = io.room("/desk", "lobby");
    EXPECT_FALSE(desk->emit("x"));
    EXPECT_TRUE(io.stop().clean);
    EXPECT_EQ(io.emit("x"), errc::server_stopped);
    EXPECT_EQ(io.of("/new").emit("x"), errc::server_stopped);
    EXPECT_EQ(io.sockets_join("r"), errc::server_stopped);
    EXPECT_FALSE(io.listen({.host = "127.0.0.1", .port = 0}));
  }
  EXPECT_EQ(desk->emit("x"), errc::server_stopped);
  EXPECT_EQ(room->emit("x"), errc::server_stopped);
  EXPECT_EQ(room->size(), 0U);
}

TEST(Server, TellsOfNewNamespaces) {
  server io(two_lanes());
  std::vector<std::string> made;
  io.on_new_namespace([&](const nsp& one) { made.push_back(one.name()); });
  (void)io.of("/a");
  (void)io.of("a");
  (void)io.of("/");
  EXPECT_EQ(made, std::vector<std::string>{"/a"});
}

// A server that is no node of a cluster: there is nobody to ask.
TEST(ServerSideEmit, OfAServerByItselfGetsNoAnswersAtOnce) {
  server io(two_lanes());
  std::vector<broadcast_answers> got;
  const auto note = [&](broadcast_answers answers) { got.push_back(std::move(answers)); };
  EXPECT_FALSE(io.server_side_emit("hello", 1, "a"));
  EXPECT_FALSE(io.of("/desk").server_side_emit("hello", 1, note));
  ASSERT_EQ(got.size(), 1U);
  EXPECT_TRUE(got[0].complete);
  EXPECT_TRUE(got[0].responses.empty());
  const auto wait = [](server& on, std::string name, bool& complete) -> task<> {
    complete = (co_await on.server_side_emit_with_ack(name, 1)).complete;
  };
  bool complete = false;
  detail::start(
      wait(io, "hello", complete), [] {}, [](const std::exception_ptr&) {});
  EXPECT_TRUE(complete);
  for (const auto* own : {"connect", "connection", "new_namespace"}) {
    EXPECT_EQ(io.server_side_emit(own, note), socketio::errc::reserved_event_name);
    detail::start(
        wait(io, own, complete), [] {}, [](const std::exception_ptr&) {});
    EXPECT_FALSE(complete);
  }
  EXPECT_EQ(got.size(), 1U);
}

TEST(EngineMiddleware, IsAddedToARunningServer) {
  server io(two_lanes());
  const auto bound = io.listen({.host = "127.0.0.1", .port = 0});
  ASSERT_TRUE(bound);
  io.use_engine([](const http::request&, const engine_next& next) {
    http::response own;
    own.status = 418;
    std::thread([next, own] { next.answer(own); }).join();
  });
  EXPECT_EQ(status_of(bound->port, "GET /socket.io/?EIO=4&transport=polling"), 418U);
  EXPECT_EQ(status_of(bound->port, "GET /elsewhere"), 404U);
}

TEST(EngineMiddleware, IsDroppedByAServerThatHasStopped) {
  server io(two_lanes());
  EXPECT_TRUE(io.stop().clean);
  const auto kept = std::make_shared<int>();
  io.use_engine([kept](const http::request&, const engine_next& next) { next(); });
  EXPECT_EQ(kept.use_count(), 1);
}

}  // namespace
}  // namespace gossamer
