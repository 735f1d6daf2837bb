// Knows whether gossamer runs a callback of an application on this thread now, and lets the
// handlers of single_lane namespaces take turns.
//
// API calls made in a callback act at once on receivers of its lane, as in Node. The same calls
// made by an actor that happens to run on the lane, or by any other thread, go through the lane's
// queue: one sender, one road.
#pragma once

#include <mutex>
#include <utility>

namespace gossamer {

class lane;

namespace detail {

/// The lane whose callback is running on this thread, or nullptr. Any thread.
[[nodiscard]] lane* acting_lane() noexcept;

/// While it lives, `here` is the acting lane. Nests. Runs on: `here`.
class callback_scope {
 public:
  explicit callback_scope(lane& here) noexcept;
  callback_scope(const callback_scope&) = delete;
  callback_scope& operator=(const callback_scope&) = delete;
  ~callback_scope();

 private:
  lane* before_;
};

/// While it lives, calls on this thread count as made outside of all callbacks.
class foreign_scope {
 public:
  foreign_scope() noexcept;
  foreign_scope(const foreign_scope&) = delete;
  foreign_scope& operator=(const foreign_scope&) = delete;
  ~foreign_scope();

 private:
  lane* before_;
};

/// One for each server: whose turn it is among the handlers of its single_lane namespaces.
class turn_taking {
 private:
  friend class turn_scope;
  std::mutex mutex_;
};

/// While it lives, no handler of a single_lane namespace of this server runs on another lane. Waits
/// for its turn; null: needs none. Nests. Runs on: a lane.
class turn_scope {
 public:
  explicit turn_scope(turn_taking* turns);
  turn_scope(const turn_scope&) = delete;
  turn_scope& operator=(const turn_scope&) = delete;
  ~turn_scope();
  /// What this thread has now, or nullptr. Any thread.
  [[nodiscard]] static turn_taking* current() noexcept;

 private:
  turn_taking* taken_;
  turn_taking* before_;
};

}  // namespace detail
}  // namespace gossamer
