// Functions that wait for their time on a lane: what is behind `server::after`.
#pragma once

#include "actors/callback_scope.hpp"
#include "runtime/base/time.hpp"
#include "runtime/lanes/timer_wheel.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_set>

namespace gossamer {
class lane;
class lane_group;

namespace detail {

class delayed_calls;

/// One function and its timer. Held by `delayed_calls` until it has run or is cancelled.
class delayed_call final : public timer, public std::enable_shared_from_this<delayed_call> {
 public:
  delayed_call(delayed_calls& holder, lane& home, std::function<void()> what);
  /// Runs on: its lane.
  void start(time_point when);
  /// Any thread.
  void cancel();
  void on_timer(time_point now) override;

 private:
  void drop();

  delayed_calls& holder_;
  const std::shared_ptr<lane> home_;  // `cancel` may come when the server is gone
  turn_taking* const turns_;          // those of the caller, if it takes turns
  std::function<void()> what_;        // empty: cancelled. Its lane's
};

/// All waiting calls of a server. Any thread. Outlives the lanes, whose end cancels what still
/// waits.
class delayed_calls {
 public:
  /// Calls `what` after `delay` on the acting lane, or on the first one if none acts.
  [[nodiscard]] std::shared_ptr<delayed_call> add(lane_group& lanes, milliseconds delay,
                                                  std::function<void()> what);
  /// What still waits is not called any more.
  void close() noexcept { closed_ = true; }

 private:
  friend class delayed_call;
  std::atomic<bool> closed_{false};
  std::mutex mutex_;
  std::unordered_set<std::shared_ptr<delayed_call>> waiting_;
};

}  // namespace detail
}  // namespace gossamer
