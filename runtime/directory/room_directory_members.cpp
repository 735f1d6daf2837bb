// Who is there: peers, their slots and their tags.
#include "runtime/directory/room_directory.hpp"

#include <algorithm>
#include <set>

namespace gossamer::directory {

actions room_directory::member_changed(time_point now, member_change change, const member& about) {
  const auto found = peers_.find(about.id);
  switch (change) {
    case member_change::up: meet(now, about); break;
    case member_change::updated:
      if (found != peers_.end()) set_tags(found->second, about.tags);
      break;
    case member_change::suspected:
    case member_change::recovered: break;
    case member_change::down:
      if (found != peers_.end() && found->second.up) lose(now, found->second);
      break;
    case member_change::left:
    case member_change::replaced: purge(now, about.id); break;
  }
  return finish(now);
}

void room_directory::meet(time_point now, const member& about) {
  if (about.id == self_) return;
  const auto known = peers_.find(about.id);
  if (known != peers_.end()) {
    if (about.epoch < known->second.about.epoch) return;
    if (about.epoch == known->second.about.epoch) {
      come_back(now, known->second, about);
      return;
    }
    purge(now, about.id);
  }
  if (peers_.size() >= settings_.peers_max) forget_a_dead(now);
  if (peers_.size() >= settings_.peers_max) {
    ++counters_.unplaced;
    return;
  }
  peer& p = peers_[about.id];
  p.about = about;
  p.digest_at = now + settings_.digest_interval;
  place(now, p);
  if (!p.reads.slot) {
    ++counters_.unplaced;
    tell(notice_kind::unplaced, p);
  }
}

void room_directory::come_back(time_point now, peer& p, const member& about) {
  set_tags(p, about.tags);
  if (p.up) return;
  p.up = true;
  p.too_large = false;
  p.purge_at = never;
  p.digest_at = now + settings_.digest_interval;
  if (!p.reads.slot) {
    place(now, p);
    return;
  }
  remote_.set_counting(*p.reads.slot, true);
  refresh(p);
  ask(p, now);
}

/// Dead, perhaps only cut off: nothing is sent, what it said is kept for its return.
void room_directory::lose(time_point now, peer& p) {
  p.up = false;
  p.purge_at = now + settings_.dead_hold;
  p.writes = writing{};
  p.reads.attached = p.reads.current = false;
  p.reads.round = 0;
  p.reads.ack_at = p.reads.retry_at = never;
  if (p.reads.slot) remote_.set_counting(*p.reads.slot, false);
  refresh(p);
}

void room_directory::purge(time_point now, const node_id& id) {
  const auto found = peers_.find(id);
  if (found == peers_.end()) return;
  peer& p = found->second;
  ++counters_.purges;
  tell(notice_kind::purged, p);
  p.up = p.told_synced = false;
  unplace(now, p);
  expected_.forget(id);
  peers_.erase(found);
}

/// Makes room for the living: the one that has been dead for longest is purged.
void room_directory::forget_a_dead(time_point now) {
  const auto dead = std::min_element(peers_.begin(), peers_.end(), [](auto& a, auto& b) {
    return a.second.purge_at < b.second.purge_at;
  });
  if (dead != peers_.end() && dead->second.purge_at != never) purge(now, dead->first);
}

/// Gives the peer a table, if there is a slot. If there is none, the dead give way first.
void room_directory::place(time_point now, peer& p) {
  p.reads = reading{};
  p.reads.slot = remote_.take_slot();
  if (p.reads.slot) {
    by_slot_[*p.reads.slot] = &p;
    set_tags(p, p.about.tags);
    ask(p, now);
  } else if (!remote_.sweeping()) {
    forget_a_dead(now);
  }
  refresh(p);
}

void room_directory::place_waiting(time_point now) {
  for (auto& [id, p] : peers_) {
    if (!p.up || p.reads.slot || p.too_large) continue;
    place(now, p);
    if (!p.reads.slot) return;
  }
}

/// Takes the table away; what it said is out of every answer at once.
void room_directory::unplace(time_point now, peer& p) {
  if (p.reads.slot) {
    const std::size_t slot = *p.reads.slot;
    const std::vector<node_tag> tags = p.about.tags;
    set_tags(p, {});
    p.about.tags = tags;
    watch_changes watches;
    remote_.give_up(slot, watches);
    heed(now, watches);
    by_slot_[slot] = nullptr;
    synced_.remove(slot);
    everything_.remove(slot);
  }
  p.reads = reading{};
  refresh(p);
}

/// Brings the sets that `targets` uses in line with the peer's state.
void room_directory::refresh(peer& p) {
  const bool synced = p.up && p.reads.synced();
  const auto listed = std::find(slotless_.begin(), slotless_.end(), p.about.id);
  if (listed != slotless_.end()) slotless_.erase(listed);
  if (p.up && !p.reads.slot) slotless_.push_back(p.about.id);
  if (p.reads.slot) {
    synced_.remove(*p.reads.slot);
    everything_.remove(*p.reads.slot);
    if (p.up) (synced ? synced_ : everything_).add(*p.reads.slot);
  }
  if (synced == p.told_synced) return;
  p.told_synced = synced;
  tell(synced ? notice_kind::synced : notice_kind::lost_sync, p);
}

void room_directory::set_tags(peer& p, const std::vector<node_tag>& tags) {
  if (p.reads.slot) {
    const std::size_t slot = *p.reads.slot;
    for (const node_tag tag : p.about.tags) {
      const auto found = by_tag_.find(tag.value);
      if (found == by_tag_.end()) continue;
      found->second.remove(slot);
      if (found->second.empty()) by_tag_.erase(found);
    }
    for (const node_tag tag : tags) by_tag_[tag.value].add(slot);
  }
  p.about.tags = tags;
}

actions room_directory::link_lost(time_point now, const node_id& id) {
  const auto found = peers_.find(id);
  if (found == peers_.end() || !found->second.up) return finish(now);
  peer& p = found->second;
  p.writes = writing{};
  ask(p, now);
  return finish(now);
}

actions room_directory::frames_lost(time_point now, const node_id& id) {
  const auto found = peers_.find(id);
  if (found != peers_.end()) ask(found->second, now);
  return finish(now);
}

actions room_directory::reconcile(time_point now, std::span<const member> living) {
  std::set<node_id> ids;
  for (const member& m : living) ids.insert(m.id);
  for (auto& [id, p] : peers_) {
    if (p.up && !ids.contains(id)) lose(now, p);
  }
  for (const member& m : living) meet(now, m);
  return finish(now);
}

actions room_directory::renew(time_point now, const node_id& id, std::uint64_t epoch) {
  self_ = id;
  epoch_ = epoch;
  log_.restart();
  last_update_bytes_ = {};
  for (auto& [other, p] : peers_) {
    p.writes = writing{};
    if (p.up) ask(p, now);
  }
  return finish(now);
}

}  // namespace gossamer::directory
