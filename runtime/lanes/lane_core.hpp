// The inside of a lane: its loop and what the loop serves. Included by this folder only.
#pragma once

#include "runtime/base/random.hpp"
#include "runtime/lanes/handler_mark.hpp"
#include "runtime/lanes/inbox.hpp"
#include "runtime/lanes/lane.hpp"
#include "runtime/lanes/lane_counter.hpp"
#include "runtime/lanes/lane_group.hpp"
#include "runtime/lanes/lane_jobs.hpp"
#include "runtime/lanes/lane_report.hpp"
#include "runtime/lanes/manual_clock.hpp"
#include "runtime/lanes/poller.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace gossamer {

struct lane_core {
  static constexpr std::size_t events_per_turn = 64;
  static constexpr std::size_t deliveries_per_turn = 256;
  static constexpr std::size_t timers_per_turn = 256;
  static constexpr milliseconds delivery_slice{5};  // looked at every 16 deliveries
  // After a turn that took longer, what fds have for us goes before timers: what they wait for may
  // have come in time.
  static constexpr milliseconds late_turn{50};
  static constexpr milliseconds timers_wait_max{1'000};
  static constexpr std::size_t read_buffer_bytes = 64U << 10U;
  static constexpr std::size_t nesting_max = 8;

  lane_core(lane& owner, const lane_options& options);

  // -- the loop (lane_core.cpp). Runs on: the lane.
  void run();
  void request_exit() noexcept;  // any thread
  void drop_rest() noexcept;
  [[nodiscard]] bool turn_once();
  void turn();
  void wait_for_work();
  void arm_wait();
  void poll_fds();
  void run_deliveries();
  [[nodiscard]] bool timers_may_run(time_point began);
  void run_timers();
  void run_flushes();
  void finish_turn(time_point began);
  [[nodiscard]] bool has_work() noexcept;
  template <class F>
  bool guarded(F&& f) noexcept;

  // -- any thread
  [[nodiscard]] time_point read_clock() const noexcept {
    return virtual_time == nullptr ? clock::now() : virtual_time->now();
  }
  void wake() noexcept {
    if (box.interrupt()) poke();
  }
  void poke() noexcept;

  // -- pausing (lane_pause.cpp)
  void pause_for(lane_core& full) noexcept;             // runs on: this lane, after it fed `full`
  bool add_waiting(lane_core& feeder) noexcept;         // any thread
  void release_bytes(std::size_t cost_bytes) noexcept;  // runs on: this lane
  void wake_waiting() noexcept;                         // runs on: this lane
  void take_resumes() noexcept;                         // runs on: this lane

  // -- watchdog (lane_watch.cpp). Runs on: the lane.
  void enter(std::string_view name) noexcept;
  void leave() noexcept;
  void report_exception() noexcept;
  void report_slow(duration held, const handler_name& name) noexcept;

  lane& self;
  const std::shared_ptr<const manual_clock> virtual_time;  // null: the steady clock
  const logger log;
  const duration slow_turn;
  const std::string label;  // "lane 3" or "service lane"
  std::atomic<bool> exit_requested{false};

  boost::asio::io_context context{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{
      context.get_executor()};
  poller fds;
  boost::asio::posix::stream_descriptor clients_ready;  // these two only wait: `fds` owns the fds
  boost::asio::posix::stream_descriptor control_ready;
  bool waiting_clients = false;
  bool waiting_control = false;
  bool fds_ready = false;
  bool fds_found = false;  // by the last look
  std::array<epoll_event, events_per_turn> event_room{};
  std::span<epoll_event> batch;  // events of this turn that have not been reported yet

  inbox box;
  delivery_list todo;
  lane_jobs* jobs = nullptr;
  void* jobs_owner = nullptr;  // caf::execution_unit of the lane
  timer_wheel wheel;
  time_point timer_set = time_point::max();
  detail::intrusive_list dirty;
  std::vector<char> read_buffer;
  const std::unique_ptr<random_source> random;
  pollable* reporting = nullptr;   // whose on_ready runs
  time_point timers_wait_until{};  // while fds go first

  std::size_t paused_on = 0;            // lanes whose full queue keeps this one from reading
  std::atomic<std::size_t> resumes{0};  // how many of them have drained since
  std::mutex waiting_mutex;
  std::vector<lane_core*> waiting;  // lanes that wait for this one's queue
  std::atomic<bool> any_waiting{false};
  std::atomic<bool> box_closed{false};

  handler_mark mark;
  struct frame {
    handler_name name;
    time_point since;
  };
  std::array<frame, nesting_max> frames;
  std::size_t depth = 0;
  handler_name last_name;    // of this turn
  handler_name failed_name;  // innermost handler that an exception left
  bool slow_reported = false;

  lane_counter turns, delivered, jobs_run, pauses, timers_fired, flushes, slow_turns;
  std::array<lane_counter, post_kinds> accepted;
  turn_times times;
  slow_handlers slow_names;
  std::atomic<std::uint64_t> wakes{0};
  std::atomic<std::uint64_t> exceptions{0};
  std::atomic<std::size_t> dropped_at_exit{0};
  std::atomic<duration::rep> longest_turn{0};
  std::atomic<bool> paused_now{false};
};

/// Calls `f`; an exception is reported. True if there was none.
template <class F>
bool lane_core::guarded(F&& f) noexcept {
  try {
    std::forward<F>(f)();
    return true;
  } catch (...) {
    report_exception();
    return false;
  }
}

}  // namespace gossamer
