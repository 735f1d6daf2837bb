// Real clients over loopback: each counter moves by what happened, and by nothing else.
#include "tests/unit/ops/fixture.hpp"

#include <atomic>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

namespace gossamer::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class Metrics : public ::testing::Test {
 protected:
  Metrics() {
    io().on("echo", [](socket, std::string text) { return text; });
    io().on("shout", [this](socket, std::string text) { io().emit("shouted", text); });
    server_.listen();
  }
  server& io() { return server_.io; }
  ops_server server_{[](options&) {}};
};

TEST_F(Metrics, AreWhatPrometheusReads) {
  const auto answer = server_.ask("/metrics");
  EXPECT_EQ(answer.status, 200U);
  EXPECT_EQ(answer.header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  const auto read = read_exposition(answer.body);
  EXPECT_THAT(read.complaints, ::testing::IsEmpty());
  for (const auto& [name, one] : read.families) {
    EXPECT_FALSE(one.help.empty()) << name;
    EXPECT_FALSE(one.type.empty()) << name;
    EXPECT_GT(one.samples, 0U) << name;
    EXPECT_TRUE(name.starts_with("gossamer_") || name.starts_with("process_")) << name;
  }
  EXPECT_THAT(answer.body, HasSubstr("gossamer_build_info{version=\"0."));
}

// The names in the first column of the tables, in backquotes.
std::set<std::string> documented_names() {
  std::ifstream page(GOSSAMER_SOURCE_DIR "/docs/metrics.md");
  std::set<std::string> names;
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("| `")) continue;
    const auto end = line.find('`', 3);
    names.insert(line.substr(3, end - 3));
  }
  return names;
}

TEST_F(Metrics, AreThoseOfTheirPage) {
  EXPECT_EQ(server_.scrape().names(), documented_names());
}

TEST_F(Metrics, CountClientsThatComeAndGo) {
  server_.expect({{"gossamer_connections", 0}, {"gossamer_connections_opened_total", 0}});
  socket_client first(server_.port);
  socket_client second(server_.port);
  polling_client third(server_.port);
  server_.expect({{"gossamer_connections", 3},
                  {"gossamer_connections_opened_total", 3},
                  {"gossamer_sessions{transport=\"websocket\"}", 2},
                  {"gossamer_sessions{transport=\"polling\"}", 1},
                  {"gossamer_handshakes_total{result=\"ok\"}", 3},
                  {"gossamer_namespace_connects_total{result=\"ok\"}", 3},
                  {"gossamer_namespace_connects_total{result=\"refused\"}", 0},
                  {"gossamer_sockets{namespace=\"/\"}", 3},
                  {"gossamer_http_requests_total", 5},
                  {"gossamer_packets_received_total", 3},
                  {"gossamer_packets_sent_total", 6}});

  first.wire.text("41");
  server_.expect({{"gossamer_disconnects_total{reason=\"client_namespace_disconnect\"}", 1},
                  {"gossamer_sockets{namespace=\"/\"}", 2},
                  {"gossamer_sessions{transport=\"websocket\"}", 2}});
  second.wire.hang_up();
  server_.expect({{"gossamer_disconnects_total{reason=\"transport_close\"}", 1},
                  {"gossamer_sessions_closed_total{reason=\"websocket_closed\"}", 1},
                  {"gossamer_sessions{transport=\"websocket\"}", 1},
                  {"gossamer_sockets{namespace=\"/\"}", 1},
                  {"gossamer_connections", 2}});
  third.wire.post(with_sid(polling_url, third.sid), "1");
  server_.expect({{"gossamer_disconnects_total{reason=\"transport_close\"}", 2},
                  {"gossamer_sessions_closed_total{reason=\"client_closed\"}", 1},
                  {"gossamer_sessions{transport=\"polling\"}", 0},
                  {"gossamer_sockets{namespace=\"/\"}", 0}});
  io().disconnect_sockets(true);  // nobody is left in the namespace
  server_.expect({{"gossamer_disconnects_total{reason=\"forced_server_close\"}", 0},
                  {"gossamer_sessions{transport=\"websocket\"}", 1}});
}

TEST_F(Metrics, CountDisconnectsByReason) {
  socket_client kicked(server_.port);
  io().disconnect_sockets();
  server_.expect({{"gossamer_disconnects_total{reason=\"server_namespace_disconnect\"}", 1}});
  socket_client closed(server_.port);
  io().disconnect_sockets(true);
  server_.expect({{"gossamer_disconnects_total{reason=\"server_namespace_disconnect\"}", 2},
                  {"gossamer_sessions_closed_total{reason=\"application\"}", 1}});
  socket_client rude(server_.port);
  rude.wire.text("9");
  server_.expect({{"gossamer_disconnects_total{reason=\"parse_error\"}", 1},
                  {"gossamer_sessions_closed_total{reason=\"bad_packet\"}", 1}});
}

TEST_F(Metrics, CountRefusalsByCode) {
  test_client by(server_.port);
  by.get("/socket.io/?EIO=4&transport=pigeon");
  by.get(with_sid(polling_url, "AAAAAAAAAAAAAAAAAAAA"));
  by.get(with_sid(polling_url, "AAAAAAAAAAAAAAAAAAAA"));
  by.post(polling_url, "");
  by.get("/socket.io/?EIO=3&transport=polling");
  test_client(server_.port).get("/", "X Y: not a field\r\n");
  server_.expect({{"gossamer_handshakes_total{result=\"ok\"}", 0},
                  {"gossamer_handshakes_total{result=\"unknown_transport\"}", 1},
                  {"gossamer_handshakes_total{result=\"unknown_sid\"}", 2},
                  {"gossamer_handshakes_total{result=\"bad_method\"}", 1},
                  {"gossamer_handshakes_total{result=\"bad_request\"}", 0},
                  {"gossamer_handshakes_total{result=\"forbidden\"}", 0},
                  {"gossamer_handshakes_total{result=\"bad_version\"}", 1},
                  {"gossamer_http_refusals_total{reason=\"malformed\"}", 1}});

  socket_client client(server_.port);
  client.wire.text("40/nowhere,");
  EXPECT_THAT(client.next(), StartsWith("44/nowhere,"));
  server_.expect({{"gossamer_namespace_connects_total{result=\"refused\"}", 1},
                  {"gossamer_namespace_connects_total{result=\"ok\"}", 1}});
}

TEST_F(Metrics, CountEventsAndTheirReceivers) {
  std::vector<std::unique_ptr<socket_client>> clients;
  for (int i = 0; i < 5; ++i) clients.push_back(std::make_unique<socket_client>(server_.port));
  // Bytes are counted when they are written, so a client may have them first. When a later event of
  // it is counted, they are too.
  const auto all_say = [&](const char* what) {
    for (auto& each : clients) each->emit(what);
  };
  all_say(R"(["before"])");
  server_.expect({{"gossamer_events_received_total", 5}});
  const auto before = server_.scrape();
  for (int i = 0; i < 3; ++i) clients[0]->emit(R"(["shout","hi"])");
  for (auto& each : clients) {
    for (int i = 0; i < 3; ++i) EXPECT_EQ(each->next(), R"(42["shouted","hi"])");
  }
  all_say(R"(["after"])");
  server_.expect({{"gossamer_events_received_total", 13},
                  {"gossamer_deliveries_total", 15},
                  {"gossamer_packets_received_total", 18},
                  {"gossamer_packets_sent_total", 25}});
  const auto after = server_.scrape();
  // `81 len payload` from the server; the same with a mask of four bytes from the client.
  const auto out = std::string_view(R"(42["shouted","hi"])").size() + 2;
  const auto in = std::string_view(R"(42["shout","hi"])").size() + 6;
  const auto end = std::string_view(R"(42["after"])").size() + 6;
  EXPECT_EQ(after.at("gossamer_sent_bytes_total") - before.at("gossamer_sent_bytes_total"),
            static_cast<double>(15 * out));
  EXPECT_EQ(after.at("gossamer_received_bytes_total") - before.at("gossamer_received_bytes_total"),
            static_cast<double>(3 * in + 5 * end));
}

// What a turn of a lane has for a client leaves in one system call, however many packets it is.
TEST(MetricsOfOneLane, CountOneWriteForABurstOfBroadcasts) {
  constexpr int burst = 50;
  ops_server server{[](options& to) { to.lanes = 1; }};
  server.io.on("burst", [&server](socket) {
    for (int i = 0; i < burst; ++i) server.io.emit("news", i);
  });
  server.listen();
  std::vector<std::unique_ptr<socket_client>> clients;
  for (int i = 0; i < 4; ++i) clients.push_back(std::make_unique<socket_client>(server.port));
  server.expect({{"gossamer_writes_total", 4 * 2}});  // 101 with the open packet, CONNECT
  clients[0]->emit(R"(["burst"])");
  for (auto& each : clients) {
    for (int i = 0; i < burst; ++i) {
      EXPECT_EQ(each->next(), "42[\"news\"," + std::to_string(i) + "]");
    }
  }
  server.expect({{"gossamer_deliveries_total", 4 * burst}, {"gossamer_writes_total", 4 * 3}});
}

TEST_F(Metrics, CountRoomsAndSocketsByNamespace) {
  (void)io().of("/news");
  io().of_pattern("/team-.*").on_connection([](socket s) { s.join({"a", "b"}); });
  socket_client first(server_.port);
  socket_client second(server_.port);
  for (auto* each : {&first, &second}) {
    for (const auto* name : {"/team-1", "/team-2", "/news"}) {
      each->wire.text("40" + std::string(name) + ",");
      EXPECT_THAT(each->next(), StartsWith("40" + std::string(name)));
    }
  }
  server_.expect({{"gossamer_sockets{namespace=\"/\"}", 2},
                  {"gossamer_sockets{namespace=\"/news\"}", 2},
                  {"gossamer_sockets{namespace=\"/_0\"}", 4},
                  {"gossamer_rooms{namespace=\"/\"}", 0},
                  {"gossamer_rooms{namespace=\"/_0\"}", 4},
                  {"gossamer_child_namespaces", 2}});
  first.wire.hang_up();
  server_.expect(
      {{"gossamer_sockets{namespace=\"/_0\"}", 2}, {"gossamer_rooms{namespace=\"/_0\"}", 4}});
  second.wire.hang_up();
  server_.expect(
      {{"gossamer_sockets{namespace=\"/_0\"}", 0}, {"gossamer_rooms{namespace=\"/_0\"}", 0}});
}

TEST_F(Metrics, CountAcks) {
  io().on("ask me", [](socket s) { s.emit("question", [](const result<args>&) {}); });
  io().on("ask me soon",
          [](socket s) { s.timeout(20ms).emit("question", [](const result<args>&) {}); });
  socket_client client(server_.port);
  client.emit(R"(["ask me"])");
  const auto question = client.next();
  ASSERT_THAT(question, HasSubstr("[\"question\"]"));
  server_.expect({{"gossamer_acks_pending", 1}, {"gossamer_acks_total{result=\"answered\"}", 0}});
  client.wire.text("43" + question.substr(2, question.find('[') - 2) + "[]");
  server_.expect({{"gossamer_acks_pending", 0}, {"gossamer_acks_total{result=\"answered\"}", 1}});
  client.emit(R"(["ask me soon"])");
  server_.expect({{"gossamer_acks_pending", 0}, {"gossamer_acks_total{result=\"timeout\"}", 1}});
  client.emit(R"(["ask me"])");
  client.emit(R"(["ask me"])");
  server_.expect({{"gossamer_acks_pending", 2}});
  client.wire.hang_up();
  server_.expect({{"gossamer_acks_pending", 0},
                  {"gossamer_acks_total{result=\"answered\"}", 1},
                  {"gossamer_acks_total{result=\"timeout\"}", 1},
                  {"gossamer_acks_total{result=\"disconnected\"}", 2}});
}

// Two clients talk while an operator asks again and again.
TEST_F(Metrics, NeverGoBackUnderLoad) {
  constexpr int rounds = 500;
  std::atomic<int> talking{2};
  const auto talk = [&] {
    socket_client client(server_.port);
    for (int i = 0; i < rounds; ++i) EXPECT_EQ(client.echo("x"), "[\"x\"]");
    --talking;
  };
  std::thread one(talk);
  std::thread two(talk);
  auto last = server_.scrape();
  int scrapes = 0;
  for (bool more = true; more; ++scrapes) {
    more = talking != 0;
    auto now = server_.scrape();
    for (const auto& [name, value] : last.samples) {
      if (!now.counts(name)) continue;
      EXPECT_GE(now.at(name), value) << name;
    }
    last = std::move(now);
  }
  one.join();
  two.join();
  EXPECT_GT(scrapes, 2);
  server_.expect({{"gossamer_events_received_total", 2.0 * rounds}});
  EXPECT_GT(server_.scrape().at("gossamer_lane_turn_seconds_count"), rounds);
  EXPECT_GT(server_.scrape().at("gossamer_lane_turn_seconds_sum"), 0);
}

}  // namespace
}  // namespace gossamer::test
