#include "test_server.hpp"
#include <future>

namespace gossamer::test {
namespace {

using namespace std::chrono_literals;

TEST(TransportWebSocket, OpensASession) {
  test_server server;
  auto client = server.connect();
  const auto accepted = client.upgrade(url("websocket"));
  EXPECT_EQ(accepted.status, 101U);
  EXPECT_EQ(accepted.header("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  const std::string open = client.frame();
  EXPECT_EQ(open, "text:0{\"sid\":\"" + sid_of(open) +
                      "\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000,"
                      "\"maxPayload\":1000000}");
  EXPECT_EQ(server.stats().websocket, 1U);
  EXPECT_EQ(server.stats().polling, 0U);
}

TEST(TransportWebSocket, EchoesTextAndBinary) {
  test_server server;
  auto client = server.connect();
  open_websocket(client);
  client.text("4hello");
  client.binary("\x01\x02");
  client.text("bAQI=");
  EXPECT_EQ(client.frame(), "text:4hello");
  EXPECT_EQ(client.frame(), "binary:\x01\x02");
  EXPECT_EQ(client.frame(), "binary:\x01\x02");
}

TEST(TransportWebSocket, AnswersAWebSocketPing) {
  test_server server;
  auto client = server.connect();
  open_websocket(client);
  client.send(websocket::encode({.code = websocket::opcode::ping, .payload = "x"}));
  EXPECT_EQ(client.frame(), "pong:x");
}

// The rows of the golden table that Engine.IO decides: frame, close code, reason above.
TEST(TransportWebSocket, ClosesAsTheReferenceDoes) {
  struct row {
    std::string_view frame, close, reason;
  };
  const row table[] = {
      {"x", "close:1005", "closed: parse error"},
      {"", "close:1005", "closed: parse error"},
      {"2", "close:1005", "closed: transport error"},
      {"2probe", "close:1005", "closed: transport error"},
      {"b%", "close:1005", "closed: parse error"},
      {"1", "close:1005", "closed: transport close"},
  };
  test_server server;
  for (const row& r : table) {
    auto client = server.connect();
    open_websocket(client);
    client.text(r.frame);
    EXPECT_EQ(client.frame(), r.close) << r.frame;
    EXPECT_EQ(server.app.notes.next(), r.reason) << r.frame;
    EXPECT_TRUE(client.ended());
  }
}

TEST(TransportWebSocket, ClosesAMessageOverTheLimitWith1009) {
  test_server server(with([](auto& o) { o.max_http_buffer_size = 100; }));
  auto client = server.connect();
  open_websocket(client);
  client.text("4" + std::string(99, 'x'));
  EXPECT_EQ(client.frame(), "text:4" + std::string(99, 'x'));
  client.text("4" + std::string(100, 'x'));
  EXPECT_EQ(client.frame(), "close:1009");
  EXPECT_EQ(server.app.notes.next(), "closed: transport error");
}

TEST(TransportWebSocket, NoticesThatTheClientIsGone) {
  test_server server;
  auto client = server.connect();
  open_websocket(client);
  client.hang_up();
  EXPECT_EQ(server.app.notes.next(), "closed: transport close");

  auto polite = server.connect();
  open_websocket(polite);
  polite.send(websocket::encode(
      {.code = websocket::opcode::close, .payload = websocket::close_payload(1000)}));
  EXPECT_EQ(polite.frame(), "close:1000");
  EXPECT_EQ(server.app.notes.next(), "closed: transport close");
}

TEST(TransportWebSocket, ClosesBehindWhatIsQueued) {
  test_server server;
  auto client = server.connect();
  open_websocket(client);
  client.text("4one");
  client.text("4!close");
  EXPECT_EQ(client.frame(), "text:4one");
  EXPECT_EQ(client.frame(), "close:1005");
  EXPECT_TRUE(client.ended());
  EXPECT_EQ(server.app.notes.next(), "closed: forced close");
}

TEST(TransportWebSocket, PingsAndDropsTheSilent) {
  test_server server(with([](auto& o) {
    o.ping_interval = 60ms;
    o.ping_timeout = 40ms;
  }));
  auto client = server.connect();
  open_websocket(client);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(client.frame(), "text:2");
    client.text("3");
  }
  EXPECT_EQ(client.frame(), "text:2");
  EXPECT_EQ(client.frame(), "close:1005");
  EXPECT_EQ(server.app.notes.next(), "closed: ping timeout");
}

TEST(TransportWebSocket, RefusesUpgradesInPlainText) {
  test_server server;
  struct row {
    std::string target, body;
  };
  const row table[] = {
      {url("abc"), "Transport unknown"},
      {url("websocket", "short"), "Session ID unknown"},
      {url("websocket", "lv_VI97HAXpY6yYWAAAA"), "Session ID unknown"},
      {url("websocket", "lv_VI97HAXpY6yYWAAAB"), "Session ID unknown"},
      {url("websocket", "lv_VI97HAXpY6yYWAAA_"), "Session ID unknown"},
      {"/socket.io/?EIO=3&transport=websocket", "Unsupported protocol version"},
  };
  for (const row& r : table) {
    auto client = server.connect();
    const auto refused = client.upgrade(r.target);
    EXPECT_EQ(refused.status, 400U) << r.target;
    EXPECT_EQ(refused.body, r.body) << r.target;
    EXPECT_EQ(refused.header("Content-Type"), "text/html");
    EXPECT_EQ(refused.header("Connection"), "close");
    EXPECT_TRUE(client.ended());
  }
}

TEST(TransportWebSocket, RefusesABadWebSocketRequest) {
  test_server server;
  auto client = server.connect();
  const auto refused = client.get(url("websocket"),
                                  "Connection: Upgrade\r\nUpgrade: websocket\r\n"
                                  "Sec-WebSocket-Version: 12\r\n"
                                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
  EXPECT_EQ(refused.status, 426U);
  EXPECT_EQ(refused.header("Sec-WebSocket-Version"), "13");
  EXPECT_EQ(server.stats().sessions(), 0U);
}

TEST(TransportWebSocket, AcceptsAndClosesAnUpgradeToPolling) {
  test_server server;
  auto client = server.connect();
  EXPECT_EQ(client.upgrade(url("polling")).status, 101U);
  EXPECT_EQ(client.frame(), "close:1005");
  EXPECT_EQ(server.stats().opened, 0U);
}

// ---- budget ----

engine_options small_budget() {
  engine_options options;
  options.send_soft_bytes = 64U << 10U;
  options.send_hard_bytes = 256U << 10U;
  options.send_cap_bytes = 8U << 20U;
  return options;
}

TEST(TransportBudget, ClosesAClientAtTheCap) {
  test_server server(small_budget());
  std::promise<bool> volatile_refused;
  server.app.orders = [&](connection& session, std::string_view) {
    const auto frame = shared_frame::make(frame_kind::text, {"4", std::string(100'000, 'x')});
    auto status = send_status::queued;
    bool refused = false;
    for (int i = 0; i < 200 && status != send_status::closed; ++i) {
      status = session.send({&frame, 1});
      refused = refused || !session.ready_for_volatile();
      if (status == send_status::over_limit) session.check_budget();
    }
    EXPECT_EQ(status, send_status::closed);
    volatile_refused.set_value(refused);
  };
  auto client = server.connect();
  open_websocket(client);
  client.text("4!flood");
  EXPECT_TRUE(volatile_refused.get_future().get());
  EXPECT_EQ(server.app.notes.next(), "closed: transport error");
  const auto& closed = server.stats().closed;
  EXPECT_EQ(closed[static_cast<std::size_t>(engineio::close_cause::slow_client)], 1U);
}

TEST(TransportBudget, ClosesAClientThatReadsNothingAndIsSentNothingMore) {
  auto options = small_budget();
  options.send_cap_bytes = 64U << 20U;
  options.send_stall = 50ms;
  test_server server(options);
  server.app.orders = [&](connection& session, std::string_view) {
    // More than the system buffers for a client that does not read.
    const auto frame = shared_frame::make(frame_kind::text, {"4", std::string(1'000'000, 'x')});
    auto status = send_status::queued;
    for (int i = 0; i < 30; ++i) status = session.send({&frame, 1});
    EXPECT_EQ(status, send_status::over_limit);
    session.check_budget();
  };
  auto client = server.connect();
  open_websocket(client);
  client.text("4!flood");
  EXPECT_EQ(server.app.notes.next(), "closed: transport error");
  const auto& closed = server.stats().closed;
  EXPECT_EQ(closed[static_cast<std::size_t>(engineio::close_cause::slow_client)], 1U);
}

TEST(TransportBudget, TakesOneLargeMessageOnAnEmptyQueue) {
  test_server server(small_budget());
  std::promise<std::vector<send_status>> results;
  server.app.orders = [&](connection& session, std::string_view) {
    const auto big = shared_frame::make(frame_kind::text, {"4", std::string(1'000'000, 'x')});
    const auto small = shared_frame::make(frame_kind::text, {"4s"});
    std::vector<send_status> got;
    got.push_back(session.send({&big, 1}));
    session.check_budget();
    got.push_back(session.send({&small, 1}));
    session.check_budget();
    results.set_value(got);
  };
  auto client = server.connect();
  open_websocket(client);
  client.text("4!big");
  EXPECT_EQ(results.get_future().get(),
            (std::vector<send_status>{send_status::queued, send_status::over_limit}));
  EXPECT_EQ(client.frame().size(), 5U + 1 + 1'000'000);
  EXPECT_EQ(client.frame(), "text:4s");
}

TEST(TransportBudget, ClosesAStalledPollingClientAtTheHardLimit) {
  auto options = small_budget();
  options.send_stall = 0ms;
  test_server server(options);
  server.app.orders = [&](connection& session, std::string_view) {
    const auto frame = shared_frame::make(frame_kind::text, {"4", std::string(200'000, 'x')});
    EXPECT_FALSE(session.ready_for_volatile()) << "no poll waits";
    EXPECT_EQ(session.send({&frame, 1}), send_status::queued);
    session.check_budget();
    EXPECT_EQ(session.send({&frame, 1}), send_status::over_limit);
    session.check_budget();
    EXPECT_EQ(session.send({&frame, 1}), send_status::closed);
  };
  auto client = server.connect();
  const std::string sid = open_polling(client);
  EXPECT_EQ(client.post(url("polling", sid), "4!flood").status, 200U);
  EXPECT_EQ(server.app.notes.next(), "closed: transport error");
}

TEST(TransportBudget, PollingIsReadyForVolatileWhileAPollWaits) {
  test_server server;
  std::promise<bool> ready;
  server.app.orders = [&](connection& session, std::string_view) {
    ready.set_value(session.ready_for_volatile());
    const auto frame = shared_frame::make(frame_kind::text, {"4vol"});
    session.send({&frame, 1});
  };
  auto opener = server.connect();
  auto poller = server.connect();
  const std::string sid = open_polling(opener);
  // Both requests on one connection: the poll arrives first.
  poller.request("GET", url("polling", sid));
  poller.request("POST", url("polling", sid), "4!volatile");
  EXPECT_TRUE(ready.get_future().get());
  EXPECT_EQ(poller.answer().body, "4vol");
}

}  // namespace
}  // namespace gossamer::test
