// Counters of one lane, as a snapshot.
#pragma once

#include "runtime/base/time.hpp"
#include "runtime/lanes/delivery.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace gossamer {

/// Arrays are indexed by post_kind.
struct lane_stats {
  std::uint64_t turns = 0;
  std::uint64_t wakes = 0;                           // eventfd writes of posting threads
  std::array<std::uint64_t, post_kinds> accepted{};  // deliveries taken into the queue
  std::array<std::uint64_t, post_kinds> refused{};   // at the bound: volatile dropped, data full
  std::uint64_t delivered = 0;                       // deliveries that have run
  std::size_t queue_bytes = 0;                       // waiting now
  std::uint64_t pauses = 0;                          // times this lane stopped reading clients
  std::uint64_t timers_fired = 0;
  std::uint64_t flushes = 0;
  std::uint64_t exceptions = 0;
  std::uint64_t slow_turns = 0;
  duration longest_turn{};
  std::uint32_t connections = 0;
  bool paused = false;
};

}  // namespace gossamer
