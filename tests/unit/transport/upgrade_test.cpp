#include "runtime/base/random.hpp"

#include "test_server.hpp"

namespace gossamer::test {
namespace {

using namespace std::chrono_literals;

// Upgrades the polling session over `by`, as an unhurried client does.
void probe(test_client& by, const std::string& sid) {
  ASSERT_EQ(by.upgrade(url("websocket", sid)).status, 101U);
  by.text("2probe");
  ASSERT_EQ(by.frame(), "text:3probe");
}

TEST(TransportUpgrade, MovesTheWebSocketToItsSessionsLane) {
  test_server server;
  auto poller = server.connect();
  const std::string sid = open_polling(poller);
  std::vector<test_client> others;
  for (int i = 0; i < 2; ++i) others.push_back(server.connect());
  auto& websocket = others.back();
  probe(websocket, sid);
  websocket.text("5");
  websocket.text("4over websocket");
  EXPECT_EQ(websocket.frame(), "text:4over websocket");
  EXPECT_EQ(server.stats().websockets_moved, 1U);
  EXPECT_EQ(server.stats().websocket, 1U);
  EXPECT_EQ(server.stats().polling, 0U);
  EXPECT_EQ(server.stats().upgraded, 1U);
}

TEST(TransportUpgrade, StaysOnOneLane) {
  test_server server({}, 1);
  auto poller = server.connect();
  const std::string sid = open_polling(poller);
  auto websocket = server.connect();
  probe(websocket, sid);
  websocket.text("5");
  websocket.text("4x");
  EXPECT_EQ(websocket.frame(), "text:4x");
  EXPECT_EQ(server.stats().websockets_moved, 0U);
}

TEST(TransportUpgrade, EndsAWaitingPollWithNoop) {
  test_server server;
  auto poller = server.connect();
  const std::string sid = open_polling(poller);
  poller.request("GET", url("polling", sid));
  auto websocket = server.connect();
  probe(websocket, sid);
  EXPECT_EQ(poller.answer().body, "6");
  poller.request("GET", url("polling", sid));
  EXPECT_EQ(poller.answer().body, "6") << "again while the upgrade is not done";
  websocket.text("5");
  websocket.text("4x");
  EXPECT_EQ(websocket.frame(), "text:4x");
}

TEST(TransportUpgrade, KeepsWhatWasQueuedForAPoll) {
  test_server server;
  auto client = server.connect();
  const std::string sid = open_polling(client);
  auto websocket = server.connect();
  probe(websocket, sid);
  EXPECT_EQ(client
                .post(url("polling", sid),
                      "4one\x1e"
                      "bAQ==\x1e"
                      "4two")
                .body,
            "ok");
  websocket.text("5");
  EXPECT_EQ(websocket.frame(), "text:4one");
  EXPECT_EQ(websocket.frame(), "binary:\x01");
  EXPECT_EQ(websocket.frame(), "text:4two");
}

TEST(TransportUpgrade, RefusesPollingAfterwardsButLives) {
  test_server server;
  auto client = server.connect();
  const std::string sid = open_polling(client);
  auto websocket = server.connect();
  probe(websocket, sid);
  websocket.text("5");
  websocket.text("4x");
  EXPECT_EQ(websocket.frame(), "text:4x");
  for (auto* by : {&client}) {
    EXPECT_EQ(by->get(url("polling", sid)).body, R"({"code":3,"message":"Bad request"})");
    EXPECT_EQ(by->post(url("polling", sid), "4lost").body, R"({"code":3,"message":"Bad request"})");
  }
  websocket.text("4alive");
  EXPECT_EQ(websocket.frame(), "text:4alive");
}

TEST(TransportUpgrade, AcceptsAndClosesASecondWebSocket) {
  test_server server;
  auto client = server.connect();
  const std::string sid = open_polling(client);
  auto websocket = server.connect();
  probe(websocket, sid);
  for (int i = 0; i < 2; ++i) {
    auto second = server.connect();
    EXPECT_EQ(second.upgrade(url("websocket", sid)).status, 101U);
    EXPECT_EQ(second.frame(), "close:1005");
    EXPECT_TRUE(second.ended());
    if (i == 0) {
      websocket.text("5");
      websocket.text("4x");
      EXPECT_EQ(websocket.frame(), "text:4x");
    }
  }
  websocket.text("4alive");
  EXPECT_EQ(websocket.frame(), "text:4alive");
}

TEST(TransportUpgrade, FailsAloneWhenTheProbeMisbehaves) {
  test_server server;
  auto client = server.connect();
  const std::string sid = open_polling(client);
  for (const std::string_view packet : {"4x", "2", "z"}) {
    auto websocket = server.connect();
    ASSERT_EQ(websocket.upgrade(url("websocket", sid)).status, 101U);
    websocket.text(packet);
    EXPECT_EQ(websocket.frame(), "close:1005") << packet;
  }
  auto gone = server.connect();
  ASSERT_EQ(gone.upgrade(url("websocket", sid)).status, 101U);
  gone.hang_up();
  EXPECT_EQ(client.post(url("polling", sid), "4alive").body, "ok");
  EXPECT_EQ(client.get(url("polling", sid)).body, "4alive");
  EXPECT_GE(server.stats().upgrades_failed, 3U);
  EXPECT_EQ(server.stats().polling, 1U);
}

TEST(TransportUpgrade, TimesOutAlone) {
  test_server server(with([](auto& o) { o.upgrade_timeout = 30ms; }));
  auto client = server.connect();
  const std::string sid = open_polling(client);
  auto websocket = server.connect();
  probe(websocket, sid);
  EXPECT_EQ(websocket.frame(), "close:1005");
  EXPECT_EQ(client.post(url("polling", sid), "4alive").body, "ok");
  EXPECT_EQ(client.get(url("polling", sid)).body, "4alive");
}

TEST(TransportUpgrade, APostThatBeganBeforeIsDeliveredFirst) {
  test_server server;
  for (int round = 0; round < 6; ++round) {  // the POST comes from different lanes
    auto opener = server.connect();
    auto websocket = server.connect();
    auto poster = server.connect();
    const std::string sid = open_polling(opener);
    probe(websocket, sid);
    poster.send("POST " + url("polling", sid) +
                " HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n4note ");
    EXPECT_EQ(server.heads.next(), "POST");
    websocket.text("5");
    websocket.text("4note later");
    poster.send("first");
    EXPECT_EQ(poster.answer().body, "ok");
    EXPECT_EQ(server.app.notes.next(), "note first");
    EXPECT_EQ(server.app.notes.next(), "note later");
    websocket.text("4!close");
    EXPECT_EQ(websocket.frame(), "close:1005");
    EXPECT_EQ(server.app.notes.next(), "closed: forced close");
  }
}

TEST(TransportUpgrade, LivesOnWhenAPostThatBeganBeforeIsAborted) {
  test_server server;
  auto opener = server.connect();
  auto websocket = server.connect();
  auto poster = server.connect();
  const std::string sid = open_polling(opener);
  probe(websocket, sid);
  poster.send("POST " + url("polling", sid) +
              " HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n4note ");
  EXPECT_EQ(server.heads.next(), "POST");
  websocket.text("5");
  websocket.text("4later");
  EXPECT_TRUE(server.log.next().starts_with("session opened"));
  EXPECT_TRUE(server.log.next().starts_with("session upgraded"));
  poster.hang_up();
  EXPECT_EQ(websocket.frame(), "text:4later");
}

TEST(TransportUpgrade, IsRelayedWhereTheConnectionCannotMove) {
  test_server server;
  auto opener = server.connect();
  const std::string sid = open_polling(opener);
  // Behind a request whose answer is still to be sent, the connection cannot leave its lane.
  auto websocket = server.connect();
  websocket.send("GET /other/ HTTP/1.1\r\nHost: a\r\n\r\n" +
                 test_client::upgrade_request(url("websocket", sid)));
  EXPECT_EQ(websocket.answer().status, 404U);
  EXPECT_EQ(websocket.answer().status, 101U);
  EXPECT_EQ(server.stats().websockets_relayed, 1U);
  websocket.text("2probe");
  EXPECT_EQ(websocket.frame(), "text:3probe");
  websocket.text("5");
  const std::string big(200'000, 'b');
  for (int i = 0; i < 20; ++i) {
    websocket.text("4" + big + std::to_string(i));
    EXPECT_EQ(websocket.frame(), "text:4" + big + std::to_string(i));
  }
  websocket.text("4!close");
  EXPECT_EQ(websocket.frame(), "close:1005");
  EXPECT_TRUE(websocket.ended());
  EXPECT_EQ(server.app.notes.next(), "closed: forced close");
}

TEST(TransportUpgrade, ARelayedClientThatLeavesEndsItsSession) {
  test_server server;
  auto opener = server.connect();
  const std::string sid = open_polling(opener);
  auto websocket = server.connect();
  websocket.send("GET /other/ HTTP/1.1\r\nHost: a\r\n\r\n" +
                 test_client::upgrade_request(url("websocket", sid)));
  EXPECT_EQ(websocket.answer().status, 404U);
  EXPECT_EQ(websocket.answer().status, 101U);
  websocket.text("2probe");
  EXPECT_EQ(websocket.frame(), "text:3probe");
  websocket.text("5");
  websocket.text("4x");
  EXPECT_EQ(websocket.frame(), "text:4x");
  websocket.hang_up();
  EXPECT_EQ(server.app.notes.next(), "closed: transport close");
}

// Clients that send, poll, post and upgrade at random times: each message exactly once, in order.
TEST(TransportUpgrade, LosesNothingUnderLoad) {
  test_server server;
  seeded_random random(3);
  for (int round = 0; round < 12; ++round) {
    auto poller = server.connect();
    auto poster = server.connect();
    auto websocket = server.connect();
    const std::string sid = open_polling(poster);
    int sent = 0;
    std::string expected, got;
    const auto message = [&] {
      const std::string text = "4m" + std::to_string(sent++) + ";";
      expected += text;
      return text;
    };
    const auto take = [&](std::string body) {
      std::erase(body, '\x1e');
      if (body != "6") got += body;
    };
    for (auto i = random.below(4); i > 0; --i) {
      std::string payload = message();
      payload += "\x1e" + message();
      EXPECT_EQ(poster.post(url("polling", sid), payload).body, "ok");
      if (random.below(2) == 0) take(poller.get(url("polling", sid)).body);
    }
    probe(websocket, sid);
    EXPECT_EQ(poster.post(url("polling", sid), message()).body, "ok");
    if (random.below(2) == 0) take(poller.get(url("polling", sid)).body);
    websocket.text("5");
    for (auto i = 1 + random.below(20); i > 0; --i) websocket.text(message());
    while (got.size() < expected.size()) got += websocket.frame().substr(5);
    EXPECT_EQ(got, expected);
  }
}

}  // namespace
}  // namespace gossamer::test
