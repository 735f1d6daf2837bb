// Times and bounds of the directory. What is over a bound is told where the bound is used.
#pragma once

#include "runtime/base/time.hpp"

#include <cstddef>

namespace gossamer::directory {

struct settings {
  /// Changes are collected for this long, or until there are `ops_per_update` of them.
  duration flush_delay = milliseconds(10);
  std::size_t ops_per_update = 1000;
  /// Counts change all the time: they are published at this pace.
  duration count_interval = milliseconds(200);
  /// A room stays published this long after its last member left, at most twice as long.
  duration hysteresis = seconds(1);
  /// How often each peer is told the digest, +- a quarter.
  duration digest_interval = seconds(4);
  /// How long the table of a dead member is kept for its return.
  duration dead_hold = seconds(60);
  /// A question without progress is asked again after this; never sooner than `ask_pace`.
  duration ask_retry = seconds(1);
  duration ask_pace = milliseconds(100);
  /// What was received is acknowledged this much later, at once if much of the window is used.
  duration ack_delay = milliseconds(20);

  /// Changes kept for peers that fall behind; over it, they need a sync.
  std::size_t window = 65'536;
  /// Changes on their way to one peer; over it, the peer is told to count on everything.
  std::size_t in_flight = 16'384;
  /// Parts of a sync on their way to one peer, and the bytes of one part.
  std::size_t parts_in_flight = 4;
  std::size_t part_bytes = 60'000;

  /// How long a node that was told to have sockets join a room counts as interested before it says
  /// so; and how many such expectations are kept. Over it, it is expected in every room for as
  /// long.
  duration expected_for = seconds(60);
  std::size_t expectations_max = 65'536;

  /// Rooms of all others together. A peer that would add more counts as interested in everything.
  std::size_t remote_rooms_max = 16U << 20U;
  /// Counts and watches of one node; over it, counts are not published, watches refused.
  std::size_t counts_max = 65'536;
  std::size_t watches_max = 4096;
  /// Members known at once, as membership bounds them; over it the dead give way, then the new are
  /// ignored.
  std::size_t peers_max = 4096;
};

}  // namespace gossamer::directory
