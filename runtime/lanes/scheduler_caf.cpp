#include "runtime/lanes/scheduler_caf.hpp"

#include "runtime/base/check.hpp"
#include "runtime/lanes/actors_caf.hpp"
#include "runtime/lanes/lane_caf.hpp"
#include "runtime/lanes/lane_core.hpp"
#include "runtime/lanes/stepped_clock_caf.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/resumable.hpp>

namespace gossamer {

namespace {

constexpr std::size_t jobs_per_turn = 256;
constexpr std::size_t messages_per_job = 64;
// Deadline of lanes that end with their system because nobody stopped the runtime before.
constexpr seconds last_deadline{5};

}  // namespace

caf::execution_unit& unit(lane& where) noexcept {
  auto* owner = static_cast<lane_unit*>(where.core().jobs_owner);
  GOSSAMER_CHECK(owner != nullptr);
  return *owner;
}

lane* lane_of(caf::execution_unit* unit) noexcept {
  auto* ours = dynamic_cast<lane_unit*>(unit);
  return ours == nullptr ? nullptr : &ours->home();
}

// -- lane_unit ------------------------------------------------------------------------------------

lane_unit::lane_unit(caf::actor_system& system, lane& home)
    : caf::execution_unit(&system), home_(home) {
  home_.core().jobs = this;
  home_.core().jobs_owner = this;
}

void lane_unit::exec_later(caf::resumable* job) {
  if (home_.is_current()) {
    local_.push_back(job);
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    if (!closed_) {
      inbound_.push_back(job);
      // Under the lock: once the job is taken it may end its actor, and with it the system.
      home_.core().wake();
      return;
    }
  }
  caf::scheduler::abstract_coordinator::cleanup_and_release(job);
}

void lane_unit::take_inbound() {
  {
    const std::lock_guard lock(mutex_);
    taken_.swap(inbound_);
  }
  local_.insert(local_.end(), taken_.begin(), taken_.end());
  taken_.clear();
}

std::size_t lane_unit::run_slice(lane&) {
  take_inbound();
  std::size_t done = 0;
  for (; done < jobs_per_turn && !local_.empty(); ++done) {
    auto* job = local_.front();
    local_.pop_front();
    run_job(job);
  }
  return done;
}

void lane_unit::run_job(caf::resumable* job) {
  auto outcome = caf::resumable::done;
  home_.core().guarded([&] { outcome = job->resume(this, messages_per_job); });
  if (outcome == caf::resumable::resume_later) {
    local_.push_back(job);
  } else if (outcome != caf::resumable::shutdown_execution_unit) {
    caf::intrusive_ptr_release(job);
  }
}

bool lane_unit::pending() const {
  if (!local_.empty()) return true;
  const std::lock_guard lock(mutex_);
  return !inbound_.empty();
}

void lane_unit::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  take_inbound();
  while (!local_.empty()) {
    auto* job = local_.front();
    local_.pop_front();
    caf::scheduler::abstract_coordinator::cleanup_and_release(job);
  }
}

void lane_unit::add(lean_actor& who) noexcept {
  lean_actors_.push_back(who);
}

void lane_unit::exit_all(const caf::error& reason) {
  detail::intrusive_list asked;  // who ends meanwhile takes itself off
  asked.splice(lean_actors_);
  while (auto* link = asked.pop_front()) {
    auto& who = static_cast<lean_actor&>(*link);
    const caf::strong_actor_ptr keep(who.ctrl());
    lean_actors_.push_back(who);
    home_.core().guarded([&] { who.on_exit_message(reason); });
  }
}

// -- actor_census ---------------------------------------------------------------------------------

void actor_census::joined(caf::actor_addr who) {
  const std::lock_guard lock(mutex_);
  const auto id = who.id();
  pinned_.emplace(id, std::move(who));
}

void actor_census::left(const caf::actor_addr& who) {
  const std::lock_guard lock(mutex_);
  pinned_.erase(who.id());
}

std::vector<caf::strong_actor_ptr> actor_census::pinned() const {
  std::vector<caf::strong_actor_ptr> alive;
  const std::lock_guard lock(mutex_);
  for (const auto& [id, address] : pinned_) {
    if (auto strong = caf::actor_cast<caf::strong_actor_ptr>(address)) {
      alive.push_back(std::move(strong));
    }
  }
  return alive;
}

// -- lane_scheduler -------------------------------------------------------------------------------

lane_scheduler::lane_scheduler(caf::actor_system& system, lane_options options)
    : abstract_coordinator(system),
      options_(std::move(options)),
      system_alive_(std::make_shared<std::atomic<bool>>(true)) {}

// A lane that is stuck in a handler would be waited for without end: it is left alone, with what it
// may still touch.
lane_scheduler::~lane_scheduler() {
  system_alive_->store(false);
  if (report_.stuck.empty()) return;
  static_cast<void>(lanes_.release());
  for (auto& each : units_) static_cast<void>(each.release());
  static_cast<void>(ends_.release());
}

lane_scheduler* lane_scheduler::of(caf::actor_system& system) noexcept {
  return dynamic_cast<lane_scheduler*>(&system.scheduler());
}

void lane_scheduler::init(caf::actor_system_config& config) {
  abstract_coordinator::init(config);
  lanes_ = std::make_unique<lane_group>(options_);
  num_workers_ = lanes_->size();
  if (options_.time != nullptr) {
    stepped_clock_ = std::make_unique<stepped_clock>(options_.time);
    lanes_->set_time_waiter(*stepped_clock_);
  }
  for (std::size_t i = 0; i <= lanes_->size(); ++i) {
    units_.push_back(std::make_unique<lane_unit>(system_, lanes_->at(i)));
  }
}

void lane_scheduler::start() {
  lanes_->start([this, alive = system_alive_](lane&, const std::function<void()>& run) {
    system_.thread_started();
    run();
    if (alive->load()) system_.thread_terminates();
  });
  if (stepped_clock_ == nullptr) {
    clock_thread_ = std::thread([this] { clock_.run_dispatch_loop(); });
  }
  abstract_coordinator::start();
}

lanes_stopped lane_scheduler::stop_lanes(milliseconds deadline) {
  if (lanes_stopped_) return report_;
  lanes_stopped_ = true;
  report_ = lanes_->stop(deadline);
  if (report_.stuck.empty()) {
    for (auto& each : units_) each->close();
    run_ends();
  }
  return report_;
}

void lane_scheduler::at_end(std::function<void()> what) {
  {
    const std::lock_guard lock(ends_mutex_);
    if (!ended_) return ends_->push_back(std::move(what));
  }
  what();
}

void lane_scheduler::run_ends() {
  end_list due;
  {
    const std::lock_guard lock(ends_mutex_);
    ended_ = true;
    due.swap(*ends_);
  }
  for (auto& each : due) std::exchange(each, nullptr)();
}

void lane_scheduler::stop() {
  static_cast<void>(stop_lanes(last_deadline));
  stop_actors();
  if (!clock_thread_.joinable()) return;
  clock_.cancel_dispatch_loop();
  clock_thread_.join();
}

caf::actor_clock& lane_scheduler::clock() noexcept {
  if (stepped_clock_ != nullptr) return *stepped_clock_;
  return clock_;
}

void lane_scheduler::enqueue(caf::resumable* job) {
  lane* here = lane::current();
  if (here != nullptr && !here->is_service() && &lanes_->at(here->index()) == here) {
    units_[static_cast<std::size_t>(here->index())]->exec_later(job);
    return;
  }
  const auto next = next_worker_.fetch_add(1, std::memory_order_relaxed) % lanes_->size();
  units_[next]->exec_later(job);
}

}  // namespace gossamer
