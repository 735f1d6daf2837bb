// An actor system on lanes: made here, or brought along by the program.
//
//     caf::actor_system_config config;         // or let actor_runtime own both
//     gossamer::configure(config, options);
//     caf::actor_system system{config};
//     gossamer::actor_runtime runtime{system};
//
// The configuration is never parsed from argv or files here; the middleman is not loaded.
//
// Runs on: any thread that is no lane.
#pragma once

#include "runtime/lanes/lane_group.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace gossamer {

/// Makes a system that is built with `config` run on lanes. Call once, before the system is made.
void configure(caf::actor_system_config& config, lane_options options);

/// What was left at the deadline of actor_runtime::stop.
struct actors_stopped {
  lanes_stopped lanes;
  std::size_t actors_alive = 0;           // all that CAF counts, also of the application
  std::size_t lean_alive = 0;             // of these: lean actors
  std::vector<std::string> pinned_alive;  // of these: names of pinned actors
  bool system_left = false;               // a system of our own could not be destroyed in time
  [[nodiscard]] bool clean() const { return lanes.clean() && actors_alive == 0 && !system_left; }
};

class actor_runtime {
 public:
  /// Owns a system; `more` may set further things in its configuration, e.g. load modules.
  explicit actor_runtime(lane_options options,
                         const std::function<void(caf::actor_system_config&)>& more = {});
  /// Uses a system that outlives this object.
  /// Errors: throws boost::system::system_error (lanes::errc::system_not_configured, the message
  /// names the call) if it was not configured by `configure`.
  explicit actor_runtime(caf::actor_system& system);
  actor_runtime(const actor_runtime&) = delete;
  actor_runtime& operator=(const actor_runtime&) = delete;
  /// Stops with a deadline of 5 s if `stop` was not called.
  ~actor_runtime();

  [[nodiscard]] caf::actor_system& system() noexcept { return *system_; }
  [[nodiscard]] lane_group& lanes() noexcept;
  /// Messages that lean and pinned actors did not know.
  [[nodiscard]] std::uint64_t unknown_messages() noexcept;

  /// Asks lean and pinned actors to exit, waits for all actors, then ends the lanes. What is left
  /// at the deadline is reported and logged; ~actor_system then waits for no actor. A system of our
  /// own that cannot be ended (a stuck lane, a detached actor that goes on) is left alive for ever
  /// rather than waited for. A kept handle to a detached actor, or a thread that spawned an actor
  /// directly with CAF and lives on, has the same effect until it goes; a system of the program
  /// waits for both in its destructor. Afterwards a system of our own is gone: `system` and `lanes`
  /// must not be called. Acceptors and connections must be closed before. Call it once.
  /// `after_lanes` (may be empty) is called when no lane runs any more, before the lanes go: the
  /// place to destroy what refers to them. It is not called if a lane is stuck.
  actors_stopped stop(milliseconds deadline, const std::function<void()>& after_lanes = {});

 private:
  struct owned;
  void ask_to_exit();
  [[nodiscard]] bool destroy_owned(time_point deadline);
  [[nodiscard]] actors_stopped await_actors(time_point deadline);

  std::unique_ptr<owned> owned_;
  caf::actor_system* system_;
  bool stopped_ = false;
};

}  // namespace gossamer
