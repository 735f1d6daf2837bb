// A server that is stopped in the middle of everything ends in time and leaves nothing behind.
#include "runtime/base/random.hpp"
#include "tests/unit/server/heap.hpp"
#include "tests/unit/server/loopback.hpp"
#include "tests/unit/server/own_certificate.hpp"

#include <atomic>
#include <filesystem>
#include <iterator>
#include <vector>

namespace gossamer::test {
namespace {

using namespace std::chrono_literals;

constexpr int rounds = 100;
constexpr auto stop_time = 200ms;

std::ptrdiff_t entries_of(const char* folder) {
  namespace fs = std::filesystem;
  return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
}
std::ptrdiff_t open_fds() {
  return entries_of("/proc/self/fd");
}
std::ptrdiff_t threads() {
  return entries_of("/proc/self/task");
}

// What a server is busy with when it is told to stop.
class busy_server {
 public:
  explicit busy_server(const http::tls_options& tls) {
    auto& io = server_.io;
    io.on_connection([](socket s) { s.join({"hall", "room of " + std::string(s.id())}); });
    io.on("echo", [](socket, std::string text) { return text; });
    io.on("shout", [](socket s, int number) { s.to("hall").emit("shouted", number); });
    io.on("later", [&io](socket, ack reply) { (void)io.after(50ms, [reply] { reply("late"); }); });
    io.on("ask", [](socket s) -> task<void> { (void)co_await s.ask<int>("never answered"); });
    io.http().get("/never", [this](const http::routed_request&, http::responder& answer) {
      const std::scoped_lock lock(mutex_);
      unanswered_.push_back(answer);
    });
    port_ = server_.listen();
    tls_port_ = server_.listen(tls);
    shout_again(0);
  }

  void connect_all(random_source& random) {
    for (int i = 0; i < 6; ++i) {
      sockets_.push_back(std::make_unique<socket_client>(i < 4 ? port_ : tls_port_, i >= 4));
    }
    for (auto& each : sockets_) {
      for (auto n = random.below(20); n != 0; --n) each->emit(R"(["shout",1])");
      each->emit(R"(["echo","x"])", "7");
      each->emit(R"(["later"])", "8");
      each->emit(R"(["ask"])");
    }
    poll();
    begin_upgrades(port_, false);
    begin_upgrades(tls_port_, true);
    begin_requests();
  }
  stop_report stop() { return server_.io.stop({stop_time}); }
  [[nodiscard]] std::string log() { return server_.log.all(); }

 private:
  // Broadcasts go on until there is no lane any more.
  void shout_again(int number) {
    server_.io.to("hall").emit("tick", number);
    (void)server_.io.after(1ms, [this, number] { shout_again(number + 1); });
  }
  test_client& wire() { return *wires_.emplace_back(std::make_unique<test_client>(port_)); }

  // One session that polls, one that has answered nothing, one in the middle of a POST.
  void poll() {
    auto& first = wire();
    const auto sid = sid_of(first.get(polling_url).body);
    (void)first.post(with_sid(polling_url, sid), "40");
    first.request("GET", with_sid(polling_url, sid));
    (void)wire().get(polling_url);
    auto& posting = wire();
    const auto other = sid_of(posting.get(polling_url).body);
    posting.send("POST " + with_sid(polling_url, other) +
                 " HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n4half of it");
  }
  void begin_upgrades(std::uint16_t port, bool tls) {
    for (const bool probe : {false, true}) {
      auto& below = *wires_.emplace_back(std::make_unique<test_client>(port));
      if (tls) below.start_tls();
      const auto sid = sid_of(below.get(polling_url).body);
      auto& above = *wires_.emplace_back(std::make_unique<test_client>(port));
      if (tls) above.start_tls();
      (void)above.upgrade(with_sid(websocket_url, sid));
      if (probe) above.text("2probe");
      below.request("GET", with_sid(polling_url, sid));
    }
  }
  void begin_requests() {
    wire().send("GET /half HTTP/1.1\r\nHo");
    wire().request("GET", "/never");
    (void)wires_.emplace_back(std::make_unique<test_client>(tls_port_));  // no TLS handshake
    wire().send(test_client::upgrade_request(websocket_url));
  }

  loopback_server server_{[](options& to) { to.lanes = 3; }};
  std::uint16_t port_ = 0;
  std::uint16_t tls_port_ = 0;
  std::mutex mutex_;
  std::vector<http::responder> unanswered_;
  std::vector<std::unique_ptr<socket_client>> sockets_;
  std::vector<std::unique_ptr<test_client>> wires_;
};

TEST(Server, StartsAndStopsAHundredTimesUnderLoad) {
  const own_certificate tls;
  seeded_random random(1);
  std::ptrdiff_t fds = 0;
  std::ptrdiff_t running = 0;
  std::ptrdiff_t objects = 0;
  for (int round = 0; round < rounds; ++round) {
    auto server = std::make_unique<busy_server>(tls.options());
    server->connect_all(random);
    const auto began = steady_clock::now();
    const auto report = server->stop();
    EXPECT_TRUE(report.clean) << "round " << round << "\n" << server->log();
    EXPECT_LT(steady_clock::now() - began, 5s) << "round " << round << "\n" << server->log();
    server.reset();
    if (round == 4) {  // whatever is made once has been made
      fds = open_fds();
      running = threads();
      objects = live_heap_objects();
    }
    if (HasFailure()) return;
  }
  EXPECT_EQ(open_fds(), fds);
  EXPECT_EQ(threads(), running);
  EXPECT_LT(live_heap_objects() - objects, rounds / 2);
}

TEST(Server, StopsOnAnotherThreadThanItBeganOn) {
  loopback_server server([](options&) {});
  server.listen();
  socket_client client(server.port);
  bool clean = false;
  std::jthread([&] { clean = server.io.stop({seconds(20)}).clean; }).join();
  EXPECT_TRUE(clean);
}

TEST(Server, StopsWhenNothingWasStarted) {
  const auto fds = open_fds();
  for (int round = 0; round < 10; ++round) {
    options two_lanes;
    two_lanes.lanes = 2;
    server never_listening(two_lanes);
    EXPECT_TRUE(never_listening.stop().clean);
    EXPECT_TRUE(never_listening.stop().clean);
  }
  EXPECT_EQ(open_fds(), fds);
}

}  // namespace
}  // namespace gossamer::test
