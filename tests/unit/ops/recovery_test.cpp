// What operators see of clients that drop and come back, and how what is kept for them is counted.
#include "tests/unit/ops/fixture.hpp"

#include <future>

namespace gossamer::test {
namespace {

using namespace std::chrono_literals;

std::string field(const std::string& packet, const std::string& name) {
  const auto key = "\"" + name + "\":\"";
  const auto at = packet.find(key);
  if (at == std::string::npos) return {};
  return packet.substr(at + key.size(), packet.find('"', at + key.size()) - at - key.size());
}
// The last argument of `42["name",...,"offset"]`.
std::string offset_of(const std::string& packet) {
  const auto end = packet.rfind('"');
  return packet.substr(packet.rfind('"', end - 1) + 1, end - packet.rfind('"', end - 1) - 1);
}

// A client on a WebSocket that may come back.
class visitor {
 public:
  explicit visitor(std::uint16_t port, const std::string& auth = "") : wire(port) {
    wire.upgrade(websocket_url);
    (void)wire.frame();
    wire.text("40" + auth);
  }
  /// Reads up to the answer to CONNECT; gives how many events came before it.
  int joined() {
    for (int events = 0;; ++events) {
      const auto packet = next();
      if (!packet.starts_with("40")) continue;
      pid = field(packet, "pid");
      return events;
    }
  }
  std::string next() {
    for (;;) {
      const auto frame = wire.frame();
      if (frame == "text:2") {
        wire.text("3");
        continue;
      }
      return frame.substr(5);
    }
  }
  [[nodiscard]] std::string ticket(const std::string& offset) const {
    return R"({"pid":")" + pid + R"(","offset":")" + offset + "\"}";
  }
  test_client wire;
  std::string pid;
};

class Recovery : public ::testing::Test {
 protected:
  explicit Recovery(connection_state_recovery_options how = {},
                    std::size_t inbox_bytes = options().lane_inbox_bytes_max)
      : server_([&](options& to) {
          to.lanes = 1;
          to.lane_inbox_bytes_max = inbox_bytes;
          to.connection_state_recovery = how;
        }) {
    server_.io.on("ask", [](socket s) { s.emit("question", [](const result<args>&) {}); });
    server_.listen();
  }
  // A client that has one event and is gone.
  std::string leaves() {
    visitor one(server_.port);
    (void)one.joined();
    EXPECT_FALSE(server_.io.emit("first"));
    const auto ticket = one.ticket(offset_of(one.next()));
    const auto before = away();
    one.wire.hang_up();
    EXPECT_TRUE(eventually([&] { return away() == before + 1 || before == 2; }));
    return ticket;
  }
  double away() { return server_.scrape().at("gossamer_recovery_sessions"); }

  ops_server server_;
};
struct NarrowRecovery : Recovery {
  NarrowRecovery() : Recovery({.bytes_max = 1000, .sessions_max = 2}) {}
};
struct NarrowLane : Recovery {
  NarrowLane() : Recovery({}, std::size_t{64} << 10U) {
    server_.io.on("hold", [this](socket) {
      entered.set_value();
      may_go_on.get_future().wait();
    });
  }
  std::promise<void> entered, may_go_on;
};

TEST_F(Recovery, CountsWhoComesBackAndWhoDoesNot) {
  const auto ticket = leaves();
  server_.expect({{"gossamer_recovery_sessions", 1},
                  {"gossamer_recovery_events", 1},
                  {"gossamer_deliveries_total", 1},
                  {"gossamer_recoveries_total{result=\"recovered\"}", 0}});
  const auto one_event = server_.scrape().at("gossamer_recovery_bytes");
  EXPECT_GT(one_event, 0);
  EXPECT_FALSE(server_.io.emit("missed"));
  EXPECT_FALSE(server_.io.emit("missed"));
  server_.expect({{"gossamer_recovery_events", 3}, {"gossamer_deliveries_total", 1}});
  EXPECT_GT(server_.scrape().at("gossamer_recovery_bytes"), 2 * one_event);

  visitor back(server_.port, ticket);
  EXPECT_EQ(back.joined(), 2);
  server_.expect({{"gossamer_recovery_sessions", 0},
                  {"gossamer_deliveries_total", 3},
                  {"gossamer_recoveries_total{result=\"recovered\"}", 1},
                  {"gossamer_recoveries_total{result=\"unknown\"}", 0}});
  visitor twin(server_.port, ticket);
  EXPECT_EQ(twin.joined(), 0);
  const auto other = leaves();
  visitor stranger(server_.port, other.substr(0, other.rfind(':')) + R"(:"zzz"})");
  EXPECT_EQ(stranger.joined(), 0);
  server_.expect({{"gossamer_recoveries_total{result=\"recovered\"}", 1},
                  {"gossamer_recoveries_total{result=\"unknown\"}", 1},
                  {"gossamer_recoveries_total{result=\"incomplete\"}", 1},
                  {"gossamer_recovery_sessions", 0}});
}

TEST_F(NarrowRecovery, CountsWhatIsForgottenForWantOfRoom) {
  const auto first = leaves();
  (void)leaves();
  (void)leaves();
  server_.expect({{"gossamer_recovery_sessions", 2},
                  {"gossamer_recovery_evictions_total{what=\"session\"}", 1},
                  {"gossamer_recovery_evictions_total{what=\"event\"}", 0}});
  visitor late(server_.port, first);
  EXPECT_EQ(late.joined(), 0);
  server_.expect({{"gossamer_recoveries_total{result=\"unknown\"}", 1}});
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(server_.io.emit("large", std::string(600, 'x')));
  server_.expect(
      {{"gossamer_recovery_evictions_total{what=\"event\"}", 5}, {"gossamer_recovery_events", 1}});
  EXPECT_LE(server_.scrape().at("gossamer_recovery_bytes"), 1000);
}

// Each way on which an event leaves counts each receiver once, with recovery as without.
TEST_F(Recovery, CountsDeliveriesAndDropsOfEachWay) {
  polling_client busy(server_.port);
  visitor idle(server_.port);
  (void)idle.joined();
  EXPECT_FALSE(server_.io.emit("all"));
  server_.expect({{"gossamer_deliveries_total", 2}, {"gossamer_recovery_events", 1}});
  EXPECT_FALSE(server_.io.volatile_().emit("maybe"));
  server_.expect({{"gossamer_deliveries_total", 3},
                  {"gossamer_drops_total{reason=\"volatile\"}", 1},
                  {"gossamer_recovery_events", 1}});
  server_.io.on("talk", [](socket s) {
    s.emit("plain");
    s.volatile_().emit("maybe");
    s.on_any_outgoing([](socket, std::string_view, const auto&) {});
    s.emit("watched");
    s.broadcast().emit("others");
  });
  idle.wire.text("42[\"talk\"]");
  server_.expect({{"gossamer_deliveries_total", 7},
                  {"gossamer_drops_total{reason=\"volatile\"}", 1},
                  {"gossamer_recovery_events", 4}});
  EXPECT_FALSE(server_.io.emit("also to the one that watches"));
  EXPECT_FALSE(server_.io.volatile_().emit("also to the one that watches"));
  server_.expect({{"gossamer_deliveries_total", 10},
                  {"gossamer_drops_total{reason=\"volatile\"}", 2},
                  {"gossamer_recovery_events", 5}});
  idle.wire.text("42[\"ask\"]");  // with an ack: not kept
  server_.expect({{"gossamer_deliveries_total", 11}, {"gossamer_recovery_events", 5}});
}

// What a lane refused is missing for who is away there, and nobody claims otherwise.
TEST_F(NarrowLane, ThatWasFullMakesNoClientWhole) {
  const auto ticket = leaves();
  visitor busy(server_.port);
  (void)busy.joined();
  busy.wire.text("42[\"hold\"]");
  entered.get_future().wait();
  while (!server_.io.emit("news", std::string(10'000, 'x'))) {
  }
  may_go_on.set_value();
  server_.expect({{"gossamer_drops_total{reason=\"lane_full\"}", 1}});
  EXPECT_FALSE(server_.io.emit("later"));
  visitor back(server_.port, ticket);
  EXPECT_EQ(back.joined(), 0);
  server_.expect({{"gossamer_recoveries_total{result=\"incomplete\"}", 1},
                  {"gossamer_recoveries_total{result=\"recovered\"}", 0}});
}

TEST(RecoveryThatIsOff, IsZero) {
  ops_server server{[](options&) {}};
  server.listen();
  polling_client one(server.port);
  EXPECT_FALSE(server.io.emit("all"));
  server.expect({{"gossamer_deliveries_total", 1},
                 {"gossamer_recovery_sessions", 0},
                 {"gossamer_recovery_events", 0},
                 {"gossamer_recovery_bytes", 0},
                 {"gossamer_recoveries_total{result=\"recovered\"}", 0},
                 {"gossamer_recovery_evictions_total{what=\"event\"}", 0}});
}

}  // namespace
}  // namespace gossamer::test
