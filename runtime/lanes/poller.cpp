#include "runtime/lanes/poller.hpp"

#include "runtime/base/check.hpp"

#include <algorithm>
#include <cerrno>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <system_error>
#include <unistd.h>

namespace gossamer {

namespace {

int opened(int fd, const char* what) {
  if (fd < 0) throw std::system_error(errno, std::system_category(), what);
  return fd;
}

}  // namespace

poller::poller() {
  try {
    clients_ = opened(::epoll_create1(EPOLL_CLOEXEC), "a lane's epoll fd");
    control_ = opened(::epoll_create1(EPOLL_CLOEXEC), "a lane's epoll fd");
    wake_ = opened(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "a lane's event fd");
    timer_ =
        opened(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), "a lane's timer fd");
    for (const int set : {clients_, control_}) {
      add_edge(set, wake_);
      add_edge(set, timer_);
    }
  } catch (...) {
    close_all();
    throw;
  }
}

poller::~poller() {
  close_all();
}

void poller::close_all() noexcept {
  for (const int fd : {clients_, control_, wake_, timer_}) {
    if (fd >= 0) ::close(fd);
  }
}

void poller::add_edge(int set, int fd) const {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  if (::epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) != 0) {
    throw std::system_error(errno, std::system_category(), "a lane's epoll fd");
  }
}

result<void> poller::control_clients(int operation, int fd, pollable* who,
                                     std::uint32_t events) const noexcept {
  epoll_event event{};
  event.events = events;
  event.data.ptr = who;
  if (::epoll_ctl(clients_, operation, fd, &event) == 0) return {};
  return error_code(errno, boost::system::system_category());
}

result<void> poller::add(int fd, pollable& who, std::uint32_t events) {
  return control_clients(EPOLL_CTL_ADD, fd, &who, events);
}

result<void> poller::modify(int fd, pollable& who, std::uint32_t events) {
  return control_clients(EPOLL_CTL_MOD, fd, &who, events);
}

void poller::remove(int fd) noexcept {
  static_cast<void>(control_clients(EPOLL_CTL_DEL, fd, nullptr, 0));
}

std::span<epoll_event> poller::poll(bool paused, std::span<epoll_event> room) noexcept {
  const int found =
      ::epoll_wait(paused ? control_ : clients_, room.data(), static_cast<int>(room.size()), 0);
  if (found <= 0) return {};
  auto* end = std::remove_if(room.data(), room.data() + found,
                             [](const epoll_event& event) { return event.data.ptr == nullptr; });
  return {room.data(), end};
}

void poller::wake() noexcept {
  const std::uint64_t one = 1;
  const auto written = ::write(wake_, &one, sizeof one);
  // The counter is never read; before it is full after 2^64 wakes the write cannot fail.
  GOSSAMER_CHECK(written == sizeof one);
}

void poller::wake_at(time_point when) noexcept {
  const auto since_boot = std::max<std::int64_t>(
      1, std::chrono::duration_cast<std::chrono::nanoseconds>(when.time_since_epoch()).count());
  itimerspec spec{};
  spec.it_value.tv_sec = since_boot / 1'000'000'000;
  spec.it_value.tv_nsec = since_boot % 1'000'000'000;
  GOSSAMER_CHECK(::timerfd_settime(timer_, TFD_TIMER_ABSTIME, &spec, nullptr) == 0);
}

}  // namespace gossamer
