// Interest on its way: nodes that were told to have sockets join rooms, before they can say so.
//
// Who sends such a message may broadcast to the room at once. By the order of the link the sockets
// have joined when the broadcast comes, so it has to go there, whatever the node has said so far.
// Each expectation ends after a while: by then the node has said what became of it, or has lost its
// link, and a node without one counts as interested in everything.
//
// Limits: `expectations_max`; over it a node counts as interested in everything for as long.
#pragma once

#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"
#include "runtime/directory/key.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <span>
#include <unordered_map>
#include <vector>

namespace gossamer::directory {

class expected_interest {
 public:
  expected_interest(duration lasts, std::size_t expectations_max)
      : lasts_(lasts), max_(expectations_max) {}

  void expect(time_point now, const node_id& who, std::uint64_t room);
  void expire(time_point now);
  /// This boot is gone for good.
  void forget(const node_id& who);

  /// Calls `visit` with who is expected in any of `rooms`, some perhaps more than once.
  void who(std::span<const room_key> rooms, const std::function<void(const node_id&)>& visit) const;
  [[nodiscard]] bool empty() const { return order_.empty() && everything_.empty(); }
  [[nodiscard]] std::size_t size() const { return order_.size(); }
  [[nodiscard]] time_point next_expiry() const;

 private:
  struct expected {
    node_id who;
    time_point until;
  };
  struct end {
    time_point until;
    std::uint64_t room;
    node_id who;
  };

  duration lasts_;
  std::size_t max_;
  std::unordered_map<std::uint64_t, std::vector<expected>> rooms_;
  std::deque<end> order_;  // by time; one for each call of `expect`
  std::map<node_id, time_point> everything_;
};

}  // namespace gossamer::directory
