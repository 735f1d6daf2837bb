#include "actors/rooms/room.hpp"

#include "runtime/base/check.hpp"

namespace gossamer::rooms {

room_ptr::room_ptr(const room_ptr& other) noexcept : room_(other.room_) {
  if (room_ != nullptr) room_->references_.fetch_add(1, std::memory_order_relaxed);
}

room_ptr::~room_ptr() {
  if (room_ == nullptr) return;
  auto count = room_->references_.load(std::memory_order_relaxed);
  while (count > 1) {
    if (room_->references_.compare_exchange_weak(count, count - 1, std::memory_order_acq_rel))
      return;
  }
  room_->table_.release_last(room_);
}

std::size_t member::find(const room& where) const {
  if (index_ != nullptr) {
    const auto found = index_->find(&where);
    return found == index_->end() ? memberships_.size() : found->second;
  }
  std::size_t at = 0;
  while (at < memberships_.size() && memberships_[at].where.get() != &where) ++at;
  return at;
}

void member::index_add(const room& where, std::size_t at) {
  if (index_ == nullptr) {
    if (memberships_.size() <= linear_max) return;
    index_ = std::make_unique<place_index>();
    for (std::size_t i = 0; i < memberships_.size(); ++i) {
      (*index_)[memberships_[i].where.get()] = i;
    }
  }
  (*index_)[&where] = at;
}

void member::index_remove(const room& where) {
  if (index_ == nullptr) return;
  index_->erase(&where);
  if (memberships_.size() <= linear_max / 2) index_.reset();
}

room::room(room_table& table, std::string name, std::size_t lanes)
    : table_(table),
      name_(std::move(name)),
      home_(lane_index(std::hash<std::string_view>()(name_) % lanes)),
      shards_(std::make_unique<shard[]>(lanes)) {}

bool room::has_guest(const void* who) const {
  const std::lock_guard lock(table_.mutex_);
  return guests_ != nullptr && guests_->has(who);
}

void room::promise(lane_index lane) {
  shard_of(lane).interest.fetch_add(1, std::memory_order_acq_rel);
}

void room::withdraw(lane_index lane) {
  shard_of(lane).interest.fetch_sub(1, std::memory_order_acq_rel);
}

membership_change room::join(lane_index lane, member& who) {
  if (who.in(*this)) return {};
  auto& into = shard_of(lane);
  references_.fetch_add(1, std::memory_order_relaxed);
  const auto at = static_cast<std::uint32_t>(who.memberships_.size());
  who.memberships_.push_back({room_ptr(this), static_cast<std::uint32_t>(into.entries.size())});
  who.index_add(*this, at);
  into.entries.push_back({&who, at});
  promise(lane);
  const bool first = members_.fetch_add(1, std::memory_order_relaxed) == 0;
  if (first) table_.first_member();
  return {true, first};
}

membership_change room::leave(lane_index lane, member& who) {
  const auto at = who.find(*this);
  if (at == who.memberships_.size()) return {};
  return {true, remove_at(lane, who, at)};
}

void room::leave_all(lane_index lane, member& who) {
  while (!who.memberships_.empty()) {
    room& last = *who.memberships_.back().where;
    last.remove_at(lane, who, who.memberships_.size() - 1);
  }
}

bool room::remove_at(lane_index lane, member& who, std::size_t at) {
  auto& from = shard_of(lane);
  const auto place = who.memberships_[at].place;
  GOSSAMER_CHECK(place < from.entries.size() && from.entries[place].who == &who);

  // The last entry of the shard moves into the gap.
  from.entries[place] = from.entries.back();
  from.entries.pop_back();
  if (place < from.entries.size()) {
    const auto& moved = from.entries[place];
    moved.who->memberships_[moved.place].place = place;
  }
  if (from.entries.empty()) from.entries.shrink_to_fit();

  // The last membership of the member moves into the gap.
  const room_ptr keep = std::move(who.memberships_[at].where);
  if (at + 1 != who.memberships_.size()) {
    who.memberships_[at] = std::move(who.memberships_.back());
    auto& moved = who.memberships_[at];
    moved.where->shard_of(lane).entries[moved.place].place = static_cast<std::uint32_t>(at);
    if (who.index_ != nullptr) (*who.index_)[moved.where.get()] = at;
  }
  who.memberships_.pop_back();
  who.index_remove(*this);

  from.interest.fetch_sub(1, std::memory_order_acq_rel);
  const bool last = members_.fetch_sub(1, std::memory_order_relaxed) == 1;
  if (last) table_.last_member();
  return last;
}

void room_table::first_member() {
  populated_.fetch_add(1, std::memory_order_relaxed);
  if (sum_ != nullptr) sum_->fetch_add(1, std::memory_order_relaxed);
}

void room_table::last_member() {
  populated_.fetch_sub(1, std::memory_order_relaxed);
  if (sum_ != nullptr) sum_->fetch_sub(1, std::memory_order_relaxed);
}

room_table::~room_table() {
  GOSSAMER_CHECK(rooms_.empty());
}

room_ptr room_table::find(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto found = rooms_.find(name);
  if (found == rooms_.end()) return {};
  found->second->references_.fetch_add(1, std::memory_order_relaxed);
  return room_ptr(found->second);
}

room_ptr room_table::find_or_create(std::string_view name) {
  const std::lock_guard lock(mutex_);
  auto found = rooms_.find(name);
  if (found == rooms_.end()) {
    auto* made = new room(*this, std::string(name), lanes_);
    found = rooms_.emplace(made->name(), made).first;
    size_.fetch_add(1, std::memory_order_relaxed);
  }
  found->second->references_.fetch_add(1, std::memory_order_relaxed);
  return room_ptr(found->second);
}

std::vector<room_ptr> room_table::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<room_ptr> found;
  found.reserve(rooms_.size());
  for (const auto& [name, room] : rooms_) {
    room->references_.fetch_add(1, std::memory_order_relaxed);
    found.push_back(room_ptr(room));
  }
  return found;
}

std::vector<std::string> room_table::names() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, room] : rooms_) {
    if (room->member_count() != 0) names.emplace_back(name);
  }
  return names;
}

void room_table::release_last(room* leaving) {
  const std::lock_guard lock(mutex_);
  if (leaving->references_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  GOSSAMER_CHECK(leaving->member_count() == 0);
  rooms_.erase(leaving->name());
  size_.fetch_sub(1, std::memory_order_relaxed);
  delete leaving;
}

}  // namespace gossamer::rooms
