// Shared state for handlers of different sockets, which run in parallel on different lanes.
#pragma once

#include <mutex>
#include <utility>

namespace gossamer {

/// A value that is reached only under its lock. Any thread. Keep what runs inside short: it holds
/// up the lane.
template <class T>
class guarded {
 public:
  template <class... Args>
  explicit guarded(Args&&... args) : value_(std::forward<Args>(args)...) {}

  /// Calls `use(value)` under the lock and returns what it returns. Must not be nested.
  template <class Use>
  decltype(auto) with(Use&& use) {
    const std::lock_guard lock(mutex_);
    return std::forward<Use>(use)(value_);
  }
  template <class Use>
  decltype(auto) with(Use&& use) const {
    const std::lock_guard lock(mutex_);
    return std::forward<Use>(use)(std::as_const(value_));
  }

 private:
  mutable std::mutex mutex_;
  T value_;
};

}  // namespace gossamer
