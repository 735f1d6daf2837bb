// A server without a thread for its clients.
#include "gateway/include/gossamer/server.hpp"
#include "gateway/server_inside.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <ctime>
#include <poll.h>
#include <unistd.h>

namespace gossamer {
namespace {

// Until one of them is readable, a signal comes, or the time is over.
void wait_for(int clients, int wake, std::optional<duration> at_most) {
  pollfd both[] = {{clients, POLLIN, 0}, {wake, POLLIN, 0}};
  timespec limit{};
  if (at_most) {
    const auto ns = std::max<std::int64_t>(0, std::chrono::nanoseconds(*at_most).count());
    limit = {static_cast<std::time_t>(ns / 1'000'000'000), static_cast<long>(ns % 1'000'000'000)};
  }
  (void)::ppoll(both, wake < 0 ? 1 : 2, at_most ? &limit : nullptr, nullptr);
}

bool woken(int fd) {
  pollfd one{fd, POLLIN, 0};
  return ::poll(&one, 1, 0) == 1;
}

constexpr milliseconds slice{5};  // between looks at the time, or at the wake

}  // namespace

bool server::poll(std::chrono::microseconds budget) {
  auto* const lanes = inside().lanes;
  return lanes != nullptr && lanes->driven() && lanes->poll(budget);
}

void server::serve_until(std::chrono::steady_clock::time_point until) {
  const int clients = poll_fd();
  if (clients < 0) return;
  for (auto left = until - clock::now(); left > duration::zero(); left = until - clock::now()) {
    if (!inside().lanes->poll(std::min<duration>(left, slice))) {
      wait_for(clients, -1, until - clock::now());
    }
  }
}

int server::poll_fd() {
  const auto in = inside();
  return in.lanes == nullptr ? -1 : in.lanes->poll_fd();
}

void server::wait_for_wake() {
  const auto in = inside();
  if (const int clients = poll_fd(); clients >= 0) {
    while (!woken(in.wake_fd)) {
      if (!in.lanes->poll(slice)) wait_for(clients, in.wake_fd, std::nullopt);
    }
  }
  std::uint64_t count = 0;
  while (::read(in.wake_fd, &count, sizeof count) < 0 && errno == EINTR) {
  }
}

}  // namespace gossamer
