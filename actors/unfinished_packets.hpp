// Packets of which attachments are still missing: what the clients of one lane hold of them.
//
// A client may keep a packet unfinished for as long as it likes, and each is within the bounds of
// one packet; all of them together are bounded here. Over the bound the oldest go first: an
// ordinary packet is complete within moments.
//
// Runs on: its lane. Limits: `bytes_max`.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <unordered_map>

namespace gossamer::detail {

class client_session;

class unfinished_packets {
 public:
  /// What `who` holds now; 0: nothing any more.
  void set(client_session* who, std::size_t bytes) {
    if (bytes == 0) return forget(who);
    const auto [at, is_new] = held_.try_emplace(who);
    if (is_new) at->second.order = ++last_order_;
    bytes_ += bytes - at->second.bytes;
    at->second.bytes = bytes;
  }
  void forget(client_session* who) {
    const auto at = held_.find(who);
    if (at == held_.end()) return;
    bytes_ -= at->second.bytes;
    held_.erase(at);
  }
  /// Who has to go, if it is too much; null: nobody. O(holders).
  [[nodiscard]] client_session* over(std::size_t bytes_max) const {
    if (bytes_ <= bytes_max) return nullptr;
    return std::min_element(
               held_.begin(), held_.end(),
               [](const auto& a, const auto& b) { return a.second.order < b.second.order; })
        ->first;
  }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  struct holding {
    std::uint64_t order = 0;
    std::size_t bytes = 0;
  };
  std::unordered_map<client_session*, holding> held_;
  std::size_t bytes_ = 0;
  std::uint64_t last_order_ = 0;
};

}  // namespace gossamer::detail
