// What a lane calls back: readiness of an fd, and the flush at the end of a turn.
#pragma once

#include "runtime/lanes/intrusive_link.hpp"

#include <cstdint>

namespace gossamer {

class lane;

/// Owner of an fd that a lane watches. Runs on: its lane.
class pollable {
 public:
  /// `events` is a mask of EPOLLIN, EPOLLOUT, EPOLLHUP, EPOLLERR, EPOLLRDHUP. Level-triggered: what
  /// is not consumed is reported again in the next turn. May forget, close and destroy itself or
  /// any other pollable.
  virtual void on_ready(std::uint32_t events) = 0;

  /// `on_ready` threw; the lane has logged and counted it. Should close, or it is called again. Is
  /// not called if `on_ready` forgot its fd before it threw.
  virtual void on_failed() noexcept {}

 protected:
  ~pollable() = default;
};

/// Something with output to send once per turn. Runs on: its lane. The destructor takes it off the
/// lane's list.
class flushable : private detail::intrusive_link {
 public:
  flushable() = default;
  flushable(const flushable&) = delete;
  flushable& operator=(const flushable&) = delete;

  /// Called once at the end of the turn in which it was marked. May mark itself or others again:
  /// that is for the next turn. May destroy itself or others.
  virtual void flush() = 0;
  [[nodiscard]] bool flush_marked() const { return linked(); }

 protected:
  virtual ~flushable() { unlink(); }

 private:
  friend class lane;
  friend struct lane_core;
};

}  // namespace gossamer
