// Connection state recovery: what a program may set of it. See docs/recovery.md.
#pragma once

#include "runtime/base/time.hpp"

#include <cstddef>

namespace gossamer {

/// Clients that were away for a short time get back their id, rooms and data and the events that
/// they missed.
struct connection_state_recovery_options {
  /// How long a client may be away, and how old an event may be.
  milliseconds max_disconnection_duration{120'000};
  /// Is a client that comes back let in without being asked by middleware again?
  bool skip_middlewares = true;
  /// Bytes of kept events; each lane has an equal share.
  std::size_t bytes_max = std::size_t{64} << 20U;
  /// Clients that are away at once; each lane has an equal share.
  std::size_t sessions_max = 10'000;
  /// Events of one client.
  std::size_t session_events_max = 10'000;
};

}  // namespace gossamer
