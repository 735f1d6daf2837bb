// What the directory is told about members, wants done, and has to report.
#pragma once

#include "runtime/base/bytes.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace gossamer::directory {

/// One boot of another node, as membership knows it.
struct member {
  node_id id;
  std::uint64_t epoch = 0;
  /// Its tag and its former ones: ids with these are perhaps its own.
  std::vector<node_tag> tags;
};

/// What membership noticed of a member.
enum class member_change : std::uint8_t {
  up,         // new, or back from death
  updated,    // its tags may have changed
  suspected,  // changes nothing: it may well live
  recovered,  // changes nothing
  down,       // dead: nothing is sent, its table is kept for a while
  left,       // for ever: its table is purged
  replaced,   // for ever, by a newer boot
};

/// One frame for the link to `to`, in order with all other frames and before later data.
struct send {
  node_id to;
  bytes frame;
};

enum class notice_kind : std::uint8_t {
  synced,      // what the peer is interested in is known
  lost_sync,   // no longer: it counts as interested in everything
  mismatch,    // its digest is not ours of it: a repair begins
  overflowed,  // it fell behind by more than the window: it needs a sync from us
  purged,      // its table is gone
  unplaced,    // no slot or no room for its table: it counts as interested in everything
};
[[nodiscard]] std::string_view text_of(notice_kind kind);

struct notice {
  notice_kind kind;
  node_id about;
};

struct actions {
  std::vector<send> sends;
  std::vector<notice> notices;
  /// Call `tick` at this time, instead of at any time said before.
  time_point wake = time_point::max();
};

/// What happened, for metrics.
struct counters {
  std::uint64_t updates_sent = 0;
  std::uint64_t changes = 0;  // published by this node
  std::uint64_t parts_sent = 0;
  std::uint64_t syncs_sent = 0;
  std::uint64_t asked = 0;
  std::uint64_t gaps = 0;
  std::uint64_t mismatches = 0;
  std::uint64_t overflows = 0;
  std::uint64_t purges = 0;
  std::uint64_t malformed = 0;
  std::uint64_t wrong_version = 0;
  std::uint64_t skipped = 0;      // of unknown type
  std::uint64_t strangers = 0;    // from who is no living member
  std::uint64_t stale_epoch = 0;  // about another boot
  std::uint64_t stale_round = 0;  // what was sent before the last question was heard
  std::uint64_t unplaced = 0;
};

}  // namespace gossamer::directory
