// The messages of the membership protocol, as values.
//
// `docs/wire/gossip.md` gives their bytes. ping to dead travel in datagrams, several in one; ping
// and ack also travel on a link, and the three sync messages only there.
#pragma once

#include "runtime/base/time.hpp"
#include "runtime/membership/record.hpp"

#include <cstdint>
#include <variant>
#include <vector>

namespace gossamer::membership {

/// Asks `target` (not merely whoever owns its address now) for an ack.
struct ping {
  std::uint32_t sequence = 0;
  node_id target;
  node_id source;
  bool operator==(const ping&) const = default;
};

/// Asks a relay to ping `target` and to answer with ack or, after `patience`, with nack.
struct ping_request {
  std::uint32_t sequence = 0;
  node_id target;
  address target_at;
  node_id source;
  milliseconds patience{};
  bool operator==(const ping_request&) const = default;
};

/// `source` is the member that was pinged, also when a relay passes its ack on.
struct ack {
  std::uint32_t sequence = 0;
  node_id source;
  bool operator==(const ack&) const = default;
};

/// A relay is well and heard nothing.
struct nack {
  std::uint32_t sequence = 0;
  bool operator==(const nack&) const = default;
};

struct alive {
  member_record record;
  bool operator==(const alive&) const = default;
};

struct suspect {
  node_id subject;
  std::uint64_t incarnation = 0;
  node_id from;
  bool operator==(const suspect&) const = default;
};

/// The subject died; or, if it says so itself (`from == subject`), left.
struct dead {
  node_id subject;
  std::uint64_t incarnation = 0;
  node_id from;
  bool operator==(const dead&) const = default;
};

/// Opens a sync: who I am, and the digest of the members I believe alive.
struct sync_offer {
  member_record source;
  std::uint64_t digest = 0;
  bool operator==(const sync_offer&) const = default;
};

struct sync_entry {
  status state = status::alive;
  seconds age{};  // how long it has been dead or left
  member_record record;
  bool operator==(const sync_entry&) const = default;
};

/// All that a node knows. `answer` asks for the same in return.
struct sync_state {
  node_id source;
  bool answer = false;
  std::vector<sync_entry> entries;
  bool operator==(const sync_state&) const = default;
};

/// Answer to an offer whose digest was equal: nothing to do.
struct sync_same {
  node_id source;
  bool operator==(const sync_same&) const = default;
};

using message = std::variant<ping, ping_request, ack, nack, alive, suspect, dead, sync_offer,
                             sync_state, sync_same>;

/// What one datagram, or one message on a link, carries.
struct packet {
  std::uint8_t version = 1;
  std::vector<message> messages;
  std::size_t skipped_count = 0;  // messages of unknown type
};

}  // namespace gossamer::membership
