// Ten thousand clients come and go, with handlers that hold on to their own socket. Afterwards
// everything is as before: sockets, rooms, sessions, actors, descriptors, memory.
#include "tests/unit/server/heap.hpp"
#include "tests/unit/server/loopback.hpp"

#include <caf/actor_system.hpp>
#include <caf/all.hpp>

#include "gossamer/actors.hpp"
#include <array>
#include <filesystem>
#include <iterator>
#include <malloc.h>
#include <mutex>
#include <sys/socket.h>
#include <thread>
#include <vector>

namespace gossamer::test {
namespace {

using namespace std::chrono_literals;

// Made before counting starts: pools, tables, log buffers and what libraries make on first use.
constexpr int warm_up = 2'000;
constexpr int clients = 10'000;
constexpr int client_threads = 2;
// An object is not smaller than this, so that one per client is seen.
constexpr std::ptrdiff_t bytes_each_max = 16;

std::ptrdiff_t open_fds() {
  namespace fs = std::filesystem;
  return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator());
}

// Of malloc, which libraries in C use; 0 where a sanitizer has replaced it.
std::ptrdiff_t malloc_bytes() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return 0;
#else
  const auto now = ::mallinfo2();
  return static_cast<std::ptrdiff_t>(now.uordblks + now.hblkhd);
#endif
}

struct held {
  std::ptrdiff_t fds = 0;
  std::size_t actors = 0;
  std::ptrdiff_t heap = 0;
  std::ptrdiff_t malloced = 0;
};

// What an application keeps beside a socket, with the socket in it.
struct profile {
  socket self;
  std::function<void()> greet;
};

class Churn : public ::testing::Test {
 protected:
  explicit Churn(std::size_t leak_each = 0) {
    io().use([](const handshake&) { return admit(); });
    io().on_connection([this, leak_each](socket s) {
      hold_on_to(s);
      if (leak_each != 0) leak(leak_each);
    });
    io().on("bye", [](socket s) { s.disconnect(true); });
    server_.listen();
  }
  server& io() { return server_.io; }

  void hold_on_to(socket s) {
    s.join({"hall", "of " + std::string(s.id())});
    s.on("hello",
         [s](socket, std::string text) { return text + std::string(s.id().substr(0, 0)); });
    s.on_any([s](socket, std::string_view, const args&) { (void)s.rooms(); });
    s.on_any_outgoing([s](socket, std::string_view, const args_view&) { (void)s.id(); });
    s.on_disconnecting([s](socket, disconnect_reason) { s.to("hall").emit("leaves"); });
    s.on_disconnect([s](socket, disconnect_reason) { s.emit("nobody hears it"); });
    s.use([s](socket, std::string_view, const args&, next go_on) { go_on(); });
    s.set_data(profile{s, [s] { s.emit("greeting"); }});
    s.data()["id"] = std::string(s.id());
    s.emit("question", [s](const result<args>&) { (void)s.emit("thanks"); });
    wait_for_answer(s);
    (void)io().after(20ms, [s] { s.emit("later"); });
  }
  static void wait_for_answer(socket s) {
    s.once("go", [s](socket) -> task<void> { (void)co_await s.ask<int>("never answered"); });
  }
  void leak(std::size_t bytes) {
    const std::scoped_lock lock(mutex_);
    leaked_.emplace_back(bytes);
  }

  // They come and go in all ways.
  void visit(int number) const {
    if (number % 4 == 3) return visit_by_polling();
    socket_client visitor(server_.port);
    visitor.emit(R"(["go"])");
    visitor.emit(R"(["hello","x"])", "7");
    EXPECT_EQ(visitor.answer(), R"(["x"])");
    if (number % 4 == 0) {
      visitor.emit(R"(["bye"])");
      EXPECT_TRUE(visitor.wire.ended());
    } else if (number % 4 == 1) {
      const linger now{1, 0};
      ::setsockopt(visitor.wire.fd(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
  }
  void visit_by_polling() const {
    test_client visitor(server_.port);
    const auto sid = sid_of(visitor.get(polling_url).body);
    const auto target = with_sid(polling_url, sid);
    EXPECT_EQ(visitor.post(target, "40").body, "ok");
    EXPECT_EQ(visitor.get(target).status, 200U);
    EXPECT_EQ(visitor
                  .post(target,
                        "42[\"go\"]\x1e"
                        "1")
                  .body,
              "ok");
  }
  void let_come(int count) {
    std::vector<std::thread> threads;
    for (int i = 0; i < client_threads; ++i) {
      threads.emplace_back([this, i, count] {
        for (int number = i; number < count; number += client_threads) visit(number);
      });
    }
    for (auto& each : threads) each.join();
  }
  // When the last one is gone and no call of `after` waits any more.
  held count_when_empty() {
    const auto nobody = [this] {
      return io().counts().connections == 0 && io().counts().sessions() == 0 &&
             io().sockets().socket_count() == 0 && io().sockets().room_count() == 0;
    };
    EXPECT_TRUE(eventually(nobody));
    std::promise<void> all_called;
    (void)io().after(100ms, [&] { all_called.set_value(); });
    all_called.get_future().wait();
    held now;
    now.fds = open_fds();
    now.actors = io().system().registry().running();
    now.heap = live_heap_bytes();
    now.malloced = malloc_bytes();
    return now;
  }

  std::mutex mutex_;
  std::vector<std::vector<char>> leaked_;
  loopback_server server_{[](options& to) { to.log = logger(); }};
};

TEST_F(Churn, LeavesNothingBehind) {
  let_come(warm_up);
  const auto before = count_when_empty();
  let_come(clients);
  const auto after = count_when_empty();
  EXPECT_EQ(after.fds, before.fds);
  EXPECT_EQ(after.actors, before.actors);
  EXPECT_LT((after.heap - before.heap) / clients, bytes_each_max);
  EXPECT_LT((after.malloced - before.malloced) / clients, bytes_each_max);
}

class ChurnWithALeak : public Churn {
 protected:
  ChurnWithALeak() : Churn(100) {}
};

// The measure itself: it would see a hundred bytes.
TEST_F(ChurnWithALeak, IsSeen) {
  let_come(warm_up);
  const auto before = count_when_empty();
  let_come(warm_up);
  const auto after = count_when_empty();
  EXPECT_GE((after.heap - before.heap) / warm_up, 100);
}

}  // namespace
}  // namespace gossamer::test
