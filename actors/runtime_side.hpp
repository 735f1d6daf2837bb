// The actor system behind a server, without CAF's headers.
#pragma once

#include "runtime/lanes/lane_group.hpp"

#include <functional>
#include <memory>

namespace caf {
class actor_system;
}

namespace gossamer::detail {

/// Runs on: any thread that is no lane.
class runtime_side {
 public:
  virtual ~runtime_side() = default;
  [[nodiscard]] virtual lane_group& lanes() = 0;
  [[nodiscard]] virtual caf::actor_system& system() = 0;
  /// Ends actors and lanes, or lets go of those of the program. True if nothing was left at the
  /// deadline. Once. `after_lanes` is called when no lane runs any more, before the lanes go, so
  /// perhaps long after this has returned; not at all if a lane is stuck.
  virtual bool stop(milliseconds deadline, std::function<void()> after_lanes) = 0;
};

/// An actor system of the server's own.
[[nodiscard]] std::unique_ptr<runtime_side> own_runtime(lane_options options);
/// The program's actor system, for one or several servers: its lanes run until it ends. Throws
/// boost::system::system_error if it was not configured by gossamer::configure.
[[nodiscard]] std::unique_ptr<runtime_side> attached_runtime(caf::actor_system& system);

}  // namespace gossamer::detail
