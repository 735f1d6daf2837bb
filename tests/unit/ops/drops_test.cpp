// What is dropped, who is cut off, which handlers are slow; and whether that can be seen.
#include "tests/unit/ops/fixture.hpp"

#include <functional>
#include <future>
#include <memory>
#include <sys/socket.h>
#include <thread>
#include <vector>

namespace gossamer::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::size_t inbox_bytes = 64U << 10U;

class Drops : public ::testing::Test {
 protected:
  Drops() {
    io().on("hold", [this](socket) {
      entered_.set_value();
      may_go_on_.get_future().wait();
    });
    io().on("echo", [](socket, std::string text) { return text; });
    io().on("busy", [](socket) {
      const auto until = steady_clock::now() + 60ms;
      while (steady_clock::now() < until) {
      }
      return true;
    });
    server_.listen();
  }
  server& io() { return server_.io; }

  std::promise<void> entered_;
  std::promise<void> may_go_on_;
  ops_server server_{[](options& to) {
    to.lanes = 1;
    to.lane_inbox_bytes_max = inbox_bytes;
    to.send_soft_bytes = 64U << 10U;
    to.send_hard_bytes = 128U << 10U;
    to.send_cap_bytes = 256U << 10U;
    to.slow_handler = 30ms;
    to.lane_hangs_after = 200ms;
  }};
};

TEST_F(Drops, OfVolatileEventsAreCountedForEachReceiver) {
  polling_client one(server_.port);
  polling_client two(server_.port);
  socket_client three(server_.port);
  EXPECT_FALSE(io().volatile_().emit("maybe"));
  EXPECT_EQ(three.next(), R"(42["maybe"])");
  server_.expect({{"gossamer_drops_total{reason=\"volatile\"}", 2},
                  {"gossamer_deliveries_total", 1},
                  {"gossamer_drops_total{reason=\"lane_full\"}", 0},
                  {"gossamer_drops_total{reason=\"lane_full_volatile\"}", 0}});
}

TEST_F(Drops, OfOneSocketAreCountedToo) {
  io().on("dare", [](socket s) { (void)s.volatile_().emit("maybe"); });
  polling_client one(server_.port);
  one.wire.post(with_sid(polling_url, one.sid), "42[\"dare\"]");
  server_.expect({{"gossamer_drops_total{reason=\"volatile\"}", 1},
                  {"gossamer_events_received_total", 1},
                  {"gossamer_deliveries_total", 0}});
}

TEST_F(Drops, AtAFullLaneAreCountedByKind) {
  socket_client client(server_.port);
  client.emit(R"(["hold"])");
  entered_.get_future().wait();
  const std::string news(inbox_bytes / 4, 'n');
  int taken = 0;
  while (!io().emit("news", news)) ++taken;
  EXPECT_EQ(io().emit("news", news), errc::lane_full);
  EXPECT_TRUE(io().volatile_().emit("news", news));
  const auto held = server_.scrape();
  EXPECT_GE(held.at("gossamer_lane_queue_bytes{lane=\"0\"}"), inbox_bytes);
  EXPECT_EQ(held.at("gossamer_deliveries_total"), 0);
  EXPECT_EQ(held.at("gossamer_drops_total{reason=\"lane_full\"}"), 2);
  EXPECT_EQ(held.at("gossamer_drops_total{reason=\"lane_full_volatile\"}"), 1);
  may_go_on_.set_value();
  server_.expect({{"gossamer_lane_queue_bytes{lane=\"0\"}", 0},
                  {"gossamer_deliveries_total", taken},
                  {"gossamer_drops_total{reason=\"volatile\"}", 0}});
}

TEST_F(Drops, OfClientsThatDoNotReadShowTheirBytes) {
  socket_client reader(server_.port);
  socket_client deaf(server_.port);
  const std::string news(16U << 10U, 'n');
  const std::string closed = "gossamer_sessions_closed_total{reason=\"slow_client\"}";
  bool queued = false;
  for (int i = 0; i < 5'000; ++i) {
    io().emit("news", news);
    EXPECT_THAT(reader.next(), StartsWith("42[\"news\""));
    if (i % 4 != 0) continue;
    const auto now = server_.scrape();
    queued = queued || now.at("gossamer_send_queue_bytes{queue=\"connections\"}") > 100'000;
    if (now.at(closed) == 1) break;
  }
  server_.expect({{closed, 1},
                  {"gossamer_disconnects_total{reason=\"transport_error\"}", 1},
                  {"gossamer_sockets{namespace=\"/\"}", 1},
                  {"gossamer_send_queue_bytes{queue=\"connections\"}", 0}});
  EXPECT_TRUE(queued);
  EXPECT_GT(server_.scrape().at("gossamer_slow_client_dropped_bytes_total"), 256U << 10U);
}

TEST_F(Drops, WhatWaitsForPollsIsCountedInBytes) {
  polling_client client(server_.port);
  EXPECT_FALSE(io().emit("news", 1));
  EXPECT_FALSE(io().emit("news", 22));
  const std::string payload =
      "42[\"news\",1]\x1e"
      "42[\"news\",22]";
  const std::string waiting = "gossamer_send_queue_bytes{queue=\"polls\"}";
  EXPECT_TRUE(eventually([&] { return server_.scrape().at("gossamer_deliveries_total") == 2; }));
  const auto bytes = server_.scrape().at(waiting);
  EXPECT_GE(bytes, static_cast<double>(payload.size() - 1));  // an upper bound of what they take
  EXPECT_LE(bytes, static_cast<double>(payload.size() + 40));
  EXPECT_EQ(client.poll(), payload);
  server_.expect({{waiting, 0}});
  EXPECT_FALSE(io().emit("news", 1));
  client.wire.post(with_sid(polling_url, client.sid), "1");
  server_.expect({{waiting, 0}, {"gossamer_sessions{transport=\"polling\"}", 0}});
}

TEST_F(Drops, SlowHandlersHaveNames) {
  socket_client client(server_.port);
  for (int i = 0; i < 2; ++i) {
    client.emit(R"(["busy"])", "7");
    EXPECT_EQ(client.answer(), "[true]");
  }
  server_.expect({{"gossamer_slow_handlers_total{handler=\"busy\"}", 2}});
  EXPECT_GE(server_.scrape().at("gossamer_lane_longest_turn_seconds{lane=\"0\"}"), 0.06);
}

using Health = Drops;

TEST_F(Health, IsOkAndHasTwoPagesOnly) {
  const auto answer = server_.ask("/healthz");
  EXPECT_EQ(answer.status, 200U);
  EXPECT_EQ(answer.body, R"({"status":"ok"})");
  EXPECT_THAT(answer.header("Content-Type"), StartsWith("application/json"));
  for (const auto* page : {"/healthz", "/metrics"}) {
    EXPECT_EQ(server_.ask(page, "POST").status, 405U);
    EXPECT_THAT(server_.ask(page, "DELETE").header("Allow"), HasSubstr("GET"));
  }
  EXPECT_EQ(server_.ask("/").status, 404U);
  EXPECT_EQ(server_.ask("/metrics/more").status, 404U);
  EXPECT_EQ(server_.ask("/socket.io/?EIO=4&transport=polling").status, 404U);
  test_client other(server_.port);
  EXPECT_EQ(other.get("/metrics").status, 404U);
  EXPECT_EQ(other.get("/healthz").status, 404U);
}

TEST_F(Health, IsServedByAnAppThatMountsIt) {
  io().mount_ops("/inner");
  test_client by(server_.port);
  EXPECT_EQ(by.get("/inner/healthz").body, R"({"status":"ok"})");
  const auto read = read_exposition(by.get("/inner/metrics").body);
  EXPECT_THAT(read.complaints, ::testing::IsEmpty());
  EXPECT_EQ(read.at("gossamer_connections"), 1);
  EXPECT_EQ(by.get("/metrics").status, 404U);
}

// The only lane for clients hangs: operators are answered all the same, and told who it is.
TEST_F(Health, NamesTheHandlerThatHoldsALane) {
  socket_client client(server_.port);
  client.emit(R"(["hold"])");
  entered_.get_future().wait();
  http_answer answer;
  EXPECT_TRUE(eventually([&] { return (answer = server_.ask("/healthz")).status == 503; }));
  EXPECT_THAT(answer.body,
              StartsWith(R"({"status":"hanging","lanes":[{"lane":0,"handler":"hold","held_ms":)"));
  EXPECT_EQ(server_.ask("/metrics").status, 200U);
  may_go_on_.set_value();
  EXPECT_TRUE(eventually([&] { return server_.ask("/healthz").status == 200; }));
}

// A handler keeps the server from stopping for a while; it hangs, but not for long enough.
TEST(Ops, SaysThatTheServerDrains) {
  std::promise<void> entered;
  std::promise<void> may_go_on;
  ops_server server{[](options& to) { to.lane_hangs_after = 1h; }};
  server.io.on("hold", [&](socket) {
    entered.set_value();
    may_go_on.get_future().wait();
  });
  server.listen();
  socket_client client(server.port);
  client.emit(R"(["hold"])");
  entered.get_future().wait();
  EXPECT_EQ(server.ask("/healthz").status, 200U);
  auto asking = std::async(std::launch::async, [&] {
    http_answer answer;
    EXPECT_TRUE(eventually([&] { return (answer = server.ask("/healthz")).status == 503; }));
    EXPECT_EQ(server.ask("/metrics").status, 200U);
    client.wire.hang_up();
    may_go_on.set_value();
    return answer.body;
  });
  EXPECT_TRUE(server.io.stop({20s}).clean) << server.log.all();
  EXPECT_EQ(asking.get(), R"({"status":"draining"})");
  EXPECT_THROW((void)server.ask("/healthz"), std::runtime_error);
}

// A client that never answers: what it may owe is bounded, and the emit beyond fails.
TEST(Ops, CountsEmitsToAClientThatOwesTooManyAcks) {
  std::size_t failed = 0;
  error_code why;
  const auto ask = [&](const socket& s) {
    s.emit("q", [&](const result<args>& answer) {
      if (answer || answer.error() == errc::disconnected) return;
      ++failed;
      why = answer.error();
    });
  };
  ops_server server{[](options& to) { to.lanes = 1; }};
  server.io.on("ask", [&](socket s) {
    for (std::size_t i = 0; i < limits::acks_per_socket_max; ++i) ask(s);
    EXPECT_EQ(failed, 0U);
    ask(s);
    ask(s);
    return true;
  });
  server.listen();
  socket_client client(server.port);
  client.emit(R"(["ask"])", "7");
  EXPECT_EQ(client.answer(), "[true]");
  EXPECT_EQ(failed, 2U);
  EXPECT_EQ(why, socketio::errc::too_many_acks);
  server.expect({{"gossamer_drops_total{reason=\"ack_table_full\"}", 2},
                 {"gossamer_acks_pending", limits::acks_per_socket_max},
                 {"gossamer_deliveries_total", limits::acks_per_socket_max}});
}

TEST(Ops, CountsEventsInOrderBeyondTheBound) {
  std::vector<std::function<void(int)>> never;
  ops_server server{[](options& to) { to.lanes = 1; }};
  server.io.on("serial", in_order([&](socket) -> task<> {
                 co_await detail::callback_awaiter<int>(
                     [&](auto done) { never.push_back(std::move(done)); });
               }));
  server.listen();
  socket_client client(server.port);
  for (int i = 0; i < 1025; ++i) client.emit(R"(["serial"])");  // one runs, the others wait
  server.expect({{"gossamer_events_received_total", 1025},
                 {"gossamer_drops_total{reason=\"too_many_in_order\"}", 0},
                 {"gossamer_sockets{namespace=\"/\"}", 1}});
  client.emit(R"(["serial"])");
  server.expect({{"gossamer_drops_total{reason=\"too_many_in_order\"}", 1},
                 {"gossamer_disconnects_total{reason=\"forced_close\"}", 1},
                 {"gossamer_sockets{namespace=\"/\"}", 0}});
  EXPECT_EQ(never.size(), 1U);
}

TEST(Ops, IsOffUnlessAskedFor) {
  loopback_server plain{[](options&) {}};
  plain.listen();
  EXPECT_FALSE(plain.io.ops_address().has_value());
  const auto bound = plain.io.listen_ops({"127.0.0.1", 0});
  ASSERT_TRUE(bound.has_value());
  EXPECT_EQ(plain.io.ops_address()->port, bound->port);
  EXPECT_EQ(test_client(bound->port).get("/healthz").status, 200U);
  loopback_server other{[&](options& to) { to.ops = ops_options{"127.0.0.1", bound->port}; }};
  EXPECT_FALSE(other.io.listen({"127.0.0.1", 0}).has_value()) << "that port is in use";
}

}  // namespace
}  // namespace gossamer::test
