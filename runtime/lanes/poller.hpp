// The epoll fds of a lane, nested in its io_context.
//
//     io_context's epoll --+-- clients: fds of watch(), wake fd, timer fd    (normally waited for)
//                          +-- control:                 wake fd, timer fd    (while paused)
//
// While the lane is paused only `control` is polled, so that clients are not read from. The wake fd
// and the timer fd are edge-triggered in both: they never have to be read.
//
// Runs on: its lane, except `wake`.
// Errors: the constructor throws if the kernel gives no fd.
#pragma once

#include "runtime/base/result.hpp"
#include "runtime/base/time.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <sys/epoll.h>

namespace gossamer {

class pollable;

class poller {
 public:
  poller();
  poller(const poller&) = delete;
  poller& operator=(const poller&) = delete;
  ~poller();

  [[nodiscard]] result<void> add(int fd, pollable& who, std::uint32_t events);
  [[nodiscard]] result<void> modify(int fd, pollable& who, std::uint32_t events);
  void remove(int fd) noexcept;

  /// What is ready now, without waiting; the data pointer is the pollable. Wake and timer are left
  /// out.
  [[nodiscard]] std::span<epoll_event> poll(bool paused, std::span<epoll_event> room) noexcept;

  /// Makes the fd that the lane waits for ready. Any thread.
  void wake() noexcept;
  /// Makes it ready at that time; replaces the earlier setting.
  void wake_at(time_point when) noexcept;

  [[nodiscard]] int clients_fd() const noexcept { return clients_; }
  [[nodiscard]] int control_fd() const noexcept { return control_; }

 private:
  [[nodiscard]] result<void> control_clients(int operation, int fd, pollable* who,
                                             std::uint32_t events) const noexcept;
  void add_edge(int set, int fd) const;
  void close_all() noexcept;

  int clients_ = -1;
  int control_ = -1;
  int wake_ = -1;
  int timer_ = -1;
};

}  // namespace gossamer
