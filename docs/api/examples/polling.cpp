// The examples of docs/api/polling.md: a server inside a loop of one's own.
#include "tests/unit/api/site.hpp"

#include <atomic>
#include <poll.h>

namespace gossamer::api {
namespace {

// A client on a thread of its own: asks for a sum once and then says that it has heard it.
class asking_client {
 public:
  explicit asking_client(server& io)
      : thread_([this, port = listen(io)] {
          client ada(port, {});
          answer_ = ada.ask(R"(["add",1,2])");
          done = true;
        }) {}
  ~asking_client() { thread_.join(); }
  std::string answer() const { return answer_; }
  std::atomic<bool> done{false};

 private:
  std::string answer_;
  std::thread thread_;
};

TEST(ApiPolling, Poll) {
  // example: server::poll, options::polled
  gossamer::options how;
  how.polled = true;  // no thread of its own: handlers run where poll() is called
  gossamer::server io(how);
  io.on("add", [](int a, int b) { return a + b; });
  // end
  const asking_client ada(io);
  const auto running = [&] { return !ada.done; };
  // example: server::poll, options::polled
  while (running()) {
    // ... a step of the game, a frame ...
    const bool more = io.poll(2ms);  // at most that long, and one turn more
    if (!more) std::this_thread::yield();
  }
  // end
  EXPECT_EQ(ada.answer(), "[3]");
}

TEST(ApiPolling, ServeUntil) {
  auto how = options();
  how.polled = true;
  server io(how);
  io.on("add", [](int a, int b) { return a + b; });
  const asking_client ada(io);
  const auto running = [&] { return !ada.done; };
  // example: server::serve_until
  auto next_tick = std::chrono::steady_clock::now();
  while (running()) {
    next_tick += 50ms;          // 20 steps a second
    io.serve_until(next_tick);  // sleeps while there is nothing to do
  }
  // end
  EXPECT_EQ(ada.answer(), "[3]");
}

TEST(ApiPolling, PollFd) {
  auto how = options();
  how.polled = true;
  server io(how);
  io.on("add", [](int a, int b) { return a + b; });
  const asking_client ada(io);
  const auto running = [&] { return !ada.done; };
  // example: server::poll_fd
  pollfd wanted{io.poll_fd(), POLLIN, 0};  // beside the descriptors of your own
  while (running()) {
    if (!io.poll(5ms)) (void)::poll(&wanted, 1, 20);  // wait only when nothing is left
  }
  // end
  EXPECT_EQ(ada.answer(), "[3]");
}

}  // namespace
}  // namespace gossamer::api
