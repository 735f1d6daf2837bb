// A game server: 20 ticks a second, and between them whatever clients want, on one thread.
// PORT (3000; 0 is any) says where to listen.
#include "game.hpp"
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace {

using time_point = std::chrono::steady_clock::time_point;

// SIGTERM and SIGINT as a descriptor. Before any thread starts.
int open_signals() {
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGTERM);
  sigaddset(&wanted, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &wanted, nullptr);
  return ::signalfd(-1, &wanted, SFD_CLOEXEC);
}

// Sleeps until clients want something, a signal has come (true), or it is time.
bool sleep_until(time_point until, int clients, int signals) {
  const auto left = std::chrono::nanoseconds(until - std::chrono::steady_clock::now()).count();
  const auto ns = std::max<long long>(0, left);
  const timespec limit{static_cast<std::time_t>(ns / 1'000'000'000),
                       static_cast<long>(ns % 1'000'000'000)};
  pollfd both[] = {{clients, POLLIN, 0}, {signals, POLLIN, 0}};
  return ::ppoll(both, 2, &limit, nullptr) > 0 && both[1].revents != 0;
}

// Ticks at their times; what was missed, because a tick took too long, is left out.
void loop(gossamer::server& io, game_loop::game& game, int signals) {
  auto next = std::chrono::steady_clock::now() + game_loop::tick_time;
  for (;;) {
    while (std::chrono::steady_clock::now() < next) {
      if (io.poll(std::chrono::milliseconds(5))) continue;
      if (sleep_until(next, io.poll_fd(), signals)) return;
    }
    game.tick();
    next = std::max(next + game_loop::tick_time, std::chrono::steady_clock::now());
  }
}

int serve() {
  const int signals = open_signals();
  gossamer::server io({.polled = true});
  game_loop::game game(io);
  const char* port = std::getenv("PORT");
  const auto bound =
      io.listen({.port = static_cast<std::uint16_t>(port == nullptr ? 3000 : std::stoul(port))});
  if (!bound) {
    std::fprintf(stderr, "game_loop: %s\n", bound.error().message().c_str());
    return 1;
  }
  std::printf("listening http://127.0.0.1:%u\n", bound->port);
  std::fflush(stdout);
  loop(io, game, signals);
  const bool clean = io.stop().clean;
  ::close(signals);
  return clean ? 0 : 1;
}

}  // namespace

int main() {
  try {
    return serve();
  } catch (const std::exception& failed) {
    std::fprintf(stderr, "game_loop: %s\n", failed.what());
    return 1;
  }
}
