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
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace gossamer {

struct lane_options {
  std::size_t lanes = 0;  // 0: one per core; at most 64
  bool pin_cpus = false;  // lane i on the i-th CPU that the process may use
  std::size_t inbox_bytes_max = limits::lane_inbox_bytes_max;
  milliseconds slow_turn{100};  // a turn or handler over it is logged
  logger log{};
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

  lane_options options_;
  bool stopped_ = false;
  std::vector<std::shared_ptr<lane>> lanes_;  // the service lane is the last one
  std::unique_ptr<watchdog> watchdog_;
  std::unique_ptr<threads> threads_;
};

}  // namespace gossamer
