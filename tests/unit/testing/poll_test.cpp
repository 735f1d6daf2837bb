// A server that a loop of the program's own drives: real clients over TCP, no thread of its own for
// their handlers.
#include "gateway/include/gossamer/server.hpp"
#include "tests/unit/server/loopback.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <poll.h>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>

namespace gossamer::test {
namespace {

using namespace std::chrono_literals;

// A server whose loop runs here while clients, which block, run on a thread of their own.
struct polled_server {
  polled_server() : io({.polled = true}) {
    io.on("echo", [this](std::string text) {
      threads.insert(std::this_thread::get_id());
      return text;
    });
  }
  std::uint16_t listen() { return io.listen({.host = "127.0.0.1", .port = 0}).value().port; }
  template <class Client>
  void while_client(Client client, const std::function<void()>& serve) {
    auto done = std::async(std::launch::async, client);
    const auto until = steady_clock::now() + 60s;
    while (done.wait_for(0s) != std::future_status::ready && steady_clock::now() < until) serve();
    done.get();
  }

  std::set<std::thread::id> threads;
  server io;
};

TEST(Poll, ServesClientsOnTheCallingThreadOnly) {
  polled_server all;
  const auto port = all.listen();
  all.while_client(
      [port] {
        socket_client ada(port);
        for (int i = 0; i < 20; ++i) EXPECT_EQ(ada.echo("hello"), "[\"hello\"]");
      },
      [&] { (void)all.io.poll(1ms); });
  EXPECT_EQ(all.threads, std::set<std::thread::id>{std::this_thread::get_id()});
  EXPECT_TRUE(all.io.stop().clean);
}

TEST(Poll, SleepsOnItsDescriptorUntilAClientSaysSomething) {
  polled_server all;
  const auto port = all.listen();
  std::promise<void> first;
  std::promise<void> asleep;
  std::thread client([&] {
    socket_client ada(port);
    EXPECT_EQ(ada.echo("hello"), "[\"hello\"]");
    first.set_value();
    asleep.get_future().wait();
    EXPECT_EQ(ada.echo("again"), "[\"again\"]");
  });
  auto served = first.get_future();
  while (served.wait_for(0s) != std::future_status::ready) (void)all.io.poll(1ms);
  while (all.io.poll()) {
  }
  pollfd one{all.io.poll_fd(), POLLIN, 0};
  ASSERT_EQ(::poll(&one, 1, 0), 0);
  asleep.set_value();
  ASSERT_EQ(::poll(&one, 1, 60'000), 1);
  const auto until = steady_clock::now() + 60s;
  while (all.io.counts().sessions() != 0 && steady_clock::now() < until) (void)all.io.poll(1ms);
  client.join();
}

TEST(Poll, WakesForTimersAndForOtherThreads) {
  server io({.polled = true});
  bool timer = false;
  bool posted = false;
  (void)io.after(20ms, [&] { timer = true; });
  while (io.poll()) {
  }
  pollfd one{io.poll_fd(), POLLIN, 0};
  ASSERT_EQ(::poll(&one, 1, 60'000), 1);
  while (!timer) (void)io.poll();
  while (io.poll()) {
  }
  one.revents = 0;
  EXPECT_EQ(::poll(&one, 1, 0), 0);  // nothing to do
  std::thread([&] { (void)io.after(0ms, [&] { posted = true; }); }).join();
  ASSERT_EQ(::poll(&one, 1, 60'000), 1);
  const auto until = steady_clock::now() + 60s;
  while (!posted && steady_clock::now() < until) (void)io.poll();
  EXPECT_TRUE(posted);
}

TEST(Poll, ServesUntilATimeAndNotLonger) {
  polled_server all;
  const auto port = all.listen();
  const auto began = steady_clock::now();
  auto client = std::async(std::launch::async, [port] {
    socket_client ada(port);
    return ada.echo("hello");
  });
  const auto until = began + 300ms;
  all.io.serve_until(until);
  EXPECT_GE(steady_clock::now(), until);
  while (client.wait_for(0s) != std::future_status::ready) {
    all.io.serve_until(steady_clock::now() + 10ms);
  }
  EXPECT_EQ(client.get(), "[\"hello\"]");
  all.io.serve_until(steady_clock::now());  // the past: nothing
}

TEST(Poll, StopEndsSessionsWithoutHelpOfTheLoop) {
  polled_server all;
  const auto port = all.listen();
  std::promise<void> joined;
  std::string last;
  std::thread client([&] {
    socket_client ada(port);
    joined.set_value();
    try {
      for (;;) last = ada.wire.frame();
    } catch (const std::exception&) {
    }
  });
  auto is_joined = joined.get_future();
  while (is_joined.wait_for(0s) != std::future_status::ready) (void)all.io.poll(1ms);
  EXPECT_EQ(all.io.counts().sessions(), 1U);
  EXPECT_TRUE(all.io.stop().clean);
  client.join();
  EXPECT_FALSE(all.io.poll());
  EXPECT_EQ(all.io.poll_fd(), -1);
  all.io.serve_until(steady_clock::now() + 10s);  // returns at once
}

TEST(Poll, RunServesToo) {
  polled_server all;
  const auto port = all.listen();
  std::thread client([&] {
    {
      socket_client ada(port);
      EXPECT_EQ(ada.echo("hello"), "[\"hello\"]");
    }
    (void)::kill(::getpid(), SIGTERM);
  });
  EXPECT_TRUE(all.io.run().clean);
  client.join();
}

TEST(Poll, DoesNothingForAServerWithThreads) {
  server io({.lanes = 1});
  EXPECT_FALSE(io.poll());
  EXPECT_EQ(io.poll_fd(), -1);
  EXPECT_THROW(server({.lanes = 2, .polled = true}), std::invalid_argument);
}

}  // namespace
}  // namespace gossamer::test
