// What this node counts for the cluster: sockets per namespace, totals, and the members of rooms
// that somebody watches. And what it watches itself.
//
// Limits: `counts_max` published counts (those over it are not published, and counted as such) and
// `watches_max` watches.
#pragma once

#include "runtime/directory/digest.hpp"
#include "runtime/directory/local_interest.hpp"
#include "runtime/directory/op.hpp"

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace gossamer::directory {

class own_counts {
 public:
  own_counts(std::size_t counts_max, std::size_t watches_max)
      : counts_max_(counts_max), watches_max_(watches_max) {}

  /// Namespaces and totals.
  void adjust(std::uint64_t key, std::int32_t by);
  /// The members of a room changed.
  void room_changed(std::uint64_t hash) {
    if (!watchers_.empty() && watchers_.contains(hash)) dirty_.insert(hash);
  }
  /// Somebody (this node included) watches a room, or no longer does.
  void watched(std::uint64_t hash);
  void unwatched(std::uint64_t hash);

  /// This node wants to know; counted. False at the bound.
  [[nodiscard]] bool watch(std::uint64_t hash, std::vector<op>& out, bucket_digests& digests);
  void unwatch(std::uint64_t hash, std::vector<op>& out, bucket_digests& digests);

  [[nodiscard]] bool dirty() const { return !dirty_.empty(); }
  /// Appends a change for each count that is not what was published.
  void flush(const local_interest& rooms, std::vector<op>& out, bucket_digests& digests);

  [[nodiscard]] std::uint32_t value(const local_interest& rooms, std::uint64_t key) const;
  /// All that is published, as changes.
  [[nodiscard]] std::vector<op> published() const;
  [[nodiscard]] std::size_t unpublished() const { return unpublished_; }

 private:
  std::size_t counts_max_;
  std::size_t watches_max_;
  std::unordered_map<std::uint64_t, std::uint32_t> values_;
  std::unordered_map<std::uint64_t, std::uint32_t> published_;
  std::unordered_map<std::uint64_t, std::uint32_t> watchers_;  // how many nodes
  std::unordered_map<std::uint64_t, std::uint32_t> watches_;   // how often asked for here
  std::unordered_set<std::uint64_t> dirty_;
  std::size_t unpublished_ = 0;
};

}  // namespace gossamer::directory
