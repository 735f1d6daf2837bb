#include "runtime/directory/remote_interest.hpp"

#include "runtime/base/check.hpp"

#include <algorithm>
#include <utility>

namespace gossamer::directory {

std::optional<std::size_t> remote_interest::take_slot() {
  for (std::size_t slot = 0; slot < slots_max; ++slot) {
    if (slots_[slot] || given_up_.has(slot)) continue;
    slots_[slot] = std::make_unique<slot_state>();
    slots_[slot]->counting = true;
    return slot;
  }
  return {};
}

void remote_interest::give_up(std::size_t slot, std::vector<watch_change>& watches) {
  clear_extras(*slots_[slot], watches);
  slots_[slot].reset();
  given_up_.add(slot);
  buckets_to_sweep_ = bucket_count;
}

bool remote_interest::sweep(std::size_t buckets) {
  for (; buckets > 0 && buckets_to_sweep_ > 0; --buckets, --buckets_to_sweep_) {
    rooms_.retain(sweep_at_, [this](std::uint64_t, node_set& who) {
      who = who.without(given_up_);
      return !who.empty();
    });
    sweep_at_ = (sweep_at_ + 1) % bucket_count;
  }
  if (buckets_to_sweep_ == 0) given_up_ = {};
  return sweeping();
}

bool remote_interest::apply(std::size_t slot, const op& o, std::vector<watch_change>& watches) {
  slot_state& s = *slots_[slot];
  switch (o.kind) {
    case op_kind::room_on: return set_room(slot, o.key, true);
    case op_kind::room_off: return set_room(slot, o.key, false);
    case op_kind::count: return set_count(s, o.key, o.value);
    case op_kind::watch_on: return set_watch(s, o.key, true, watches);
    case op_kind::watch_off: return set_watch(s, o.key, false, watches);
  }
  return true;
}

bool remote_interest::set_room(std::size_t slot, std::uint64_t hash, bool on) {
  node_set* who = rooms_.find(hash);
  if (on == (who != nullptr && who->has(slot))) return true;
  if (on && who == nullptr) {
    if (rooms_.size() >= bounds_.rooms_max) return false;
    who = &rooms_.insert(hash);
  }
  if (on) {
    who->add(slot);
  } else {
    who->remove(slot);
    if (who->empty()) rooms_.erase(hash);
  }
  slots_[slot]->digests.toggle_room(hash);
  return true;
}

bool remote_interest::set_count(slot_state& s, std::uint64_t key, std::uint32_t value) {
  const auto known = s.counts.find(key);
  if (known == s.counts.end() && value != 0 && s.counts.size() >= bounds_.counts_max) return false;
  if (known != s.counts.end()) {
    s.digests.toggle_count(key, known->second);
    if (s.counting) take_from_sum(key, known->second);
    s.counts.erase(known);
  }
  if (value == 0) return true;
  s.counts.emplace(key, value);
  s.digests.toggle_count(key, value);
  if (s.counting) add_to_sum(key, value);
  return true;
}

bool remote_interest::set_watch(slot_state& s, std::uint64_t key, bool on,
                                std::vector<watch_change>& watches) {
  if (on == s.watches.contains(key)) return true;
  if (on && s.watches.size() >= bounds_.watches_max) return false;
  if (on) {
    s.watches.insert(key);
  } else {
    s.watches.erase(key);
  }
  s.digests.toggle_watch(key);
  watches.push_back({key, on});
  return true;
}

void remote_interest::clear(std::size_t slot, std::size_t bucket,
                            std::vector<watch_change>& watches) {
  slot_state& s = *slots_[slot];
  if (bucket == extras_bucket) {
    clear_extras(s, watches);
  } else if (s.digests.all()[bucket] != 0 || rooms_.size(bucket) != 0) {
    rooms_.retain(bucket, [slot](std::uint64_t, node_set& who) {
      who.remove(slot);
      return !who.empty();
    });
  }
  s.digests.clear(bucket);
}

void remote_interest::clear_extras(slot_state& s, std::vector<watch_change>& watches) {
  if (s.counting) {
    for (const auto& [key, value] : s.counts) take_from_sum(key, value);
  }
  for (const std::uint64_t key : s.watches) watches.push_back({key, false});
  s.counts.clear();
  s.watches.clear();
}

void remote_interest::set_counting(std::size_t slot, bool on) {
  slot_state& s = *slots_[slot];
  if (s.counting == on) return;
  s.counting = on;
  for (const auto& [key, value] : s.counts) {
    if (on) {
      add_to_sum(key, value);
    } else {
      take_from_sum(key, value);
    }
  }
}

void remote_interest::add_to_sum(std::uint64_t key, std::uint32_t value) {
  sums_[key] += value;
}

void remote_interest::take_from_sum(std::uint64_t key, std::uint32_t value) {
  const auto found = sums_.find(key);
  GOSSAMER_CHECK(found != sums_.end() && found->second >= value);
  found->second -= value;
  if (found->second == 0) sums_.erase(found);
}

}  // namespace gossamer::directory
