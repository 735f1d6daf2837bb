#include "runtime/lanes/watchdog.hpp"

#include "runtime/lanes/lane_core.hpp"

#include <algorithm>

namespace gossamer {

lane_group::watchdog::watchdog(lane_group& group)
    : group_(group),
      period_(std::clamp<duration>(5 * group.options().slow_turn, milliseconds(50), seconds(1))),
      seen_(group.size()) {}

void lane_group::watchdog::start() {
  static_cast<void>(group_.service().post([this](lane& here) { here.arm(*this, period_); }));
}

void lane_group::watchdog::on_timer(time_point now) {
  for (std::size_t i = 0; i < group_.size(); ++i) look_at(group_.at(i), seen_[i], now);
  group_.service().arm(*this, period_);
}

void lane_group::watchdog::look_at(lane& which, seen& last, time_point now) {
  const auto mark = which.core().mark.read();
  if (!mark.busy) return;
  if (mark.since != last.since) last = {mark.since, group_.options().slow_turn};
  const auto held = now - mark.since;
  if (held < last.report_at) return;
  last.report_at = 2 * held;
  const auto ms = std::chrono::duration_cast<milliseconds>(held).count();
  const auto& label = which.core().label;
  if (mark.name.empty()) {
    which.log().warn("{} is still held after {} ms, no handler named", label, ms);
  } else {
    which.log().warn("handler '{}' still holds {} after {} ms", mark.name.text(), label, ms);
  }
}

}  // namespace gossamer
