// Middlewares that decide later, on other threads, and those that are added while the server runs.
#include <gtest/gtest.h>

#include "test_server.hpp"
#include <future>
#include <mutex>
#include <optional>
#include <thread>

namespace gossamer::test {
namespace {

using namespace std::chrono_literals;
using transport::middleware_list;
using transport::middleware_next;

// Holds every request until the test takes it.
struct gate {
  void put(const middleware_next& next) {
    const std::scoped_lock lock(mutex);
    held.push_back(next);
    notes.write("held");
  }
  middleware_next take() {
    EXPECT_EQ(notes.next(), "held");
    const std::scoped_lock lock(mutex);
    auto next = held.front();
    held.pop_front();
    return next;
  }
  std::mutex mutex;
  std::deque<middleware_next> held;
  journal notes;
};

struct gated_server {
  explicit gated_server(std::size_t lanes = 3) : server(with_gate(), lanes) {}
  engine_options with_gate() {
    engine_options options;
    options.middlewares = std::make_shared<middleware_list>();
    options.middlewares->add([this](const http::request&, middleware_next next) {
      if (open) return next();
      at.put(next);
    });
    list = options.middlewares;
    return options;
  }
  gate at;
  std::atomic<bool> open{false};
  std::shared_ptr<middleware_list> list;
  test_server server;
};

http::header_fields seen(std::string_view value) {
  http::header_fields more;
  more.add("X-Seen", value);
  return more;
}

TEST(Middleware, HoldsAHandshakeUntilAnotherThreadDecides) {
  gated_server one;
  auto client = one.server.connect();
  client.request("GET", url("polling"));
  std::thread([next = one.at.take()] { next(seen("yes")); }).join();
  const auto opened = client.answer();
  EXPECT_EQ(opened.status, 200U);
  EXPECT_EQ(opened.header("X-Seen"), "yes");
  EXPECT_EQ(sid_of(opened.body).size(), 20U);
}

TEST(Middleware, HoldsAPostWhoseBodyHasCome) {
  gated_server one;
  one.open = true;
  auto client = one.server.connect();
  const std::string sid = open_polling(client);
  one.open = false;
  client.request("POST", url("polling", sid), "4x");
  const auto next = one.at.take();
  auto other = one.server.connect();
  // Answered by the same lanes: the body has been read by now.
  for (int i = 0; i < 8; ++i) EXPECT_EQ(other.get("/other/").status, 404U);
  next();
  EXPECT_EQ(client.answer().body, "ok");
  one.open = true;
  EXPECT_EQ(client.get(url("polling", sid)).body, "4x");
}

TEST(Middleware, HoldsAPostUntilItsBodyComes) {
  gated_server one;
  one.open = true;
  auto client = one.server.connect();
  const std::string sid = open_polling(client);
  one.open = false;
  client.send("POST " + url("polling", sid) + " HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n4");
  one.at.take()();
  client.send("x");
  EXPECT_EQ(client.answer().body, "ok");
  one.open = true;
  EXPECT_EQ(client.get(url("polling", sid)).body, "4x");
}

TEST(Middleware, AnswersAPostLaterOrRefusesIt) {
  gated_server one;
  auto client = one.server.connect();
  http::response own;
  own.status = 401;
  for (const std::string_view body : {"4x", ""}) {
    client.request("POST", url("polling", "AAAAAAAAAAAAAAAAAAAA"), body);
    one.at.take().answer(own);
    EXPECT_EQ(client.answer().status, 401U);
    client.request("POST", url("polling", "AAAAAAAAAAAAAAAAAAAA"), body);
    one.at.take().fail();
    EXPECT_EQ(client.answer().body, R"({"code":3,"message":"Bad request"})");
  }
}

TEST(Middleware, AnswersAPostBeforeItsBodyComes) {
  gated_server one;
  auto client = one.server.connect();
  const auto head = "POST " + url("polling", "AAAAAAAAAAAAAAAAAAAA") + " HTTP/1.1\r\nHost: x\r\n";
  client.send(head + "Content-Length: 2\r\n\r\n4");
  http::response own;
  own.status = 401;
  const auto next = one.at.take();
  next.answer(own);
  next();  // the first one counts
  client.send("x");
  EXPECT_EQ(client.answer().status, 401U);
}

TEST(Middleware, HoldsAWebSocket) {
  gated_server one;
  auto client = one.server.connect();
  client.send(test_client::upgrade_request(url("websocket")));
  one.at.take()(seen("yes"));
  const auto answer = client.answer();
  EXPECT_EQ(answer.status, 101U);
  EXPECT_EQ(answer.header("X-Seen"), "yes");
  EXPECT_EQ(client.frame().substr(0, 6), "text:0");
  client.text("4x");
  EXPECT_EQ(client.frame(), "text:4x");
}

TEST(Middleware, AreAskedOneAfterTheOther) {
  gated_server one;
  journal order;
  one.list->add([&](const http::request&, const middleware_next& next) {
    order.write("second");
    next();
  });
  one.list->add(
      [&](const http::request&, http::header_fields& more) -> std::optional<http::response> {
        order.write("third");
        more.add("X-Third", "yes");
        return std::nullopt;
      });
  auto client = one.server.connect();
  client.request("GET", url("polling"));
  const auto next = one.at.take();
  order.write("first");
  next();
  EXPECT_EQ(client.answer().header("X-Third"), "yes");
  for (const auto* which : {"first", "second", "third"}) EXPECT_EQ(order.next(), which);
}

TEST(Middleware, ForgetsAClientThatLeaves) {
  gated_server one(1);
  std::optional<middleware_next> kept;
  {
    auto client = one.server.connect();
    client.request("GET", url("polling"));
    kept = one.at.take();
  }
  auto other = one.server.connect();
  while (one.server.http().stats().connections() > 1) EXPECT_EQ(other.get("/other/").status, 404U);
  // A turn later the engine has been told; two more, and it has the decision.
  for (int i = 0; i < 2; ++i) EXPECT_EQ(other.get("/other/").status, 404U);
  (*kept)();
  for (int i = 0; i < 2; ++i) EXPECT_EQ(other.get("/other/").status, 404U);
  EXPECT_EQ(one.server.stats().opened, 0U);
}

TEST(Middleware, WhatItHoldsIsAnswered503AtTheEnd) {
  gated_server one;
  auto client = one.server.connect();
  client.request("GET", url("polling"));
  const auto next = one.at.take();
  std::promise<void> closed;
  one.server.io().close(50ms, [&] { closed.set_value(); });
  closed.get_future().get();
  EXPECT_EQ(client.answer().status, 503U);
  next();
}

TEST(Middleware, MayOutliveTheServer) {
  std::optional<middleware_next> kept;
  {
    gated_server one;
    auto client = one.server.connect();
    client.request("GET", url("polling"));
    kept = one.at.take();
  }
  (*kept)();
}

}  // namespace
}  // namespace gossamer::test
