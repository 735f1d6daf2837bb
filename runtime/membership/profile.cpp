#include "runtime/membership/profile.hpp"

#include <algorithm>
#include <cmath>

namespace gossamer::membership {

namespace {

duration scaled(duration d, double factor) {
  return std::chrono::duration_cast<duration>(d * factor);
}

}  // namespace

profile default_profile() {
  return {};
}

profile fast_profile() {
  profile p;
  p.probe_interval = milliseconds(500);
  p.probe_timeout = milliseconds(200);
  p.gossip_interval = milliseconds(100);
  p.sync_interval = seconds(5);
  p.heal_interval = seconds(5);
  p.join_retry = milliseconds(500);
  return p;
}

profile wan_profile() {
  profile p;
  p.probe_interval = seconds(5);
  p.probe_timeout = seconds(2);
  p.suspicion_multiplier = 6;
  p.gossip_interval = milliseconds(500);
  p.gossip_fanout = 4;
  p.gossip_to_dead = seconds(60);
  p.sync_interval = seconds(30);
  p.heal_interval = seconds(30);
  p.join_retry = seconds(3);
  p.leave_linger = seconds(3);
  return p;
}

std::size_t retransmits(const profile& p, std::size_t nodes) {
  const double digits = std::ceil(std::log10(static_cast<double>(nodes) + 1));
  return p.retransmit_multiplier * static_cast<std::size_t>(std::max(1.0, digits));
}

std::size_t expected_confirmations(std::size_t nodes) {
  return nodes < 3 ? 0 : std::min<std::size_t>(2, nodes - 2);
}

suspicion_bounds suspicion_times(const profile& p, std::size_t nodes) {
  const double size = std::log10(static_cast<double>(std::max<std::size_t>(1, nodes)));
  const double scale = std::min(std::max(1.0, size), p.suspicion_scale_max);
  const duration min =
      scaled(p.probe_interval, static_cast<double>(p.suspicion_multiplier) * scale);
  return {min, min * static_cast<duration::rep>(p.suspicion_max_multiplier)};
}

duration suspicion_timeout(suspicion_bounds bounds, std::size_t confirmations,
                           std::size_t expected) {
  if (expected == 0 || confirmations >= expected) return bounds.min;
  const double share = std::log(static_cast<double>(confirmations) + 1) /
                       std::log(static_cast<double>(expected) + 1);
  return std::max(bounds.min, bounds.max - scaled(bounds.max - bounds.min, share));
}

duration sync_interval(const profile& p, std::size_t nodes) {
  if (nodes <= 32) return p.sync_interval;
  const double steps = std::ceil(std::log2(static_cast<double>(nodes)) - 5);
  return p.sync_interval * (static_cast<duration::rep>(steps) + 1);
}

}  // namespace gossamer::membership
