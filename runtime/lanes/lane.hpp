// A lane: one thread with its clients, their deliveries, timers and actors.
//
// A turn, again and again:
//
//     fd events -> deliveries -> actor jobs -> due timers -> flush what is dirty -> refresh the
//     clock
//
// each step bounded, so that none starves the others. What is marked dirty in any handler, also in
// one of Asio or CAF, is flushed at the end of that turn.
//
// Runs on: its own thread, except for what is marked "any thread".
// Owns: its thread, io_context, epoll fds, queue and timers; not the pollables and timers
// themselves. Limits: `inbox_bytes_max`. At the bound, lanes that feed this one stop reading from
// their clients
//   until it is down to half, volatile deliveries are dropped and counted, other senders are told
//   `full`; control is always accepted. A lane that goes on feeding beyond four times the bound is
//   told `full` too.
// Errors: an exception that leaves a pollable, a timer, a flush or a posted function is caught,
//   logged with the name given to `enter`, and counted; others are not affected.
#pragma once

#include "runtime/base/ids.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/result.hpp"
#include "runtime/base/time.hpp"
#include "runtime/lanes/delivery.hpp"
#include "runtime/lanes/lane_stats.hpp"
#include "runtime/lanes/pollable.hpp"
#include "runtime/lanes/timer_wheel.hpp"

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

namespace gossamer {

class random_source;
class lane_group;
class lane_jobs;
struct lane_core;
struct lane_options;

class lane : public std::enable_shared_from_this<lane> {
 public:
  /// Made by a lane_group only. Lean actors share it: a handle that outlives the group may still be
  /// sent to, and finds the queue closed.
  lane(lane_index index, bool is_service, const lane_options& options, const lane_group* group);
  lane(const lane&) = delete;
  lane& operator=(const lane&) = delete;
  ~lane();

  /// The lane of the calling thread, or nullptr. Any thread.
  [[nodiscard]] static lane* current() noexcept;
  /// Any thread.
  [[nodiscard]] bool is_current() const noexcept { return current() == this; }
  /// The group of whose clients' lanes the calling thread is one now, or nullptr. To compare with
  /// only. Any thread.
  [[nodiscard]] static const lane_group* current_group() noexcept;
  /// Stops the process if the caller is not on this lane. Opens functions that only the lane may
  /// use.
  void check() const;
  /// Any thread. The service lane has the index after the last one of the clients' lanes.
  [[nodiscard]] lane_index index() const noexcept { return index_; }
  [[nodiscard]] bool is_service() const noexcept { return is_service_; }
  [[nodiscard]] const logger& log() const noexcept;

  // -- deliveries -------------------------------------------------------------------------------

  /// Any thread. FIFO per posting thread, whatever the kind; one wake per batch. A delivery that is
  /// not accepted is destroyed before this returns.
  [[nodiscard]] post_result post(std::unique_ptr<delivery> what, post_kind kind);
  /// Any thread. `f` is called on the lane as f() or f(lane&).
  template <class F>
  requires std::invocable < std::decay_t<F>
  &, lane& > ||
         std::invocable<std::decay_t<F>&> post_result post(F&& f, std::size_t cost_bytes = 64,
                                                           post_kind kind = post_kind::control);

  /// True if the queue is at its bound now. Any thread.
  [[nodiscard]] bool congested() const noexcept;

  // -- time -------------------------------------------------------------------------------------

  /// The time of this turn, refreshed after its flush.
  [[nodiscard]] time_point now() const noexcept {
    if (clock_stale_) refresh();
    return now_;
  }
  /// Arms or moves a timer of this lane; never fires early, at most one tick (10 ms) late.
  void arm(timer& t, time_point when);
  void arm(timer& t, duration from_now) { arm(t, now() + from_now); }
  static void cancel(timer& t) noexcept { t.cancel(); }
  /// `base` with a random deviation of up to `fraction` in both directions.
  [[nodiscard]] duration jittered(duration base, double fraction);
  /// A source of unpredictable numbers for use on this lane.
  [[nodiscard]] random_source& random() noexcept;

  // -- file descriptors -------------------------------------------------------------------------

  /// Reports `events` (EPOLLIN...) of `fd` to `who`, level-triggered. Not polled while this lane is
  /// paused by a full queue of another lane.
  [[nodiscard]] result<void> watch(int fd, pollable& who, std::uint32_t events);
  [[nodiscard]] result<void> modify(int fd, pollable& who, std::uint32_t events);
  /// No more calls to `who`, also not for events that have been taken from the kernel already. Call
  /// before the fd is closed.
  void forget(int fd, pollable& who) noexcept;
  /// For connections to read into within one call; contents do not outlive it. 64 KiB.
  [[nodiscard]] std::span<char> read_buffer() noexcept;

  /// `what.flush()` is called once at the end of this turn. Marking twice is free.
  void mark_dirty(flushable& what);

  // -- watchdog ---------------------------------------------------------------------------------

  /// Names what runs now, for log lines; use handler_scope. The name is copied, up to 47 bytes.
  /// Handlers of Asio objects are seen by the watchdog only if they do this.
  void enter(std::string_view handler_name) noexcept;
  void leave() noexcept;
  /// Call from a catch block: logs the current exception with the handler's name and counts it. Any
  /// thread, but the name is known only on the lane.
  void report_exception() noexcept;

  // -- connections ------------------------------------------------------------------------------

  /// Any thread. See connection_slot.
  void add_connection() noexcept { connections_.fetch_add(1, std::memory_order_relaxed); }
  void remove_connection() noexcept { connections_.fetch_sub(1, std::memory_order_relaxed); }
  [[nodiscard]] std::uint32_t connections() const noexcept {
    return connections_.load(std::memory_order_relaxed);
  }
  /// Any thread; the counters are read one by one.
  [[nodiscard]] lane_stats stats() const;

  /// What only this folder uses.
  [[nodiscard]] lane_core& core() noexcept { return *core_; }

 private:
  friend struct lane_core;
  friend class lane_group;
  template <class F>
  class function_delivery;
  void run();        // the thread's body
  bool turn_once();  // without a thread of its own: true if there was, or is, something to do
  void end_turns();  // the last call then
  void refresh() const noexcept;

  lane_index index_;
  bool is_service_;
  const lane_group* group_;  // may be gone
  mutable time_point now_;
  mutable bool clock_stale_ = true;  // the lane has slept since `now_` was read
  std::atomic<std::uint32_t> connections_{0};
  std::unique_ptr<lane_core> core_;
};

/// Names the handler that runs in this scope, for the watchdog and for exceptions. Runs on: the
/// lane.
class handler_scope {
 public:
  handler_scope(lane& where, std::string_view name) noexcept : lane_(where) { where.enter(name); }
  handler_scope(const handler_scope&) = delete;
  handler_scope& operator=(const handler_scope&) = delete;
  ~handler_scope() { lane_.leave(); }

 private:
  lane& lane_;
};

/// Counts one connection on a lane for as long as it lives. Any thread.
class connection_slot {
 public:
  connection_slot() = default;
  explicit connection_slot(lane& where) noexcept : lane_(&where) { where.add_connection(); }
  connection_slot(connection_slot&& other) noexcept : lane_(std::exchange(other.lane_, nullptr)) {}
  connection_slot& operator=(connection_slot other) noexcept {
    std::swap(lane_, other.lane_);
    return *this;
  }
  ~connection_slot() {
    if (lane_ != nullptr) lane_->remove_connection();
  }
  [[nodiscard]] lane* home() const noexcept { return lane_; }

 private:
  lane* lane_ = nullptr;
};

template <class F>
class lane::function_delivery final : public delivery {
 public:
  explicit function_delivery(F f) : f_(std::move(f)) {}
  void run(lane& here) noexcept override {
    try {
      if constexpr (std::invocable<F&, lane&>) {
        f_(here);
      } else {
        f_();
      }
    } catch (...) {
      here.report_exception();
    }
  }

 private:
  F f_;
};

template <class F>
requires std::invocable < std::decay_t<F>
&, lane& > || std::invocable<std::decay_t<F>&> post_result lane::post(F&& f, std::size_t cost_bytes,
                                                                      post_kind kind) {
  auto made = std::make_unique<function_delivery<std::decay_t<F>>>(std::forward<F>(f));
  made->cost_bytes = cost_bytes;
  return post(std::unique_ptr<delivery>(std::move(made)), kind);
}

}  // namespace gossamer
