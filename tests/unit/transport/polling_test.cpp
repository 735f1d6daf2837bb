#include "test_server.hpp"

namespace gossamer::test {
namespace {

using namespace std::chrono_literals;

TEST(TransportPolling, OpensASession) {
  test_server server;
  auto client = server.connect();
  const auto opened = client.get(url("polling"));

  EXPECT_EQ(opened.status, 200U);
  EXPECT_EQ(opened.header("Content-Type"), "text/plain; charset=UTF-8");
  EXPECT_EQ(opened.header("Cache-Control"), "no-store");
  const std::string sid = sid_of(opened.body);
  EXPECT_TRUE(session_id::looks_like(sid)) << opened.body;
  EXPECT_EQ(opened.body, "0{\"sid\":\"" + sid +
                             "\",\"upgrades\":[\"websocket\"],\"pingInterval\":25000,"
                             "\"pingTimeout\":20000,\"maxPayload\":1000000}");
  EXPECT_EQ(server.stats().polling, 1U);
}

TEST(TransportPolling, EchoesTextAndBinary) {
  test_server server;
  auto client = server.connect();
  const std::string sid = open_polling(client);

  const auto posted = client.post(url("polling", sid),
                                  "4hello\x1e"
                                  "bAQIDBA==");
  EXPECT_EQ(posted.status, 200U);
  EXPECT_EQ(posted.body, "ok");
  EXPECT_EQ(posted.header("Content-Type"), "text/html");
  EXPECT_EQ(client.get(url("polling", sid)).body,
            "4hello\x1e"
            "bAQIDBA==");
}

TEST(TransportPolling, AnswersAWaitingPoll) {
  test_server server;
  auto poller = server.connect();
  auto poster = server.connect();
  const std::string sid = open_polling(poller);
  poller.request("GET", url("polling", sid));
  EXPECT_EQ(poster
                .post(url("polling", sid),
                      "4a\x1e"
                      "4b")
                .body,
            "ok");
  EXPECT_EQ(poller.answer().body,
            "4a\x1e"
            "4b");
}

TEST(TransportPolling, ReplacesInvalidUtf8) {
  test_server server;
  auto client = server.connect();
  const std::string sid = open_polling(client);
  EXPECT_EQ(client.post(url("polling", sid), "4a\xff").body, "ok");
  EXPECT_EQ(client.get(url("polling", sid)).body, "4a\xef\xbf\xbd");
}

TEST(TransportPolling, OneConnectionCarriesManySessionsOfAllLanes) {
  test_server server;
  std::vector<test_client> others;
  std::vector<std::string> sids;
  for (int i = 0; i < 6; ++i) {
    others.push_back(server.connect());
    sids.push_back(open_polling(others.back()));
  }
  auto proxy = server.connect();
  for (int round = 0; round < 3; ++round) {
    for (const auto& sid : sids) {
      EXPECT_EQ(proxy.post(url("polling", sid), "4to " + sid).body, "ok");
    }
    for (const auto& sid : sids) {
      EXPECT_EQ(proxy.get(url("polling", sid)).body, "4to " + sid);
    }
  }
  EXPECT_GT(server.stats().forwarded, 0U);
  EXPECT_EQ(server.stats().polling, 6U);
}

TEST(TransportPolling, RefusesWithTheReferencesBodies) {
  test_server server;
  auto opener = server.connect();
  const std::string sid = open_polling(opener);
  struct row {
    std::string method, target;
    unsigned status;
    std::string body;
  };
  const std::string unknown = "lv_VI97HAXpY6yYWAAAC";
  const row table[] = {
      {"GET", "/socket.io/?EIO=4", 400, R"({"code":0,"message":"Transport unknown"})"},
      {"GET", url("abc"), 400, R"({"code":0,"message":"Transport unknown"})"},
      {"GET", url("polling", unknown), 400, R"({"code":1,"message":"Session ID unknown"})"},
      {"POST", url("polling", unknown), 400, R"({"code":1,"message":"Session ID unknown"})"},
      {"GET", url("polling", "short"), 400, R"({"code":1,"message":"Session ID unknown"})"},
      {"POST", url("polling", "short"), 400, R"({"code":1,"message":"Session ID unknown"})"},
      {"POST", url("polling"), 400, R"({"code":2,"message":"Bad handshake method"})"},
      {"OPTIONS", url("polling"), 400, R"({"code":2,"message":"Bad handshake method"})"},
      {"GET", url("websocket"), 400, R"({"code":3,"message":"Bad request"})"},
      {"GET", url("websocket", sid), 400, R"({"code":3,"message":"Bad request"})"},
      {"GET", "/socket.io/?EIO=3&transport=polling&sid=" + sid, 400,
       R"({"code":3,"message":"Bad request"})"},
      {"POST", "/socket.io/?transport=polling&sid=" + sid, 400,
       R"({"code":3,"message":"Bad request"})"},
      {"GET", "/socket.io/?EIO=3&transport=polling", 400,
       R"({"code":5,"message":"Unsupported protocol version"})"},
      {"DELETE", url("polling", sid), 500, ""},
  };
  // From the session's own lane and from others.
  std::vector<test_client> clients;
  for (int i = 0; i < 3; ++i) clients.push_back(server.connect());
  for (auto& client : clients) {
    for (const row& r : table) {
      client.request(r.method, r.target);
      const auto got = client.answer();
      EXPECT_EQ(got.status, r.status) << r.method << r.target;
      EXPECT_EQ(got.body, r.body) << r.method << r.target;
      EXPECT_EQ(got.header("Content-Type"), r.body.empty() ? "" : "application/json");
    }
  }
  EXPECT_EQ(opener.post(url("polling", sid), "4alive").body, "ok");
  EXPECT_EQ(server.stats().refused[5], 3U);
}

// Requests on one connection arrive in their order, so a pipelined one finds the poll waiting.
TEST(TransportPolling, SecondPollEndsTheSession) {
  test_server server;
  for (int lane = 0; lane < 3; ++lane) {
    auto opener = server.connect();
    auto poller = server.connect();
    const std::string sid = open_polling(opener);
    poller.request("GET", url("polling", sid));
    poller.request("GET", url("polling", sid));
    EXPECT_EQ(poller.answer().body, "1");
    const auto refused = poller.answer();
    EXPECT_EQ(refused.status, 400U);
    EXPECT_EQ(refused.body, "");
    EXPECT_EQ(server.app.notes.next(), "closed: transport error");
    EXPECT_EQ(poller.get(url("polling", sid)).body, R"({"code":1,"message":"Session ID unknown"})");
  }
}

TEST(TransportPolling, OverlappingPostsEndTheSession) {
  test_server server;
  auto opener = server.connect();
  auto first = server.connect();
  auto second = server.connect();
  const std::string sid = open_polling(opener);
  first.send("POST " + url("polling", sid) +
             " HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n4no");
  EXPECT_EQ(server.heads.next(), "POST");
  EXPECT_EQ(second.post(url("polling", sid), "3").status, 400U);
  EXPECT_EQ(server.app.notes.next(), "closed: transport error");
  first.send("te");
  EXPECT_EQ(first.answer().status, 400U);
}

TEST(TransportPolling, AbortedPollEndsTheSession) {
  test_server server;
  auto opener = server.connect();
  auto poller = server.connect();
  const std::string sid = open_polling(opener);
  poller.request("GET", url("polling", sid));
  poller.hang_up();
  EXPECT_EQ(server.app.notes.next(), "closed: transport error");
  const auto closed = server.stats().closed;
  EXPECT_EQ(closed[static_cast<std::size_t>(engineio::close_cause::poll_aborted)], 1U);
}

TEST(TransportPolling, AbortedPostEndsTheSession) {
  test_server server;
  auto opener = server.connect();
  auto poster = server.connect();
  const std::string sid = open_polling(opener);
  poster.send("POST " + url("polling", sid) +
              " HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\n4no");
  poster.hang_up();
  EXPECT_EQ(server.app.notes.next(), "closed: transport error");
}

TEST(TransportPolling, BadPacketIsRefusedAndEndsTheSession) {
  test_server server;
  auto client = server.connect();
  const std::string sid = open_polling(client);
  const auto refused = client.post(url("polling", sid),
                                   "4note first\x1e"
                                   "abc\x1e"
                                   "4note second");
  EXPECT_EQ(refused.status, 400U);
  EXPECT_EQ(server.app.notes.next(), "note first");
  EXPECT_EQ(server.app.notes.next(), "closed: parse error");
  EXPECT_EQ(client.get(url("polling", sid)).status, 400U);
}

TEST(TransportPolling, ClosePacketEndsThePollWithNoop) {
  test_server server;
  auto opener = server.connect();
  auto client = server.connect();
  const std::string sid = open_polling(opener);
  client.request("GET", url("polling", sid));
  client.request("POST", url("polling", sid), "1");
  EXPECT_EQ(client.answer().body, "6");
  EXPECT_EQ(client.answer().body, "ok");
  EXPECT_EQ(server.app.notes.next(), "closed: transport close");
  EXPECT_EQ(client.get(url("polling", sid)).status, 400U);
}

TEST(TransportPolling, CloseFromAboveReachesTheNextPoll) {
  test_server server;
  auto client = server.connect();
  const std::string sid = open_polling(client);
  EXPECT_EQ(client
                .post(url("polling", sid),
                      "4before\x1e"
                      "4!close\x1e"
                      "4after")
                .body,
            "ok");
  EXPECT_EQ(client.get(url("polling", sid)).body, "4before");
  EXPECT_EQ(client.get(url("polling", sid)).body,
            "6\x1e"
            "1");
  EXPECT_EQ(server.app.notes.next(), "closed: forced close");
  EXPECT_EQ(client.get(url("polling", sid)).status, 400U);
}

TEST(TransportPolling, CloseWithNothingQueuedSendsNoopAndClose) {
  test_server server;
  auto client = server.connect();
  const std::string sid = open_polling(client);
  EXPECT_EQ(client.post(url("polling", sid), "4!close twice").body, "ok");
  EXPECT_EQ(client.get(url("polling", sid)).body,
            "6\x1e"
            "1");
  EXPECT_EQ(server.app.notes.next(), "closed: forced close");
}

TEST(TransportPolling, RefusesABodyOverTheLimitButLives) {
  test_server server(with([](auto& o) { o.max_http_buffer_size = 100; }));
  auto client = server.connect();
  const std::string sid = open_polling(client);
  auto other = server.connect();
  EXPECT_EQ(other.post(url("polling", sid), "4" + std::string(100, 'x')).status, 413U);
}

TEST(TransportPolling, RefusesAnOctetStream) {
  test_server server;
  auto client = server.connect();
  const std::string sid = open_polling(client);
  client.send("POST " + url("polling", sid) +
              " HTTP/1.1\r\nHost: a\r\nContent-Type: application/octet-stream\r\n"
              "Content-Length: 1\r\n\r\n3");
  EXPECT_EQ(client.answer().status, 400U);
  EXPECT_EQ(server.app.notes.next(), "closed: transport error");
}

TEST(TransportPolling, PingsAndDropsTheSilent) {
  test_server server(with([](auto& o) {
    o.ping_interval = 60ms;
    o.ping_timeout = 40ms;
  }));
  auto client = server.connect();
  const std::string sid = open_polling(client);
  EXPECT_EQ(client.get(url("polling", sid)).body, "2");
  EXPECT_EQ(server.app.notes.next(), "closed: ping timeout");
  EXPECT_EQ(server.log.next().substr(0, 14), "session opened");
  EXPECT_EQ(server.log.next(),
            "session closed sid=" + sid + " reason=ping_timeout transport=polling");
}

TEST(TransportPolling, SendsTheInitialPacketWithTheOpenPacket) {
  engine_options options;
  options.initial_packet = "welcome";
  test_server server(options);
  auto client = server.connect();
  const auto opened = client.get(url("polling"));
  EXPECT_TRUE(
      opened.body.ends_with("}\x1e"
                            "4welcome"))
      << opened.body;
}

TEST(TransportPolling, MessagesOfOnSessionComeWithTheNextPoll) {
  test_server server;
  server.app.on_open = [](connection& session) {
    const auto frame = shared_frame::make(frame_kind::text, {"4early"});
    session.send({&frame, 1});
  };
  auto client = server.connect();
  const std::string sid = open_polling(client);
  EXPECT_EQ(client.get(url("polling", sid)).body, "4early");
}

TEST(TransportPolling, MayBeClosedInOnSession) {
  test_server server;
  server.app.on_open = [](connection& session) { session.close(close_reason::forced_close); };
  auto client = server.connect();
  const std::string sid = open_polling(client);
  EXPECT_EQ(client.get(url("polling", sid)).body,
            "6\x1e"
            "1");
  EXPECT_EQ(server.app.notes.next(), "closed: forced close");

  auto other = server.connect();
  EXPECT_EQ(other.upgrade(url("websocket")).status, 101U);
  EXPECT_EQ(other.frame().substr(0, 7), "text:0{");
  EXPECT_EQ(other.frame(), "close:1005");
  EXPECT_EQ(server.app.notes.next(), "closed: forced close");
}

}  // namespace
}  // namespace gossamer::test
