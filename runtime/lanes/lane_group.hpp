// All lanes of a process: N for clients, one for the service work of the node.
//
// Runs on: any thread, but `start` and `stop` on one that is no lane.
// Owns: the lanes and their threads.
// Errors: what keeps a lane from starting (threads, fds) is thrown by the constructor or `start`.
#pragma once

#include "runtime/base/ids.hpp"
#include "runtime/base/limits.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/time.hpp"
#include "runtime/lanes/lane.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace gossamer {

class manual_clock;
class time_waiter;

/// Whose threads run the lanes.
enum class lane_drive : std::uint8_t {
  threads,  // each lane has its own
  polled,   // one clients' lane, run by whoever calls `poll`; the service lane has its thread
  stepped,  // all lanes, the service lane too, are run by whoever calls `poll`: for tests
};

struct lane_options {
  std::size_t lanes = 0;  // 0: one per core; at most 64
  bool pin_cpus = false;  // lane i on the i-th CPU that the process may use
  std::size_t inbox_bytes_max = limits::lane_inbox_bytes_max;
  milliseconds slow_turn{100};  // a turn or handler over it is logged
  logger log{};
  lane_drive drive = lane_drive::threads;
  /// What all lanes take for the time; only with `stepped`. Null: the steady clock.
  std::shared_ptr<manual_clock> time{};
  /// Random numbers that are the same each time, for tests: never where clients come from outside.
  std::optional<std::uint64_t> seed{};
};

/// A lane that did not end in time, with the handler that holds it.
struct stuck_lane {
  lane_index index{};
  std::string handler;
  duration held{};
};

struct lanes_stopped {
  std::vector<stuck_lane> stuck;
  std::size_t dropped = 0;  // deliveries that were still queued at the deadline
  [[nodiscard]] bool clean() const { return stuck.empty() && dropped == 0; }
};

class lane_group {
 public:
  /// Makes the lanes; they take deliveries but run nothing before `start`.
  explicit lane_group(lane_options options);
  lane_group(const lane_group&) = delete;
  lane_group& operator=(const lane_group&) = delete;
  /// Stops if `stop` was not called. Waits for a lane that is stuck in a handler, however long.
  ~lane_group();

  /// Starts the threads. `around` (optional) is called on each of them with a function that runs
  /// the lane: it may do something before and after.
  using run_around = std::function<void(lane&, const std::function<void()>& run)>;
  void start(const run_around& around = {});

  /// Lets every lane finish what is queued, then ends its thread. Deliveries posted meanwhile by
  /// lanes are run too, others are refused as `closed`. A lane that is stuck in a handler at the
  /// deadline is reported and left alone; it ends after its handler. Call it once.
  lanes_stopped stop(milliseconds deadline);

  // -- lanes without threads ---------------------------------------------------------------------

  /// True if the clients' lanes have no threads.
  [[nodiscard]] bool driven() const noexcept { return options_.drive != lane_drive::threads; }
  /// Runs them on the calling thread until nothing is left to be done, but begins no further turn
  /// after `budget` (0: one turn). True: something is left. Not in a handler; of two threads that
  /// call it one waits. Does nothing after `stop`.
  bool poll(duration budget);
  /// Readable when `poll` would find something to do, also when a timer is due; -1 if no lane is
  /// polled. It is an epoll descriptor: wait for it, do not read it.
  [[nodiscard]] int poll_fd() const noexcept;
  /// Lets driven lanes do something, or sleeps, a millisecond: what one does who waits for lanes.
  void wait_a_moment();
  /// Waits for what lanes will fulfil; driven ones are run meanwhile. False if it was not in time.
  template <class T>
  bool await(const std::future<T>& what, time_point until);
  /// Returns when each clients' lane has run what was queued for it before, twice over. False at
  /// the deadline.
  bool let_pass(time_point until);
  /// When something is due next, in lanes or for the waiter; may be too early, never too late.
  [[nodiscard]] std::optional<time_point> next_due();
  /// Asked for its time as lanes are; must outlive the lanes.
  void set_time_waiter(time_waiter& waiter) { waiter_ = &waiter; }

  /// Clients' lanes, without the service lane.
  [[nodiscard]] std::size_t size() const noexcept { return lanes_.size() - 1; }
  [[nodiscard]] lane& at(std::size_t index) noexcept { return *lanes_[index]; }
  [[nodiscard]] lane& at(lane_index index) noexcept { return at(static_cast<std::size_t>(index)); }
  /// SWIM, node hub, Redis and admin: no clients and no user handlers.
  [[nodiscard]] lane& service() noexcept { return *lanes_.back(); }
  [[nodiscard]] const lane_options& options() const noexcept { return options_; }

  /// A slot on the clients' lane with the fewest connections, if possible one that is not held.
  [[nodiscard]] connection_slot place_connection() noexcept;

 private:
  class watchdog;
  struct threads;
  void run_thread(std::size_t index, const run_around& around);
  lanes_stopped collect_stopped();
  [[nodiscard]] bool drives(const lane& which) const;
  void end_driven();

  lane_options options_;
  std::mutex driving_;
  bool driven_ended_ = false;
  time_waiter* waiter_ = nullptr;
  bool stopped_ = false;
  std::vector<std::shared_ptr<lane>> lanes_;  // the service lane is the last one
  std::unique_ptr<watchdog> watchdog_;
  std::unique_ptr<threads> threads_;
};

template <class T>
bool lane_group::await(const std::future<T>& what, time_point until) {
  if (!driven()) return what.wait_until(until) == std::future_status::ready;
  while (what.wait_for(seconds(0)) != std::future_status::ready) {
    if (clock::now() >= until) return false;
    wait_a_moment();
  }
  return true;
}

}  // namespace gossamer
