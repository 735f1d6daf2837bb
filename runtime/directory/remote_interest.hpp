// What the others are interested in, as they said it: read-only copies, one look-up per room.
//
//     bucket_table: hash -> node_set          (24 bytes a place)
//     slot -> digests, extras                  (per node)
//
// A slot belongs to one boot of one node. A slot that was given up is out of the answers at once;
// its bits are swept bucket by bucket, and only then it is free again.
// Limits: 128 slots; `rooms_max` rooms.
#pragma once

#include "runtime/directory/bucket_table.hpp"
#include "runtime/directory/digest.hpp"
#include "runtime/directory/node_set.hpp"
#include "runtime/directory/op.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace gossamer::directory {

class remote_interest {
 public:
  /// Told when a peer begins or ends to watch a room.
  struct watch_change {
    std::uint64_t key;
    bool on;
  };

  struct bounds {
    std::size_t rooms_max;
    std::size_t counts_max;
    std::size_t watches_max;
  };

  explicit remote_interest(bounds b) : bounds_(b) {}

  /// Nothing if all slots are taken or not swept yet.
  [[nodiscard]] std::optional<std::size_t> take_slot();
  void give_up(std::size_t slot, std::vector<watch_change>& watches);
  /// Sweeps some buckets; true while there is more to do.
  bool sweep(std::size_t buckets);
  [[nodiscard]] bool sweeping() const { return buckets_to_sweep_ != 0; }

  /// False if a bound does not allow the change.
  [[nodiscard]] bool apply(std::size_t slot, const op& o, std::vector<watch_change>& watches);
  /// Forgets what the slot said in one bucket (`extras_bucket`: counts and watches).
  void clear(std::size_t slot, std::size_t bucket, std::vector<watch_change>& watches);

  /// Do the counts of this slot count? Those of the dead do not.
  void set_counting(std::size_t slot, bool on);
  [[nodiscard]] std::uint64_t sum(std::uint64_t key) const {
    const auto found = sums_.find(key);
    return found == sums_.end() ? 0 : found->second;
  }

  [[nodiscard]] node_set who(std::uint64_t hash) const {
    const node_set* found = rooms_.find(hash);
    return found == nullptr ? node_set{} : *found;
  }
  [[nodiscard]] const bucket_digests& digests(std::size_t slot) const {
    return slots_[slot]->digests;
  }
  [[nodiscard]] std::size_t rooms() const { return rooms_.size(); }

 private:
  struct slot_state {
    bucket_digests digests;
    std::unordered_map<std::uint64_t, std::uint32_t> counts;
    std::unordered_set<std::uint64_t> watches;
    bool counting = false;
  };

  [[nodiscard]] bool set_room(std::size_t slot, std::uint64_t hash, bool on);
  [[nodiscard]] bool set_count(slot_state& s, std::uint64_t key, std::uint32_t value);
  [[nodiscard]] bool set_watch(slot_state& s, std::uint64_t key, bool on,
                               std::vector<watch_change>& watches);
  void clear_extras(slot_state& s, std::vector<watch_change>& watches);
  void add_to_sum(std::uint64_t key, std::uint32_t value);
  void take_from_sum(std::uint64_t key, std::uint32_t value);

  bounds bounds_;
  bucket_table<node_set> rooms_;
  std::array<std::unique_ptr<slot_state>, slots_max> slots_;
  std::unordered_map<std::uint64_t, std::uint64_t> sums_;
  node_set given_up_;  // to be swept
  std::size_t buckets_to_sweep_ = 0;
  std::size_t sweep_at_ = 0;
};

}  // namespace gossamer::directory
