// CAF's scheduler on our lanes: one execution unit per lane, no CAF workers.
//
// Runs on: any thread where nothing else is said.
// Owns: the lane group, the units, CAF's clock thread.
// Limits: jobs of CAF actors are bounded by the actors' mailboxes, which CAF does not bound; socket
//   actors have none (lean_actor_caf.hpp).
#pragma once

#include "runtime/lanes/intrusive_link.hpp"
#include "runtime/lanes/lane.hpp"
#include "runtime/lanes/lane_group.hpp"
#include "runtime/lanes/lane_jobs.hpp"

#include <caf/actor_addr.hpp>
#include <caf/actor_clock.hpp>
#include <caf/detail/thread_safe_actor_clock.hpp>
#include <caf/error.hpp>
#include <caf/execution_unit.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace gossamer {

class lean_actor;

/// A lane as CAF sees it.
class lane_unit final : public caf::execution_unit, public lane_jobs {
 public:
  lane_unit(caf::actor_system& system, lane& home);

  [[nodiscard]] lane& home() const noexcept { return home_; }
  /// Any thread, unlike in CAF. After `close` the job's actor is ended instead.
  void exec_later(caf::resumable* job) override;

  std::size_t run_slice(lane& here) override;
  [[nodiscard]] bool pending() const override;
  /// Ends the actors whose jobs are left. The lane must have stopped.
  void close();

  /// Runs on: the lane. Lean actors between their launch and their end.
  void add(lean_actor& who) noexcept;
  /// Runs on: the lane. Calls on_exit_message(reason) of all lean actors.
  void exit_all(const caf::error& reason);

 private:
  void run_job(caf::resumable* job);
  void take_inbound();

  lane& home_;
  std::deque<caf::resumable*> local_;
  mutable std::mutex mutex_;
  std::vector<caf::resumable*> inbound_;
  std::vector<caf::resumable*> taken_;
  bool closed_ = false;
  detail::intrusive_list lean_actors_;
};

/// Who is alive and what was dropped. Any thread.
class actor_census {
 public:
  void joined(caf::actor_addr who);
  void left(const caf::actor_addr& who);
  /// Pinned actors that live, with handles that keep them so.
  [[nodiscard]] std::vector<caf::strong_actor_ptr> pinned() const;

  std::atomic<std::size_t> lean_alive{0};
  std::atomic<std::uint64_t> unknown_messages{0};

 private:
  mutable std::mutex mutex_;
  std::map<caf::actor_id, caf::actor_addr> pinned_;
};

class stepped_clock;

class lane_scheduler final : public caf::scheduler::abstract_coordinator {
 public:
  lane_scheduler(caf::actor_system& system, lane_options options);
  ~lane_scheduler() override;

  /// The scheduler of `system` if it was configured by us, or nullptr.
  [[nodiscard]] static lane_scheduler* of(caf::actor_system& system) noexcept;

  [[nodiscard]] lane_group& lanes() noexcept { return *lanes_; }
  [[nodiscard]] lane_unit& unit(std::size_t lane) noexcept { return *units_[lane]; }
  [[nodiscard]] actor_census& census() noexcept { return census_; }
  /// Ends the lanes; a second call returns the report of the first.
  lanes_stopped stop_lanes(milliseconds deadline);
  /// Calls it when no lane runs any more, before the lanes go: at once if that is so already, never
  /// if a lane is stuck. Any thread.
  void at_end(std::function<void()> what);

  void init(caf::actor_system_config& config) override;
  void start() override;
  void stop() override;
  /// For actors that are on no lane: the current clients' lane, else one after the other.
  void enqueue(caf::resumable* job) override;
  caf::actor_clock& clock() noexcept override;

 private:
  void run_ends();

  lane_options options_;
  std::unique_ptr<lane_group> lanes_;
  std::vector<std::unique_ptr<lane_unit>> units_;  // the service lane's is the last one
  actor_census census_;
  caf::detail::thread_safe_actor_clock clock_;
  std::thread clock_thread_;
  std::unique_ptr<stepped_clock> stepped_clock_;  // instead of both, in virtual time
  std::shared_ptr<std::atomic<bool>> system_alive_;
  lanes_stopped report_;
  bool lanes_stopped_ = false;
  std::mutex ends_mutex_;
  using end_list = std::vector<std::function<void()>>;
  std::unique_ptr<end_list> ends_ = std::make_unique<end_list>();
  bool ended_ = false;
};

}  // namespace gossamer
