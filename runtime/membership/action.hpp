// What the membership object wants done, and what it has to report.
#pragma once

#include "runtime/base/time.hpp"
#include "runtime/membership/record.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gossamer::membership {

enum class notice_kind : std::uint8_t {
  // About another member.
  up,         // it is new, or it was dead and lives
  suspected,  // routing keeps treating it as a member
  recovered,  // no longer suspected
  down,       // dead: it may come back under the same id
  left,       // it said so: it will not come back under this id
  replaced,   // a newer boot holds its address: it will not come back
  updated,    // tag, metadata or drain flag changed
  // About this node.
  joined,         // the first exchange with another member succeeded
  refuted,        // it was accused, and answered
  tag_changed,    // an earlier boot has the same tag: new ids need the new one
  renewed,        // it was taken for an older boot: new id, new epoch, purge what hangs on the old
  paused,         // it stood still; it distrusts its own view for a while
  resolve_seeds,  // please resolve the seeds again and report them
  left_cluster,   // its leave has been announced; it may stop
  // Loud: an operator should look.
  name_conflict,    // a later boot elsewhere has this node's name
  name_taken,       // an earlier boot elsewhere lives under this node's name: exit
  address_contest,  // another process keeps claiming this address
  udp_blocked,      // links work, datagrams do not
  version_refused,  // a node without a common protocol version
  epoch_refused,    // a boot epoch far in the future: a clock is wrong
};
[[nodiscard]] std::string_view text_of(notice_kind kind);

struct notice {
  notice_kind kind;
  member_record about;
};

/// Plain bytes for one datagram; the driver puts the envelope around them.
struct send_datagram {
  address to;
  std::string payload;
};

/// Bytes for the link to `to`, opened if there is none; lost if it cannot be opened in time.
struct send_reliable {
  address to;
  std::string payload;
};

struct actions {
  std::vector<send_datagram> datagrams;
  std::vector<send_reliable> reliables;
  std::vector<notice> notices;
  /// Call `tick` at this time, instead of at any time said before.
  time_point wake;
};

/// What happened, for metrics. Each line is one reason why nothing else happened.
struct counters {
  std::uint64_t probes = 0;
  std::uint64_t probes_failed = 0;
  std::uint64_t acks_by_relay = 0;
  std::uint64_t acks_by_link = 0;
  std::uint64_t refutations = 0;
  std::uint64_t suspicions = 0;
  std::uint64_t deaths = 0;
  std::uint64_t vetoes = 0;  // suspicions and deaths that a live link contradicted
  std::uint64_t pauses = 0;
  std::uint64_t syncs = 0;
  std::uint64_t malformed = 0;
  std::uint64_t wrong_version = 0;
  std::uint64_t skipped_messages = 0;  // of unknown type
  std::uint64_t misplaced = 0;         // sync messages in a datagram
  std::uint64_t wrong_target = 0;      // pings for an earlier owner of the address
  std::uint64_t unknown_subject = 0;   // accusations of somebody unknown
  std::uint64_t stale_epoch = 0;       // rumours about an older boot
  std::uint64_t absurd_epoch = 0;
  std::uint64_t absurd_incarnation = 0;
  std::uint64_t incompatible = 0;
  std::uint64_t table_full = 0;
  std::uint64_t relays_refused = 0;
  std::uint64_t offers_refused = 0;
};

}  // namespace gossamer::membership
