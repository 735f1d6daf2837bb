// Broadcasts with acks, on the node that emits: collects the answers of sockets on all nodes.
//
// Pure. Each node that was sent the event says how many of its sockets were asked, and for each of
// them sends the answer or says that the socket is gone. A collection is complete once every node
// has counted its sockets and all of those have answered or left; a dead node's sockets will not
// answer. When the time is over the result is what came, with the nodes that owe answers.
//
// Limits: collections and bytes of kept answers (64 more for each socket). An answer over the
// bytes is not kept; the result is then not complete. Answers from nobody, repeated or late are
// ignored and counted.
#pragma once

#include "runtime/base/time.hpp"
#include "runtime/cluster/member.hpp"
#include "runtime/cluster/message.hpp"
#include "runtime/cluster/open_requests.hpp"
#include "runtime/cluster/pending_requests.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <unordered_set>
#include <utility>
#include <vector>

namespace gossamer::cluster {

struct ack_outcome {
  struct owing {
    member node;
    /// Sockets that have neither answered nor left; none if the node has not even counted them.
    std::optional<std::uint32_t> sockets;
    bool operator==(const owing&) const = default;
  };
  request_id id{};
  bool complete = true;
  bool timed_out = false;
  /// In the order in which they came.
  std::vector<ack_answer> answers;
  std::vector<owing> missing;
  std::vector<member> gone;
  std::uint64_t left_count = 0;
  std::uint64_t dropped_count = 0;  // answers over the bytes
  bool operator==(const ack_outcome&) const = default;
};

class ack_gatherer {
 public:
  explicit ack_gatherer(request_limits limits = {}) : open_(limits) {}

  /// `asked` are the nodes that get the event, this one too if it has such sockets.
  [[nodiscard]] error_code start(request_id id, std::span<const member> asked, duration timeout,
                                 time_point now);
  void expect(const ack_expect& m, const node_id& from);
  void answer(ack_answer m, const node_id& from);
  void left(const ack_left& m, const node_id& from);
  /// The node was not sent the event after all, or cannot serve it. False if not waited for.
  bool refuse(request_id id, const node_id& from);
  void member_gone(const node_id& who);
  void expire(time_point now);

  [[nodiscard]] std::vector<ack_outcome> take_finished() { return open_.take_finished(); }
  [[nodiscard]] time_point deadline() const { return open_.deadline(); }
  [[nodiscard]] bool waits_for(request_id id) const { return open_.contains(id); }
  [[nodiscard]] std::size_t size() const { return open_.size(); }
  [[nodiscard]] std::size_t kept_bytes() const { return open_.kept_bytes(); }
  /// `gaps` stays 0 here: answers of sockets have no parts.
  [[nodiscard]] const request_counters& counters() const { return counters_; }

 private:
  static constexpr std::size_t bytes_per_socket = 64;
  struct asked_node {
    member who;
    std::optional<std::uint32_t> expected;
    std::unordered_set<socket_id, short_id_hash> settled;
    bool gone = false;
    bool refused = false;
    [[nodiscard]] bool done() const {
      return gone || refused || (expected && settled.size() >= *expected);
    }
  };
  struct collection : open_request {
    std::map<node_id, asked_node> nodes;
    std::size_t open_nodes = 0;
    ack_outcome result;
  };
  using open_set = open_requests<collection, ack_outcome>;
  using place = std::optional<open_set::place>;

  [[nodiscard]] asked_node* waited(const place& at, const node_id& from);
  [[nodiscard]] bool settle(open_set::place at, asked_node& n, const socket_id& socket);
  void check_done(open_set::place at, const asked_node& n);
  void finish(open_set::place at, bool timed_out);

  open_set open_;
  request_counters counters_;
};

}  // namespace gossamer::cluster
