#include "runtime/directory/expected_interest.hpp"

#include <algorithm>
#include <iterator>

namespace gossamer::directory {

void expected_interest::expect(time_point now, const node_id& who, std::uint64_t room) {
  expire(now);
  const time_point until = now + lasts_;
  if (order_.size() >= max_) {
    everything_[who] = until;
    return;
  }
  order_.push_back({until, room, who});
  std::vector<expected>& there = rooms_[room];
  const auto known =
      std::find_if(there.begin(), there.end(), [&](const expected& e) { return e.who == who; });
  if (known == there.end()) {
    there.push_back({who, until});
  } else {
    known->until = until;
  }
}

void expected_interest::expire(time_point now) {
  for (; !order_.empty() && order_.front().until <= now; order_.pop_front()) {
    const auto room = rooms_.find(order_.front().room);
    if (room == rooms_.end()) continue;
    std::erase_if(room->second, [now](const expected& e) { return e.until <= now; });
    if (room->second.empty()) rooms_.erase(room);
  }
  std::erase_if(everything_, [now](const auto& e) { return e.second <= now; });
}

void expected_interest::forget(const node_id& who) {
  everything_.erase(who);
  std::erase_if(order_, [&](const end& e) { return e.who == who; });
  for (auto room = rooms_.begin(); room != rooms_.end();) {
    std::erase_if(room->second, [&](const expected& e) { return e.who == who; });
    room = room->second.empty() ? rooms_.erase(room) : std::next(room);
  }
}

void expected_interest::who(std::span<const room_key> rooms,
                            const std::function<void(const node_id&)>& visit) const {
  for (const auto& [id, until] : everything_) visit(id);
  for (const room_key& room : rooms) {
    const auto found = rooms_.find(room.hash);
    if (found == rooms_.end()) continue;
    for (const expected& e : found->second) visit(e.who);
  }
}

time_point expected_interest::next_expiry() const {
  time_point next = order_.empty() ? time_point::max() : order_.front().until;
  for (const auto& [id, until] : everything_) next = std::min(next, until);
  return next;
}

}  // namespace gossamer::directory
