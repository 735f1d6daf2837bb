// docs/embedding.md: a server in a loop of the program's own.
#include "tests/unit/server/loopback.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <gossamer/server.hpp>
#include <poll.h>
#include <thread>

namespace {

using namespace std::chrono_literals;

void wait_for(int fd, std::chrono::milliseconds at_most) {
  pollfd one{fd, POLLIN, 0};
  (void)::poll(&one, 1, static_cast<int>(at_most.count()));
}

bool serve(int visitors_wanted, const std::function<void(std::uint16_t)>& tell) {
  // begin: loop
  gossamer::server io({.polled = true});
  int visitors = 0;  // of this thread: no lock
  io.on_connection([&](gossamer::socket) { ++visitors; });
  const auto bound = io.listen({.host = "127.0.0.1", .port = 0});
  if (!bound) return false;
  tell(bound->port);
  while (visitors < visitors_wanted) {
    if (!io.poll(2ms)) wait_for(io.poll_fd(), 10ms);  // readable when poll has something to do
    io.emit("tick", visitors);                        // leaves with the next poll
  }
  // end
  return io.stop({.at_most = 200ms}).clean;
}

TEST(EmbeddingPage, PollsAServer) {
  std::thread clients;
  EXPECT_TRUE(serve(2, [&](std::uint16_t port) {
    clients = std::thread([port] {
      const gossamer::test::socket_client ada(port);
      gossamer::test::socket_client bob(port);
    });
  }));
  clients.join();
}

}  // namespace
