#include "runtime/directory/local_interest.hpp"

#include "runtime/base/check.hpp"

namespace gossamer::directory {

void local_interest::mark(std::uint64_t hash, room& r) {
  if (r.dirty) return;
  r.dirty = true;
  dirty_.push_back(hash);
}

void local_interest::forget_if_unused(std::uint64_t hash, const room& r) {
  if (r.members == 0 && !r.published && !r.dirty && !r.lingering) rooms_.erase(hash);
}

void local_interest::join(std::uint64_t hash, bool socket) {
  room& r = rooms_.insert(hash);
  ++r.members;
  if (socket) ++r.sockets;
  if (!r.published) mark(hash, r);
}

void local_interest::leave(std::uint64_t hash, bool socket, time_point now) {
  room* r = rooms_.find(hash);
  GOSSAMER_CHECK(r != nullptr && r->members > 0 && (!socket || r->sockets > 0));
  --r->members;
  if (socket) --r->sockets;
  if (r->members > 0 || !r->published) return;
  r->left_at = stamp(now);
  if (r->lingering) return;
  r->lingering = true;
  lingering_.push_back({now + hysteresis_, hash});
}

/// A room that was joined and left again while it lingered stands in the queue once: it goes on
/// lingering from its last leave.
void local_interest::expire(time_point now) {
  while (!lingering_.empty() && lingering_.front().due <= now) {
    const std::uint64_t hash = lingering_.front().hash;
    lingering_.pop_front();
    room* r = rooms_.find(hash);
    GOSSAMER_CHECK(r != nullptr && r->lingering);
    const milliseconds since(stamp(now) - r->left_at);
    if (r->members == 0 && since < hysteresis_) {
      lingering_.push_back({now + hysteresis_ - since, hash});
      continue;
    }
    r->lingering = false;
    if (r->members == 0) mark(hash, *r);
  }
}

bool local_interest::has_members(std::uint64_t hash) const {
  const room* r = rooms_.find(hash);
  return r != nullptr && r->members > 0;
}

bool local_interest::published(std::uint64_t hash) const {
  const room* r = rooms_.find(hash);
  return r != nullptr && r->published;
}

std::uint32_t local_interest::sockets(std::uint64_t hash) const {
  const room* r = rooms_.find(hash);
  return r == nullptr ? 0 : r->sockets;
}

std::vector<std::uint64_t> local_interest::published_in(std::size_t bucket) const {
  std::vector<std::uint64_t> found;
  found.reserve(rooms_.size(bucket));
  rooms_.for_each(bucket, [&](std::uint64_t hash, const room& r) {
    if (r.published) found.push_back(hash);
  });
  return found;
}

}  // namespace gossamer::directory
