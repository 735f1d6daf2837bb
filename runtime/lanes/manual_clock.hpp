// Time that moves only when it is told to: for tests, shared by all lanes that use it.
#pragma once

#include "runtime/base/time.hpp"

#include <atomic>
#include <cstddef>
#include <optional>

namespace gossamer {

/// Any thread.
class manual_clock {
 public:
  explicit manual_clock(time_point start = time_point(std::chrono::hours(24))) noexcept
      : now_(start.time_since_epoch().count()) {}
  [[nodiscard]] time_point now() const noexcept { return time_point(duration(now_.load())); }
  /// Never goes back.
  void advance_to(time_point when) noexcept {
    const auto wanted = when.time_since_epoch().count();
    auto seen = now_.load();
    while (seen < wanted && !now_.compare_exchange_weak(seen, wanted)) {
    }
  }

 private:
  std::atomic<duration::rep> now_;
};

/// Port: something beside the lanes that waits for a time. CAF's clock in virtual time is one.
/// Runs on: the thread that drives the lanes.
class time_waiter {
 public:
  [[nodiscard]] virtual std::optional<time_point> next_due() = 0;
  /// Does what is due at the clock's time; how much that was.
  virtual std::size_t run_due() = 0;

 protected:
  ~time_waiter() = default;
};

}  // namespace gossamer
