#include "runtime/directory/own_counts.hpp"

#include "runtime/base/check.hpp"

namespace gossamer::directory {

void own_counts::adjust(std::uint64_t key, std::int32_t by) {
  std::uint32_t& value = values_[key];
  GOSSAMER_CHECK(by >= 0 || value >= 0U - static_cast<std::uint32_t>(by));
  value += static_cast<std::uint32_t>(by);
  if (value == 0) values_.erase(key);
  dirty_.insert(key);
}

void own_counts::watched(std::uint64_t hash) {
  if (++watchers_[hash] == 1) dirty_.insert(hash);
}

void own_counts::unwatched(std::uint64_t hash) {
  const auto found = watchers_.find(hash);
  GOSSAMER_CHECK(found != watchers_.end());
  if (--found->second != 0) return;
  watchers_.erase(found);
  dirty_.insert(hash);
}

bool own_counts::watch(std::uint64_t hash, std::vector<op>& out, bucket_digests& digests) {
  if (watches_.size() >= watches_max_ && !watches_.contains(hash)) return false;
  if (++watches_[hash] != 1) return true;
  watched(hash);
  digests.toggle_watch(hash);
  out.push_back({hash, 0, op_kind::watch_on});
  return true;
}

void own_counts::unwatch(std::uint64_t hash, std::vector<op>& out, bucket_digests& digests) {
  const auto found = watches_.find(hash);
  GOSSAMER_CHECK(found != watches_.end());
  if (--found->second != 0) return;
  watches_.erase(found);
  unwatched(hash);
  digests.toggle_watch(hash);
  out.push_back({hash, 0, op_kind::watch_off});
}

std::uint32_t own_counts::value(const local_interest& rooms, std::uint64_t key) const {
  const auto found = values_.find(key);
  if (found != values_.end()) return found->second;
  return watchers_.contains(key) ? rooms.sockets(key) : 0;
}

void own_counts::flush(const local_interest& rooms, std::vector<op>& out, bucket_digests& digests) {
  for (const std::uint64_t key : dirty_) {
    const std::uint32_t now = value(rooms, key);
    const auto found = published_.find(key);
    const std::uint32_t before = found == published_.end() ? 0 : found->second;
    if (now == before) continue;
    if (before == 0 && published_.size() >= counts_max_) {
      ++unpublished_;
      continue;
    }
    if (before != 0) digests.toggle_count(key, before);
    if (now != 0) digests.toggle_count(key, now);
    if (now == 0) {
      published_.erase(key);
    } else {
      published_[key] = now;
    }
    out.push_back({key, now, op_kind::count});
  }
  dirty_.clear();
}

std::vector<op> own_counts::published() const {
  std::vector<op> all;
  all.reserve(published_.size() + watches_.size());
  for (const auto& [key, value] : published_) all.push_back({key, value, op_kind::count});
  for (const auto& [key, times] : watches_) all.push_back({key, 0, op_kind::watch_on});
  return all;
}

}  // namespace gossamer::directory
