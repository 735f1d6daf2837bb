// Broadcasts with acks, on a node that received one: which of its sockets still owe an answer.
//
// Pure. The caller opens an entry under the ack id that it takes for its own sockets, names the
// sockets that were sent the event, closes the list, and then reports answers and departures. What
// is returned goes to the emitting node. An entry ends when every socket has answered or left, when
// its time is over or its origin is gone.
//
// Limits: entries, and sockets of all entries; over either, `open` or `expect` says no and the
// caller answers `refused`. Answers that nobody waits for are counted.
#pragma once

#include "runtime/base/time.hpp"
#include "runtime/cluster/member.hpp"
#include "runtime/cluster/message.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace gossamer::cluster {

struct owed_limits {
  std::size_t entries_max = 4096;
  std::size_t sockets_max = 4U << 20U;
};

class owed_acks {
 public:
  /// Ack ids count per namespace.
  struct key {
    std::string nsp;
    std::uint32_t ack_id = 0;
    auto operator<=>(const key&) const = default;
  };
  struct reply {
    node_id to;
    message what;
  };

  explicit owed_acks(owed_limits limits = {}) : limits_(limits) {}

  /// False: no room, or the id is in use.
  [[nodiscard]] bool open(const key& k, const node_id& origin, const broadcast_ack& m,
                          time_point now);
  /// This socket was sent the event. False: no room; the entry is then dropped.
  [[nodiscard]] bool expect(const key& k, const socket_id& socket);
  /// All are named: says how many to the origin.
  [[nodiscard]] std::optional<reply> close(const key& k);
  [[nodiscard]] std::optional<reply> answer(const key& k, const socket_id& socket, bytes json,
                                            std::vector<bytes> attachments);
  [[nodiscard]] std::optional<reply> left(const key& k, const socket_id& socket);
  void origin_gone(const node_id& origin);
  void expire(time_point now);

  [[nodiscard]] time_point deadline() const;
  [[nodiscard]] std::size_t size() const { return open_.size(); }
  [[nodiscard]] std::size_t socket_count() const { return sockets_; }
  /// Answers and departures of sockets that owed nothing.
  [[nodiscard]] std::uint64_t unasked() const { return unasked_; }

 private:
  struct entry {
    node_id origin;
    request_id request{};
    time_point deadline;
    std::unordered_set<socket_id, short_id_hash> waiting;
    std::uint32_t count = 0;
    bool closed = false;
  };
  using open_map = std::map<key, entry>;
  /// The origin and number of the request, if the socket owed an answer.
  [[nodiscard]] std::optional<std::pair<node_id, request_id>> settle(const key& k,
                                                                     const socket_id& socket);
  void drop(open_map::iterator at);

  owed_limits limits_;
  open_map open_;
  std::set<std::pair<time_point, key>> deadlines_;
  std::size_t sockets_ = 0;
  std::uint64_t unasked_ = 0;
};

}  // namespace gossamer::cluster
