// All that one node says to the others and hears from them: links, requests, acks.
//
// Pure. The owner reports members, connections, bytes and time, and carries out what `take`
// returns. Messages to one peer keep their order, whatever they are; a peer's messages are handed
// on once and in order. Requests wait for members, so a death ends their wait.
//
//     send, request ─► outgoing_link ─► blobs ─► connection ─► receive ─► incoming_link ─┬►
//     deliveries
//                                                                                        └►
//                                                                                        answers:
//                                                                                        outcomes
//
// Limits: those of its parts. A peer that is no member is not heard.
// Errors: errc::unknown_peer, errc::link_full, errc::dropped, errc::too_many_requests, and those of
// the codec. After an error of `receive` the connection is to be closed.
#pragma once

#include "runtime/base/bytes.hpp"
#include "runtime/base/time.hpp"
#include "runtime/cluster/ack_gatherer.hpp"
#include "runtime/cluster/codec.hpp"
#include "runtime/cluster/errc.hpp"
#include "runtime/cluster/incoming_link.hpp"
#include "runtime/cluster/link_settings.hpp"
#include "runtime/cluster/member.hpp"
#include "runtime/cluster/outgoing_link.hpp"
#include "runtime/cluster/owed_acks.hpp"
#include "runtime/cluster/pending_requests.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace gossamer::cluster {

enum class link_event : std::uint8_t {
  degraded,     // its queue is full: messages are refused
  relieved,     // no longer
  lost,         // `count` messages of ours never reached it
  missed,       // `count` messages of its never reached us
  restarted,    // it began a new session: what it sent before may never have reached us
  unconfirmed,  // the connection broke under `count` messages of ours
  unsent,       // it went away before `count` messages of ours
};
[[nodiscard]] std::string_view text_of(link_event what);

struct link_notice {
  node_id peer;
  link_event what;
  std::uint64_t count = 0;
  bool operator==(const link_notice&) const = default;
};

/// What the owner is to do, in this order.
struct exchange_effects {
  struct outgoing_blob {
    node_id to;
    bytes content;
  };
  /// A message for the layers above. Say `consumed` when it has been dealt with.
  struct delivery {
    node_id from;
    message_place place;
    message what;
  };
  std::vector<link_notice> notices;
  std::vector<delivery> deliveries;
  std::vector<request_outcome> requests;
  std::vector<ack_outcome> acks;
  std::vector<outgoing_blob> blobs;
};

struct exchange_settings {
  member self;
  link_settings link;
  request_limits requests;
  request_limits acks;
  owed_limits owed;
};

struct exchange_counters {
  std::uint64_t from_strangers = 0;  // blobs of nodes that are no members
  std::uint64_t refused_blobs = 0;   // malformed, wrong version, over the window
};

class exchange {
 public:
  explicit exchange(exchange_settings settings)
      : settings_(std::move(settings)),
        requests_(settings_.requests),
        acks_(settings_.acks),
        owed_(settings_.owed) {}

  // Members. `speaks` is the newest version that the peer reads.
  void member_up(const member& who, std::uint8_t speaks);
  /// It died; `for_ever` if it left or was replaced by a newer boot.
  void member_gone(const node_id& who, bool for_ever);
  /// This node goes on under another id: to the others it is somebody new. Its own requests are
  /// answered to the old id, so they end by their time.
  void renewed(const member& self);
  [[nodiscard]] bool is_up(const node_id& who) const;

  // To others.
  [[nodiscard]] error_code send(const node_id& to, const message& m, importance how,
                                time_point now);
  /// Encoded once. Those that could not take it, with the reason.
  std::vector<std::pair<node_id, error_code>> send(std::span<const node_id> to, const message& m,
                                                   importance how, time_point now);
  /// Asks each of `of`: fetch_sockets, count_sockets, server_emit_ack; the number is set here.
  [[nodiscard]] result<request_id> request(std::span<const node_id> of, message question,
                                           duration timeout, time_point now);
  /// Emits to the sockets of each of `to`. With `here`, this node's sockets are asked too: the
  /// owner emits to them itself and reports through `hear` as if it were a peer.
  [[nodiscard]] result<request_id> request_acks(std::span<const node_id> to, bool here,
                                                broadcast_ack m, time_point now);
  /// Answers that this node gives to its own request_acks.
  void hear(message answer, time_point now);

  // From others.
  [[nodiscard]] error_code receive(const node_id& from, std::string_view blob_bytes,
                                   time_point now);
  void consumed(const node_id& from, const message_place& place, time_point now);
  void connection_lost(const node_id& peer);

  /// What this node's sockets owe to others.
  [[nodiscard]] owed_acks& owed() { return owed_; }

  /// Ends what is overdue.
  void tick(time_point now);
  /// What is to be done now; call at the end of each turn.
  [[nodiscard]] exchange_effects take(time_point now);
  /// When `tick` and `take` have something to do.
  [[nodiscard]] time_point wake() const;

  [[nodiscard]] const outgoing_link* outgoing(const node_id& peer) const;
  [[nodiscard]] const incoming_link* incoming(const node_id& peer) const;
  [[nodiscard]] const pending_requests& requests() const { return requests_; }
  [[nodiscard]] const ack_gatherer& acks() const { return acks_; }
  [[nodiscard]] const exchange_counters& counters() const { return counters_; }

 private:
  /// Nodes that died are remembered, so that their links go on where they were; so many.
  static constexpr std::size_t remembered_max = 1024;
  struct peer {
    member who;
    std::optional<outgoing_link> out;  // while it is up
    incoming_link in;
    bool degraded = false;
    explicit peer(const link_settings& s) : in(s) {}
  };
  using peer_map = std::map<node_id, peer>;

  [[nodiscard]] std::vector<member> members_of(std::span<const node_id> ids) const;
  [[nodiscard]] request_id next_request() { return request_id{++last_request_}; }
  [[nodiscard]] error_code of_the_link(peer& p, const message& m, time_point now);
  void dispatch(peer& p, std::uint64_t session, numbered m, time_point now);
  [[nodiscard]] bool take_answer(const node_id& from, message& m, std::size_t size_bytes);
  void notice(const node_id& peer, link_event what, std::uint64_t count);
  void watch_degraded(peer& p);
  void forget_surplus();

  exchange_settings settings_;
  peer_map peers_;
  pending_requests requests_;
  ack_gatherer acks_;
  owed_acks owed_;
  exchange_effects effects_;
  exchange_counters counters_;
  std::uint64_t last_request_ = 0;
  std::uint64_t last_session_ = 0;
};

}  // namespace gossamer::cluster
