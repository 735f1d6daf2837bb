#include "runtime/lanes/actor_runtime_caf.hpp"

#include "runtime/base/check.hpp"
#include "runtime/lanes/errc.hpp"
#include "runtime/lanes/scheduler_caf.hpp"

#include <boost/system/system_error.hpp>
#include <caf/actor_registry.hpp>
#include <caf/exit_reason.hpp>
#include <caf/logger.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <fmt/ranges.h>
#include <future>
#include <thread>

namespace gossamer {

void configure(caf::actor_system_config& config, lane_options options) {
  config.module_factories.push_back(
      [options = std::move(options)](caf::actor_system& system) -> caf::actor_system::module* {
        return new lane_scheduler(system, options);
      });
}

struct actor_runtime::owned {
  caf::actor_system_config config;  // outlives the system
  std::unique_ptr<caf::actor_system> system;
};

actor_runtime::actor_runtime(lane_options options,
                             const std::function<void(caf::actor_system_config&)>& more)
    : owned_(std::make_unique<owned>()) {
  configure(owned_->config, std::move(options));
  if (more) more(owned_->config);
  owned_->system = std::make_unique<caf::actor_system>(owned_->config);
  system_ = owned_->system.get();
  // Else ~actor_system waits for the end of this thread, unless it is the one that stops.
  caf::logger::set_current_actor_system(nullptr);
}

actor_runtime::actor_runtime(caf::actor_system& system) : system_(&system) {
  if (lane_scheduler::of(system) == nullptr) {
    throw boost::system::system_error(make_error_code(lanes::errc::system_not_configured));
  }
}

actor_runtime::~actor_runtime() {
  if (!stopped_) static_cast<void>(stop(seconds(5)));
}

lane_group& actor_runtime::lanes() noexcept {
  return lane_scheduler::of(*system_)->lanes();
}

std::uint64_t actor_runtime::unknown_messages() noexcept {
  return lane_scheduler::of(*system_)->census().unknown_messages.load();
}

void actor_runtime::ask_to_exit() {
  auto* scheduler = lane_scheduler::of(*system_);
  for (std::size_t i = 0; i <= scheduler->lanes().size(); ++i) {
    static_cast<void>(scheduler->lanes().at(i).post(
        [scheduler, i] { scheduler->unit(i).exit_all(caf::exit_reason::user_shutdown); }));
  }
  for (const auto& each : scheduler->census().pinned()) {
    caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
  }
}

// CAF has no way to wait for actors with a deadline, so this looks again and again.
actors_stopped actor_runtime::await_actors(time_point deadline) {
  auto* scheduler = lane_scheduler::of(*system_);
  while (system_->registry().running() != 0 && clock::now() < deadline) {
    scheduler->lanes().wait_a_moment();
  }
  actors_stopped left;
  left.actors_alive = system_->registry().running();
  if (left.actors_alive == 0) return left;
  left.lean_alive = scheduler->census().lean_alive.load();
  for (const auto& each : scheduler->census().pinned()) {
    left.pinned_alive.emplace_back(static_cast<caf::local_actor*>(each->get())->name());
  }
  scheduler->lanes().options().log.error(
      "actors still alive at the deadline: all={} lean={} pinned=[{}]", left.actors_alive,
      left.lean_alive, fmt::join(left.pinned_alive, ","));
  return left;
}

actors_stopped actor_runtime::stop(milliseconds deadline,
                                   const std::function<void()>& after_lanes) {
  GOSSAMER_CHECK(!stopped_ && lane::current() == nullptr);
  stopped_ = true;
  const auto end = clock::now() + deadline;
  ask_to_exit();
  auto report = await_actors(end);
  const auto left = std::chrono::duration_cast<milliseconds>(end - clock::now());
  report.lanes = lane_scheduler::of(*system_)->stop_lanes(std::max(left, milliseconds(100)));
  if (after_lanes && report.lanes.stuck.empty()) after_lanes();
  system_->await_actors_before_shutdown(report.actors_alive == 0);
  if (owned_ == nullptr) return report;
  const bool usable = report.actors_alive == 0 && report.lanes.stuck.empty();
  report.system_left = !usable || !destroy_owned(std::max(end, clock::now() + seconds(1)));
  if (!usable) static_cast<void>(owned_.release());  // somebody still uses it
  return report;
}

// ~actor_system waits without a limit: for the threads of detached actors, which wait for the last
// handle to their actor; and for every thread that spawned an actor, to end or to forget the
// system's logger. So that is left to a thread of its own.
bool actor_runtime::destroy_owned(time_point deadline) {
  caf::logger::set_current_actor_system(nullptr);  // this thread may have spawned
  std::promise<void> done;
  auto destroyed = done.get_future();
  std::thread destroyer([system = std::move(owned_), done = std::move(done)]() mutable {
    system.reset();
    done.set_value();
  });
  const bool in_time = destroyed.wait_until(deadline) == std::future_status::ready;
  if (in_time) {
    destroyer.join();
  } else {
    destroyer.detach();
  }
  return in_time;
}

}  // namespace gossamer
