// Port: a source of jobs beside the delivery queue, run once per turn. CAF's scheduler is one.
#pragma once

#include <cstddef>

namespace gossamer {

class lane;

class lane_jobs {
 public:
  /// Runs a bounded number of jobs and says how many. Runs on: the lane.
  virtual std::size_t run_slice(lane& here) = 0;
  /// Is there anything to run? Runs on: the lane, right before it sleeps. Who adds a job from
  /// another thread calls `lane_core::wake` afterwards.
  [[nodiscard]] virtual bool pending() const = 0;

 protected:
  ~lane_jobs() = default;
};

}  // namespace gossamer
