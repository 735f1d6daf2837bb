#include "runtime/membership/rumours.hpp"

#include <utility>
#include <vector>

namespace gossamer::membership {

void rumours::replace(const node_id& subject, std::string encoded) {
  forget(subject);
  add({subject, {}}, std::move(encoded));
}

void rumours::accuse(const node_id& subject, const node_id& from, std::string encoded) {
  if (const auto news = items_.find({subject, {}}); news != items_.end()) erase(news);
  if (const auto old = items_.find({subject, from}); old != items_.end()) erase(old);
  add({subject, from}, std::move(encoded));
}

void rumours::forget(const node_id& subject) {
  auto at = items_.lower_bound({subject, {}});
  while (at != items_.end() && at->first.subject == subject) erase(at++);
}

void rumours::add(const key& name, std::string encoded) {
  if (items_.size() == rumours_max) {
    erase(order_.rbegin()->second);
    ++dropped_count_;
  }
  const auto placed = items_.emplace(name, item{std::move(encoded), {0, next_age_--}}).first;
  order_.emplace(placed->second.order, placed);
}

void rumours::erase(items::iterator at) {
  order_.erase(at->second.order);
  items_.erase(at);
}

std::size_t rumours::take(std::string& out, std::size_t size_max, std::size_t count_max,
                          std::size_t limit) {
  std::vector<items::iterator> taken;
  std::size_t misses = 0;
  for (const auto& [order, at] : order_) {
    if (taken.size() == count_max || out.size() >= size_max) break;
    if (out.size() + at->second.encoded.size() > size_max) {
      if (++misses == misses_max) break;  // it is full but for a few bytes
      continue;
    }
    out += at->second.encoded;
    taken.push_back(at);
  }
  for (const auto at : taken) {
    auto place = order_.extract(at->second.order);
    if (++at->second.order.sent >= limit) {
      items_.erase(at);
    } else {
      place.key() = at->second.order;
      order_.insert(std::move(place));
    }
  }
  return taken.size();
}

}  // namespace gossamer::membership
