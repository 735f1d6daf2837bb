// Looks from the service lane for lanes that are held, while they are held.
#pragma once

#include "runtime/lanes/lane_group.hpp"
#include "runtime/lanes/timer_wheel.hpp"

#include <vector>

namespace gossamer {

/// Runs on: the service lane. A lane that hangs is reported at once, then each time its wait has
/// doubled.
class lane_group::watchdog final : public timer {
 public:
  explicit watchdog(lane_group& group);
  void start();
  void on_timer(time_point now) override;

 private:
  struct seen {
    time_point since{};
    duration report_at{};
  };
  void look_at(lane& which, seen& last, time_point now);

  lane_group& group_;
  const duration period_;
  std::vector<seen> seen_;
};

}  // namespace gossamer
