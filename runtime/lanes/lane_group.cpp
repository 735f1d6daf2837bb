#include "runtime/lanes/lane_group.hpp"

#include "runtime/base/check.hpp"
#include "runtime/lanes/drain.hpp"
#include "runtime/lanes/lane_core.hpp"
#include "runtime/lanes/manual_clock.hpp"
#include "runtime/lanes/watchdog.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <pthread.h>
#include <sched.h>
#include <thread>

namespace gossamer {

namespace {

// Time that lanes which are not stuck get to end their thread after the deadline.
constexpr milliseconds exit_grace{500};

std::vector<int> usable_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> found;
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return found;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) found.push_back(cpu);
  }
  return found;
}

std::size_t lane_count(const lane_options& options) {
  if (options.drive == lane_drive::polled) return 1;  // so that one descriptor says all
  const std::size_t wanted =
      options.lanes != 0 ? options.lanes : std::max<std::size_t>(1, usable_cpus().size());
  return std::min(wanted, lane_count_max);
}

void pin_to(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  ::pthread_setaffinity_np(::pthread_self(), sizeof set, &set);
}

}  // namespace

struct lane_group::threads {
  bool started = false;
  std::vector<std::thread> running;  // not joinable: of a lane without
  std::vector<bool> ended;
  std::mutex mutex;
  std::condition_variable changed;

  void end(std::size_t index) {
    const std::lock_guard lock(mutex);
    ended[index] = true;
    changed.notify_all();
  }
  void wait_until(time_point deadline) {
    std::unique_lock lock(mutex);
    changed.wait_until(lock, deadline, [&] {
      return std::all_of(ended.begin(), ended.end(), [](bool done) { return done; });
    });
  }
  [[nodiscard]] bool has_ended(std::size_t index) {
    const std::lock_guard lock(mutex);
    return ended[index];
  }
};

lane_group::lane_group(lane_options options)
    : options_(std::move(options)), threads_(std::make_unique<threads>()) {
  const std::size_t count = lane_count(options_);
  for (std::size_t i = 0; i <= count; ++i) {
    lanes_.push_back(std::make_shared<lane>(lane_index(i), i == count, options_, this));
  }
  watchdog_ = std::make_unique<watchdog>(*this);
}

lane_group::~lane_group() {
  try {
    if (!stopped_) stop(seconds(1));
  } catch (...) {  // no memory for the report: the lanes still have to end
    for (auto& each : lanes_) each->core().request_exit();
  }
  for (auto& thread : threads_->running) {
    if (thread.joinable()) thread.join();
  }
}

void lane_group::start(const run_around& around) {
  GOSSAMER_CHECK(!threads_->started && !stopped_);
  threads_->started = true;
  threads_->ended.assign(lanes_.size(), false);
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    auto& made = threads_->running.emplace_back();
    if (!drives(*lanes_[i])) made = std::thread([this, i, around] { run_thread(i, around); });
  }
  if (options_.drive != lane_drive::stepped) watchdog_->start();
}

void lane_group::run_thread(std::size_t index, const run_around& around) {
  lane& which = *lanes_[index];
  const std::string name = which.is_service() ? "gossamer-svc" : fmt::format("gossamer-{}", index);
  ::pthread_setname_np(::pthread_self(), name.c_str());
  if (options_.pin_cpus && !which.is_service()) {
    const auto cpus = usable_cpus();
    if (!cpus.empty()) pin_to(cpus[index % cpus.size()]);
  }
  const std::function<void()> run = [&which] { which.run(); };
  if (around) {
    around(which, run);
  } else {
    run();
  }
  threads_->end(index);
}

lanes_stopped lane_group::stop(milliseconds deadline) {
  GOSSAMER_CHECK(!stopped_ && lane::current() == nullptr);
  stopped_ = true;
  if (!threads_->started) {  // never started: what is queued holds actors, and they the lane
    for (auto& each : lanes_) each->core().drop_rest();
    return {};
  }
  const auto end = clock::now() + deadline;
  for (auto& each : lanes_) each->core().box.close_gate();
  drain_lanes(lanes_, end, driven() ? [this] { wait_a_moment(); } : std::function<void()>());
  for (auto& each : lanes_) each->core().request_exit();
  end_driven();
  threads_->wait_until(std::max(end, clock::now() + exit_grace));
  return collect_stopped();
}

lanes_stopped lane_group::collect_stopped() {
  lanes_stopped report;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    auto& core = lanes_[i]->core();
    if (threads_->has_ended(i)) {
      if (threads_->running[i].joinable()) threads_->running[i].join();
      report.dropped += core.dropped_at_exit.load();
      continue;
    }
    const auto seen = core.mark.read();
    const auto held = seen.busy ? clock::now() - seen.since : duration{};
    options_.log.error("{} did not stop: handler '{}' holds it for {} ms", core.label,
                       seen.name.text(), std::chrono::duration_cast<milliseconds>(held).count());
    report.stuck.push_back({lanes_[i]->index(), std::string(seen.name.text()), held});
  }
  return report;
}

// -- lanes without threads ------------------------------------------------------------------------

bool lane_group::drives(const lane& which) const {
  return options_.drive == lane_drive::stepped ||
         (options_.drive == lane_drive::polled && !which.is_service());
}

bool lane_group::poll(duration budget) {
  GOSSAMER_CHECK(lane::current() == nullptr);  // not from within a handler
  const auto began = clock::now();
  const std::lock_guard lock(driving_);
  while (!driven_ended_) {
    bool busy = waiter_ != nullptr && waiter_->run_due() != 0;
    for (auto& each : lanes_) {
      if (drives(*each)) busy = each->turn_once() || busy;
    }
    if (!busy) return false;
    if (clock::now() - began >= budget) return true;
  }
  return false;
}

int lane_group::poll_fd() const noexcept {
  return options_.drive == lane_drive::polled ? lanes_.front()->core().fds.clients_fd() : -1;
}

void lane_group::wait_a_moment() {
  if (!driven() || !poll(milliseconds(1))) std::this_thread::sleep_for(milliseconds(1));
}

bool lane_group::let_pass(time_point until) {
  for (int round = 0; round < 2; ++round) {
    std::vector<std::future<void>> passed;
    for (std::size_t i = 0; i < size(); ++i) {
      const auto reached = std::make_shared<std::promise<void>>();
      passed.push_back(reached->get_future());
      if (at(i).post([reached] { reached->set_value(); }) != post_result::accepted) return false;
    }
    for (const auto& one : passed) {
      if (!await(one, until)) return false;
    }
  }
  return true;
}

std::optional<time_point> lane_group::next_due() {
  const std::lock_guard lock(driving_);
  auto first = waiter_ == nullptr ? std::nullopt : waiter_->next_due();
  for (auto& each : lanes_) {
    if (!drives(*each)) continue;
    const auto due = each->core().wheel.next_due();
    if (due && (!first || *due < *first)) first = due;
  }
  return first;
}

void lane_group::end_driven() {
  const std::lock_guard lock(driving_);
  driven_ended_ = true;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (!drives(*lanes_[i])) continue;
    lanes_[i]->end_turns();
    threads_->end(i);
  }
}

connection_slot lane_group::place_connection() noexcept {
  const auto in_time = clock::now() - options_.slow_turn;
  lane* best = nullptr;
  bool best_is_held = false;
  for (std::size_t i = 0; i < size(); ++i) {
    lane& each = *lanes_[i];
    const bool held = each.core().mark.busy_since_before(in_time);
    const bool better = best == nullptr || (best_is_held && !held) ||
                        (best_is_held == held && each.connections() < best->connections());
    if (!better) continue;
    best = &each;
    best_is_held = held;
  }
  return connection_slot(*best);
}

}  // namespace gossamer
