// What this node still has to tell the others: encoded messages, each sent a limited number of
// times, the least often sent first.
//
// Limits: `rumours_max`; over it the rumour sent most often is dropped. One subject has one rumour,
// except that accusations from different members stand side by side.
#pragma once

#include "runtime/base/ids.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace gossamer::membership {

class rumours {
 public:
  static constexpr std::size_t rumours_max = 4096;

  /// News about `subject` that replaces every older rumour about it.
  void replace(const node_id& subject, std::string encoded);
  /// An accusation by `from`; replaces only what the same member said.
  void accuse(const node_id& subject, const node_id& from, std::string encoded);
  void forget(const node_id& subject);

  /// Appends rumours to `out` while it stays within `size_max` bytes and `count_max` rumours; each
  /// counts as sent once and is dropped when it was sent `limit` times. Returns how many it took.
  std::size_t take(std::string& out, std::size_t size_max, std::size_t count_max,
                   std::size_t limit);

  [[nodiscard]] bool empty() const { return items_.empty(); }
  [[nodiscard]] std::size_t size() const { return items_.size(); }
  [[nodiscard]] std::uint64_t dropped_count() const { return dropped_count_; }

 private:
  static constexpr std::size_t misses_max = 8;
  struct key {
    node_id subject;
    node_id from;  // zero for news
    auto operator<=>(const key&) const = default;
  };
  struct rank {  // least often sent first, then the newest
    std::size_t sent = 0;
    std::uint64_t age = 0;  // counts down, so no two are equal
    auto operator<=>(const rank&) const = default;
  };
  struct item {
    std::string encoded;
    rank order;
  };
  using items = std::map<key, item>;

  void add(const key& name, std::string encoded);
  void erase(items::iterator at);

  items items_;
  std::map<rank, items::iterator> order_;
  std::uint64_t next_age_ = ~std::uint64_t{0};
  std::uint64_t dropped_count_ = 0;
};

}  // namespace gossamer::membership
