// The examples of docs/api/testing.md: a program's tests without ports, threads and waiting.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <gossamer/testing.hpp>
#include <string>
#include <thread>

using namespace std::chrono_literals;

namespace {

TEST(ApiTesting, AServerAndItsClients) {
  // example: testing::server, testing::server::connect, testing::client::ask, testing::client::emit
  // example: testing::client::expect, testing::event::get, testing::event::size
  gossamer::testing::server io;
  io.on("say", [](gossamer::socket s, std::string text) {
    s.broadcast().emit("said", text);
    return text.size();
  });
  auto ada = io.connect();
  auto bob = io.connect({.auth = {{"name", "Bob"}}, .headers = {{"x-token", "42"}}});
  EXPECT_EQ(ada.ask<int>("say", "hello"), 5);
  ada.emit("say", "again");
  EXPECT_EQ(bob.expect("said").get<std::string>(0), "hello");  // the next event, in order
  EXPECT_EQ(bob.expect("said").size(), 1U);
  // end
}

TEST(ApiTesting, TimeStandsStill) {
  // example: testing::server::advance, testing::server::time, testing::world::now
  // example: testing::world::advance
  gossamer::testing::server io;
  int rung = 0;
  (void)io.after(1h, [&] { ++rung; });
  io.advance(59min);
  EXPECT_EQ(rung, 0);
  const auto before = io.time().now();
  io.time().advance(1min);  // the same; a world may have several servers
  EXPECT_EQ(rung, 1);
  EXPECT_EQ(io.time().now() - before, 1min);
  // end
}

TEST(ApiTesting, WhatTheServerDoes) {
  // example: testing::server::run, testing::world::run, testing::client::waiting
  // example: testing::client::next, testing::client::forget_events
  gossamer::testing::server io;
  auto ada = io.connect();
  io.emit("news", 1);
  io.emit("news", 2);
  io.run();  // the test has called the server: until nothing is left to be done
  EXPECT_EQ(ada.waiting(), 2U);
  const auto first = ada.next();  // nothing if there is none
  EXPECT_EQ(first->name, "news");
  ada.forget_events();
  io.emit("news", 3);
  io.time().run();  // the same
  EXPECT_EQ(ada.expect("news").get<int>(), 3);
  // end
}

TEST(ApiTesting, Answers) {
  // example: testing::client::emit_with_ack, testing::pending_answer::arrived
  // example: testing::pending_answer::arguments, testing::pending_answer::get
  // example: testing::event::wants_answer, testing::event::answer
  gossamer::testing::server io;
  io.on("later", [&io](gossamer::ack reply) { (void)io.after(1s, [reply] { reply(7, "x"); }); });
  io.on("ask me", [](gossamer::socket s) -> gossamer::task<bool> {
    const auto sure = co_await s.ask<bool>("sure?");
    co_return sure&&* sure;
  });
  auto ada = io.connect();
  const auto later = ada.emit_with_ack("later");
  EXPECT_FALSE(later.arrived());
  io.advance(1100ms);
  EXPECT_EQ(later.get<int>(), 7);
  EXPECT_EQ(later.arguments().size(), 2U);
  const auto asked = ada.emit_with_ack("ask me");
  const auto question = ada.expect("sure?");
  if (question.wants_answer()) question.answer(true);
  EXPECT_TRUE(asked.get<bool>());
  // end
}

TEST(ApiTesting, State) {
  // example: testing::client::connected, testing::client::id, testing::client::refused
  // example: testing::client::disconnect_reason, testing::client::recovered
  // example: testing::connect_refusal::message, testing::connect_refusal::data
  gossamer::testing::server io;
  io.use([](gossamer::handshake from) -> gossamer::admission {
    if (from.query("token") == "42") return gossamer::admit();
    return gossamer::refuse("no token", {{"retry", false}});
  });
  io.on("leave", [](gossamer::socket s) { s.disconnect(); });
  auto ada = io.connect({.query = "&token=42"});
  auto nobody = io.connect();
  EXPECT_TRUE(ada.connected() && !ada.id().empty() && !ada.recovered());
  EXPECT_EQ(nobody.refused()->message, "no token");
  EXPECT_EQ(nobody.refused()->data.at("retry"), false);
  ada.emit("leave");
  EXPECT_EQ(ada.disconnect_reason(), "io server disconnect");
  // end
}

TEST(ApiTesting, EndsAndComesBack) {
  // example: testing::client::disconnect, testing::client::close, testing::client::drop
  // example: testing::client::reconnect, testing::client::on
  gossamer::testing::server io;
  std::string why;
  io.sockets().on_disconnect(
      [&](gossamer::socket, gossamer::disconnect_reason reason) { why = gossamer::text(reason); });
  auto ada = io.connect();
  int greeted = 0;
  ada.on("hello", [&](const gossamer::testing::event&) { ++greeted; });  // not to expect() then
  ada.disconnect();
  EXPECT_EQ(why, "client namespace disconnect");
  ada.reconnect();
  ada.drop();  // as if a cable was pulled; close() is the client's own end
  EXPECT_EQ(why, "transport close");
  ada.reconnect();
  io.emit("hello");
  io.run();
  EXPECT_EQ(greeted, 1);
  ada.close();
  EXPECT_FALSE(ada.connected());
  // end
}

TEST(ApiTesting, FreezesAndThaws) {
  // example: testing::client::freeze, testing::client::thaw
  gossamer::testing::server io;
  auto ada = io.connect();
  ada.freeze();  // takes nothing, says nothing: a phone in a tunnel
  io.emit("news");
  io.run();
  EXPECT_EQ(ada.waiting(), 0U);
  ada.thaw();
  ada.expect("news");
  // end
}

TEST(ApiTesting, Namespaces) {
  // example: testing::client::join, testing::client::send_raw
  gossamer::testing::server io;
  io.of("/desk").on("where", [](gossamer::socket s) { return s.nsp(); });
  auto ada = io.connect();
  auto at_desk = ada.join("/desk");  // on the same connection
  EXPECT_EQ(at_desk.ask<std::string>("where"), "/desk");
  ada.send_raw("2[1,2,3");  // what no client would send: it is closed
  EXPECT_FALSE(ada.connected());
  // end
}

TEST(ApiTesting, SeveralServers) {
  // example: testing::world, testing::world::run_until, testing::connect_options::nsp
  // example: testing::connect_options::auth, testing::connect_options::headers
  // example: testing::connect_options::query, testing::connect_options::answers_pings
  // example: testing::connect_options::lane
  gossamer::testing::world time;
  gossamer::testing::server one(time), two(time);  // with one clock
  gossamer::testing::connect_options how;
  how.nsp = "/";
  how.auth = {{"name", "Ada"}};
  how.headers = {{"x-token", "42"}};
  how.query = "&room=tea";
  how.answers_pings = false;  // the server misses it after a while
  how.lane = 0;
  const auto ada = one.connect(how);
  time.advance(1min);
  EXPECT_FALSE(ada.connected());
  // With a thread of the program: real time, until it is true.
  std::atomic<bool> done{false};
  std::thread worker([&] { done = true; });
  EXPECT_TRUE(time.run_until([&] { return done.load(); }));
  worker.join();
  // end
}

}  // namespace
