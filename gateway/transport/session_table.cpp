#include "gateway/transport/session_table.hpp"

#include "gateway/transport/session_driver.hpp"

#include <algorithm>
#include <utility>

namespace gossamer::transport {

session_driver* session_table::find(const session_id& id) const {
  if (buckets_.empty()) return nullptr;
  for (session_driver* at = buckets_[bucket_of(id)]; at != nullptr; at = at->next_in_bucket_) {
    if (at->id() == id) return at;
  }
  return nullptr;
}

void session_table::insert(session_driver& session) {
  if (size_ >= buckets_.size()) grow();
  session_driver*& bucket = buckets_[bucket_of(session.id())];
  session.next_in_bucket_ = bucket;
  bucket = &session;
  ++size_;
}

void session_table::erase(session_driver& session) {
  if (buckets_.empty()) return;
  session_driver** at = &buckets_[bucket_of(session.id())];
  while (*at != nullptr && *at != &session) at = &(*at)->next_in_bucket_;
  if (*at == nullptr) return;
  *at = std::exchange(session.next_in_bucket_, nullptr);
  --size_;
}

std::vector<session_driver*> session_table::all() const {
  std::vector<session_driver*> found;
  found.reserve(size_);
  for (session_driver* at : buckets_) {
    for (; at != nullptr; at = at->next_in_bucket_) found.push_back(at);
  }
  return found;
}

std::size_t session_table::bucket_of(const session_id& id) const {
  // The multiplication in the hash leaves its best bits on top.
  const std::size_t hash = short_id_hash{}(id);
  return (hash >> 20) & (buckets_.size() - 1);
}

void session_table::grow() {
  const std::vector<session_driver*> moved = all();
  buckets_.assign(std::max<std::size_t>(64, buckets_.size() * 2), nullptr);
  for (session_driver* session : moved) {
    session_driver*& bucket = buckets_[bucket_of(session->id())];
    session->next_in_bucket_ = bucket;
    bucket = session;
  }
}

}  // namespace gossamer::transport
