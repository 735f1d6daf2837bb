// What this node itself is interested in: the only truth about it, by counting members.
//
//     0 -> 1  dirty at once           1 -> 0  lingers for the hysteresis, then dirty
//     dirty   compared with what was last published; a change only if it differs
//
// So a blip (join and leave, or leave and join, within the hysteresis) publishes at most one
// change, and what is published is always a state that was true when it was written. Limits: one
// entry per room with members or published.
#pragma once

#include "runtime/base/time.hpp"
#include "runtime/directory/bucket_table.hpp"
#include "runtime/directory/digest.hpp"
#include "runtime/directory/op.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace gossamer::directory {

class local_interest {
 public:
  local_interest(duration hysteresis, time_point now) : hysteresis_(hysteresis), began_(now) {}

  /// Sockets are interested and are counted; actors are only interested.
  void join(std::uint64_t hash, bool socket);
  /// Only after a `join` of the same kind.
  void leave(std::uint64_t hash, bool socket, time_point now);

  /// Rooms that left long enough ago become dirty.
  void expire(time_point now);
  [[nodiscard]] time_point next_expiry() const {
    return lingering_.empty() ? time_point::max() : lingering_.front().due;
  }

  [[nodiscard]] std::size_t dirty_count() const { return dirty_.size(); }
  /// Calls `publish(op)` for each dirty room whose state is not the published one, and updates
  /// `digests`.
  template <class Publish>
  void flush(bucket_digests& digests, Publish&& publish) {
    for (const std::uint64_t hash : dirty_) {
      room* r = rooms_.find(hash);
      if (r == nullptr) continue;
      r->dirty = false;
      if (wanted(*r) != r->published) {
        r->published = !r->published;
        digests.toggle_room(hash);
        publish(op{hash, 0, r->published ? op_kind::room_on : op_kind::room_off});
      }
      forget_if_unused(hash, *r);
    }
    dirty_.clear();
  }

  [[nodiscard]] bool has_members(std::uint64_t hash) const;
  [[nodiscard]] bool published(std::uint64_t hash) const;
  [[nodiscard]] std::uint32_t sockets(std::uint64_t hash) const;
  [[nodiscard]] std::size_t size() const { return rooms_.size(); }
  [[nodiscard]] std::vector<std::uint64_t> published_in(std::size_t bucket) const;

 private:
  struct room {
    std::uint32_t members = 0;
    std::uint32_t sockets = 0;
    std::uint32_t left_at = 0;  // milliseconds since began_, wrapping
    bool published = false;
    bool dirty = false;
    bool lingering = false;  // stands in lingering_
  };
  struct lingerer {
    time_point due;
    std::uint64_t hash;
  };

  [[nodiscard]] static bool wanted(const room& r) {
    return r.members > 0 || (r.published && r.lingering);
  }
  [[nodiscard]] std::uint32_t stamp(time_point now) const {
    return static_cast<std::uint32_t>((now - began_) / milliseconds(1));
  }
  void mark(std::uint64_t hash, room& r);
  void forget_if_unused(std::uint64_t hash, const room& r);

  duration hysteresis_;
  time_point began_;
  bucket_table<room> rooms_;
  std::vector<std::uint64_t> dirty_;
  std::deque<lingerer> lingering_;
};

}  // namespace gossamer::directory
