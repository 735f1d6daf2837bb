// What the directory remembers of one peer: as reader of its stream, and as writer to it.
#pragma once

#include "runtime/directory/action.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace gossamer::directory {

/// How far this node has read the peer's stream.
struct reading {
  /// Where its table is; absent: it counts as interested in everything and is not read.
  std::optional<std::size_t> slot;
  std::uint64_t applied = 0;  // all changes up to this one
  std::uint64_t needed = 0;   // data arrived that was sent after this change
  /// The table is all there is after `applied`. (After change 0 there is nothing.)
  bool whole = true;
  /// The peer answered the last question over the present link.
  bool attached = false;
  /// It said that it holds no further changes back.
  bool current = false;
  std::uint32_t round = 0;  // of the last question
  std::uint32_t parts = 0;  // of its answer
  bool last_part = false;
  std::uint64_t sync_seq = 0;
  std::size_t ahead = 0;  // digests in a row that were older than `applied`
  std::uint64_t acked = 0;
  time_point asked_at = time_point::min();
  time_point retry_at = time_point::max();
  time_point ack_at = time_point::max();

  [[nodiscard]] bool synced() const {
    return slot.has_value() && whole && attached && current && applied >= needed;
  }
};

/// A sync on its way to the peer.
struct sync_job {
  std::uint32_t round = 0;
  std::uint32_t sent = 0;
  std::uint32_t acked = 0;
  std::vector<std::uint32_t> buckets;  // still to be sent, the last one first
};

/// How far this node's stream has been sent to the peer.
struct writing {
  /// It asked over the present link.
  bool serving = false;
  std::uint64_t sent = 0;
  std::uint64_t acked = 0;
  std::uint32_t answers = 0;  // the round that the next update answers
  bool must_tell = false;     // an update is due, even an empty one
  bool must_ask = false;      // and its ack is wanted at once
  bool told_more = false;
  std::uint64_t progress = 0;  // what was acknowledged when the last digest was due
  std::optional<sync_job> sync;
};

struct peer {
  member about;
  bool up = true;
  time_point purge_at = time_point::max();  // if dead
  time_point digest_at;
  bool too_large = false;
  bool told_synced = false;
  reading reads;
  writing writes;
};

}  // namespace gossamer::directory
