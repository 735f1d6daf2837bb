#include "runtime/membership/member_table.hpp"

#include "runtime/base/check.hpp"

#include <algorithm>
#include <utility>

namespace gossamer::membership {

member* member_table::find(const node_id& id) {
  const auto found = members_.find(id);
  return found == members_.end() ? nullptr : found->second.get();
}

const member* member_table::find(const node_id& id) const {
  const auto found = members_.find(id);
  return found == members_.end() ? nullptr : found->second.get();
}

member* member_table::holder(const address& at) {
  const auto found = holders_.find(at);
  return found == holders_.end() ? nullptr : found->second;
}

member* member_table::insert(const member_record& record, time_point now) {
  if (live_.size() >= members_max) return nullptr;
  auto [at, added] = members_.try_emplace(record.id, std::make_unique<member>());
  GOSSAMER_CHECK(added);
  member& m = *at->second;
  m.record = record;
  m.since = now;
  holders_[record.at] = &m;
  enter_live(m);
  return &m;
}

void member_table::update(member& m, const member_record& record) {
  GOSSAMER_CHECK(m.record.id == record.id);
  if (m.is_live()) digest_ ^= digest_of(m.record) ^ digest_of(record);
  if (m.record.at != record.at) {
    if (holder(m.record.at) == &m) holders_.erase(m.record.at);
    holders_[record.at] = &m;
  }
  m.record = record;
}

void member_table::set_state(member& m, status state, time_point now) {
  if (m.state == state) return;
  const bool was_live = m.is_live();
  m.state = state;
  m.since = now;
  if (state != status::suspect) m.suspected.reset();
  if (was_live == m.is_live()) return;
  if (was_live) {
    leave_live(m);
    gone_.push_back(m.record.id);
  } else {
    gone_.erase(std::find(gone_.begin(), gone_.end(), m.record.id));
    enter_live(m);
  }
}

void member_table::forget(time_point now, duration age_max, std::size_t count_max) {
  while (!gone_.empty()) {
    const auto found = members_.find(gone_.front());
    const bool too_old = now - found->second->since >= age_max;
    if (gone_.size() <= count_max && !too_old) return;
    const address& at = found->second->record.at;
    if (holder(at) == found->second.get()) holders_.erase(at);
    members_.erase(found);
    gone_.pop_front();
  }
}

std::vector<member*> member_table::pick(random_source& random, std::size_t count,
                                        const std::function<bool(const member&)>& wanted) {
  std::vector<member*> picked;
  for (std::size_t i = 0; i < live_.size() && picked.size() < count; ++i) {
    const auto other = i + static_cast<std::size_t>(random.below(live_.size() - i));
    std::swap(live_[i], live_[other]);
    live_[i]->live_slot = i;
    live_[other]->live_slot = other;
    if (wanted(*live_[i])) picked.push_back(live_[i]);
  }
  return picked;
}

std::uint64_t member_table::digest_of(const member_record& record) {
  std::uint64_t mixed = record.id.low ^ (record.id.high * 0x9e3779b97f4a7c15U);
  mixed += record.incarnation * 0xbf58476d1ce4e5b9U;
  mixed = (mixed ^ (mixed >> 30U)) * 0x94d049bb133111ebU;
  return mixed ^ (mixed >> 31U);
}

void member_table::enter_live(member& m) {
  m.live_slot = live_.size();
  live_.push_back(&m);
  digest_ ^= digest_of(m.record);
}

void member_table::leave_live(member& m) {
  live_[m.live_slot] = live_.back();
  live_[m.live_slot]->live_slot = m.live_slot;
  live_.pop_back();
  digest_ ^= digest_of(m.record);
}

}  // namespace gossamer::membership
