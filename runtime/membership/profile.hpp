// The timing of the membership protocol: three profiles and the formulas over the cluster's size.
//
// Departures from memberlist's defaults, with the reason: rumours are repeated twice as often
// (clusters of 3 to 5 otherwise fall silent before a refutation arrives); the expected number of
// confirmations shrinks with the cluster instead of switching off; the probe timeout leaves time
// for the nack of a relay inside one interval; suspicions stop growing at 100 members; syncs, which
// begin with a digest and mostly end there, come three times as often.
#pragma once

#include "runtime/base/time.hpp"

#include <cstddef>

namespace gossamer::membership {

struct profile {
  duration probe_interval = milliseconds(1000);
  duration probe_timeout = milliseconds(400);
  /// A relay answers with a nack after this part of the probe timeout.
  double relay_share = 0.8;
  std::size_t relays = 3;
  std::size_t suspicion_multiplier = 4;
  std::size_t suspicion_max_multiplier = 6;
  /// A suspicion lasts log10(N) times longer, so that a refutation can travel; but it travels
  /// faster than that: news reach 1,000 members in half a second, so longer than this is no use.
  double suspicion_scale_max = 2.0;
  std::size_t retransmit_multiplier = 8;
  duration gossip_interval = milliseconds(200);
  std::size_t gossip_fanout = 3;
  /// A member that died this recently is still told so: it may live.
  duration gossip_to_dead = seconds(30);
  /// Most syncs end with two equal digests, so they may be frequent.
  duration sync_interval = seconds(10);
  duration heal_interval = seconds(10);
  duration join_retry = seconds(1);
  /// After a leave was announced, probes are still answered for this long.
  duration leave_linger = seconds(1);
  /// Health goes from 0 (well) to one less than this.
  std::size_t health_levels = 8;
  duration dead_memory = std::chrono::hours(24);
  std::size_t dead_memory_max = 1024;
};

/// 1.0 s probes: the default, for one data centre. A pause of 3 s is survived.
[[nodiscard]] profile default_profile();
/// 0.5 s probes for a quiet LAN: a crash is known within 5 s, a pause of 1 s is survived.
[[nodiscard]] profile fast_profile();
/// 5 s probes, for clusters over long distances.
[[nodiscard]] profile wan_profile();

/// How often a rumour is sent in a cluster of `nodes` (this one included).
[[nodiscard]] std::size_t retransmits(const profile& p, std::size_t nodes);

/// How many independent confirmations shorten a suspicion to its minimum: min(2, N - 2).
[[nodiscard]] std::size_t expected_confirmations(std::size_t nodes);

struct suspicion_bounds {
  duration min{};
  duration max{};
};
[[nodiscard]] suspicion_bounds suspicion_times(const profile& p, std::size_t nodes);

/// How long a suspicion lasts, from its start, after `confirmations` of `expected`.
[[nodiscard]] duration suspicion_timeout(suspicion_bounds bounds, std::size_t confirmations,
                                         std::size_t expected);

/// Longer in large clusters: the traffic of a sync grows with the cluster.
[[nodiscard]] duration sync_interval(const profile& p, std::size_t nodes);

}  // namespace gossamer::membership
