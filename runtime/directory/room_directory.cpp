#include "runtime/directory/room_directory.hpp"

#include <algorithm>
#include <utility>

namespace gossamer::directory {

room_directory::room_directory(const settings& s, const member& self, random_source& random,
                               time_point now)
    : settings_(s),
      self_(self.id),
      epoch_(self.epoch),
      random_(random),
      local_(s.hysteresis, now),
      counts_(s.counts_max, s.watches_max),
      log_(s.window),
      remote_({s.remote_rooms_max, s.counts_max, s.watches_max}),
      expected_(s.expected_for, s.expectations_max),
      next_round_(static_cast<std::uint32_t>(random.next())) {
  settings_.ops_per_update = std::clamp<std::size_t>(s.ops_per_update, 1, update_ops_max);
  for (const node_tag tag : self.tags) add_tag(tag);
}

/// Sockets that came from elsewhere with an id of another node enter; so may those whose tag became
/// ours later, until the last of them has left.
bool room_directory::enters(const room_key& room, joiner who, bool joins) {
  if (who != joiner::own_id || !room.hint) return true;
  const auto foreign = foreign_.find(room.hint->value);
  const bool has_foreign = foreign != foreign_.end();
  if (!has_foreign && own_tags_.contains(room.hint->value)) return false;
  if (joins) {
    ++foreign_[room.hint->value];
  } else if (has_foreign && --foreign->second == 0) {
    foreign_.erase(foreign);
  }
  return true;
}

actions room_directory::join(time_point now, const room_key& room, joiner who) {
  if (!enters(room, who, true)) return finish_local(now);
  local_.join(room.hash, who != joiner::actor);
  counts_.room_changed(room.hash);
  return finish_local(now);
}

actions room_directory::leave(time_point now, const room_key& room, joiner who) {
  if (!enters(room, who, false)) return finish_local(now);
  local_.leave(room.hash, who != joiner::actor, now);
  counts_.room_changed(room.hash);
  return finish_local(now);
}

actions room_directory::adjust(time_point now, std::uint64_t key, std::int32_t by) {
  counts_.adjust(key, by);
  return finish_local(now);
}

result<actions> room_directory::watch(time_point now, std::uint64_t room) {
  std::vector<op> changes;
  if (!counts_.watch(room, changes, digests_)) return errc::too_many_watches;
  for (const op& o : changes) log_.push(o);
  plan_flush(now);
  return finish_local(now);
}

actions room_directory::unwatch(time_point now, std::uint64_t room) {
  std::vector<op> changes;
  counts_.unwatch(room, changes, digests_);
  for (const op& o : changes) log_.push(o);
  plan_flush(now);
  return finish_local(now);
}

/// What entries of this node itself may have to do: plan a flush, or flush a full load.
actions room_directory::finish_local(time_point now) {
  if (local_.dirty_count() >= settings_.ops_per_update) {
    publish(now);
    return finish(now);
  }
  if (local_.dirty_count() > 0) plan_flush(now);
  if (counts_.dirty()) plan_counts(now);
  wake_ = std::min({wake_, flush_at_, counts_at_, local_.next_expiry()});
  actions done = std::exchange(out_, {});
  done.wake = wake_;
  return done;
}

void room_directory::plan_flush(time_point now) {
  flush_at_ = std::min(flush_at_, now + settings_.flush_delay);
}
void room_directory::plan_counts(time_point now) {
  counts_at_ = std::min(counts_at_, now + settings_.count_interval);
}

/// Writes all changes to the stream and sends it on to everybody.
void room_directory::publish(time_point now) {
  const std::uint64_t before = log_.head();
  local_.flush(digests_, [this](const op& o) { log_.push(o); });
  if (now >= counts_at_) {
    std::vector<op> changes;
    counts_.flush(local_, changes, digests_);
    for (const op& o : changes) log_.push(o);
    counts_at_ = never;
  }
  counters_.changes += log_.head() - before;
  flush_at_ = never;
  for (auto& [id, p] : peers_) serve(p);
}

actions room_directory::flush(time_point now, bool ask) {
  if (ask) {
    for (auto& [id, p] : peers_) p.writes.must_tell = p.writes.must_ask = true;
  }
  if (ask || flush_at_ != never) publish(now);
  return finish(now);
}

actions room_directory::expect(time_point now, std::span<const node_id> who,
                               std::span<const room_key> rooms) {
  for (const node_id& id : who) {
    if (!peers_.contains(id)) continue;
    for (const room_key& room : rooms) expected_.expect(now, id, room.hash);
  }
  return finish(now);
}

actions room_directory::tick(time_point now) {
  local_.expire(now);
  expected_.expire(now);
  if (local_.dirty_count() > 0) plan_flush(now);
  if (now >= flush_at_ || now >= counts_at_) publish(now);
  std::vector<node_id> expired;
  for (auto& [id, p] : peers_) {
    if (now >= p.purge_at) expired.push_back(id);
  }
  for (const node_id& id : expired) purge(now, id);
  for (auto& [id, p] : peers_) {
    if (p.up) run_peer(p, now);
  }
  if (remote_.sweeping() && !remote_.sweep(buckets_per_sweep)) place_waiting(now);
  return finish(now);
}

void room_directory::run_peer(peer& p, time_point now) {
  if (now >= p.reads.ack_at) send_ack(p);
  if (now >= p.reads.retry_at) ask(p, now);
  if (now >= p.digest_at) send_digest(p, now);
}

actions room_directory::receive(time_point now, const node_id& from, std::string_view frame) {
  const auto found = peers_.find(from);
  if (found == peers_.end() || !found->second.up) {
    ++counters_.strangers;
    return finish(now);
  }
  peer& p = found->second;
  const result<message> m = decode(frame);
  if (!m) {
    const error_code e = m.error();
    ++(e == errc::unknown_type    ? counters_.skipped
       : e == errc::wrong_version ? counters_.wrong_version
                                  : counters_.malformed);
    return finish(now);
  }
  std::visit(
      [&](const auto& known) {
        using kind = std::decay_t<decltype(known)>;
        constexpr bool to_writer = std::is_same_v<kind, want> || std::is_same_v<kind, ack>;
        if (known.epoch == (to_writer ? epoch_ : p.about.epoch)) {
          on(known, p, now);
        } else {
          ++counters_.stale_epoch;
        }
      },
      *m);
  return finish(now);
}

void room_directory::heed(time_point now, const watch_changes& changes) {
  for (const auto& [key, on] : changes) {
    if (on) {
      counts_.watched(key);
    } else {
      counts_.unwatched(key);
    }
  }
  if (counts_.dirty()) plan_counts(now);
}

void room_directory::post(const peer& p, const message& m) {
  out_.sends.push_back({p.about.id, bytes(encode(m))});
}

actions room_directory::finish(time_point now) {
  wake_ = std::min({flush_at_, counts_at_, local_.next_expiry(), expected_.next_expiry()});
  if (remote_.sweeping()) wake_ = std::min(wake_, now + milliseconds(5));
  for (const auto& [id, p] : peers_) {
    wake_ = std::min(wake_, p.purge_at);
    if (p.up) wake_ = std::min({wake_, p.reads.ack_at, p.reads.retry_at, p.digest_at});
  }
  actions done = std::exchange(out_, {});
  done.wake = wake_;
  return done;
}

void room_directory::targets(std::span<const room_key> rooms, std::vector<node_id>& out) const {
  node_set found;
  for (const room_key& room : rooms) {
    found = found | remote_.who(room.hash);
    if (!room.hint) continue;
    const auto tagged = by_tag_.find(room.hint->value);
    if (tagged != by_tag_.end()) found = found | tagged->second;
  }
  if (!expected_.empty()) {
    expected_.who(rooms, [&](const node_id& id) {
      const peer* p = find(id);
      if (p != nullptr && p->reads.slot) found.add(*p->reads.slot);
    });
  }
  out = slotless_;
  ((found & synced_) | everything_).for_each([&](std::size_t slot) {
    out.push_back(by_slot_[slot]->about.id);
  });
}

bool room_directory::everybody_has(std::uint64_t seq) const {
  return std::all_of(peers_.begin(), peers_.end(), [seq](const auto& entry) {
    const peer& p = entry.second;
    return !p.up || (p.writes.serving && !p.writes.sync && p.writes.acked >= seq);
  });
}

const peer* room_directory::find(const node_id& id) const {
  const auto found = peers_.find(id);
  return found == peers_.end() ? nullptr : &found->second;
}

bool room_directory::synced(const node_id& id) const {
  const peer* p = find(id);
  return p != nullptr && p->up && p->reads.synced();
}

bool room_directory::said(const node_id& id, std::uint64_t hash) const {
  const peer* p = find(id);
  return p != nullptr && p->reads.slot && remote_.who(hash).has(*p->reads.slot);
}

std::uint64_t room_directory::root_of(const node_id& id) const {
  const peer* p = find(id);
  return p != nullptr && p->reads.slot ? remote_.digests(*p->reads.slot).root()
                                       : bucket_digests{}.root();
}

}  // namespace gossamer::directory
