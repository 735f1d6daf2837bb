#include "runtime/membership/codec.hpp"
#include "runtime/membership/swim.hpp"

#include <algorithm>
#include <utility>

namespace gossamer::membership {

/// Sends rumours to a few members; and, so that a member wrongly believed dead hears of it, the
/// same to one that died a short while ago.
void swim::run_gossip(time_point now) {
  const profile& p = settings_.timing;
  gossip_at_ = std::max(gossip_at_ == never ? now : gossip_at_, last_gossip_ + p.gossip_interval);
  if (now < gossip_at_) return;
  last_gossip_ = now;
  gossip_at_ = now + p.gossip_interval;
  const auto anybody = [](const member&) { return true; };
  std::string payload;
  for (const member* m : table_.pick(random_, p.gossip_fanout, anybody)) {
    payload = packet_with_rumours(version_for(*m), {});
    if (payload.size() == 1) return;
    post(m->record.at, payload);
  }
  const auto& gone = table_.gone();
  if (gone.empty() || payload.size() <= 1) return;
  const member* dead_one = table_.find(gone[random_.below(gone.size())]);
  if (dead_one->state == status::dead && now - dead_one->since < p.gossip_to_dead) {
    post(dead_one->record.at, std::move(payload));
  }
}

void swim::offer_to(const address& to, std::uint8_t version) {
  post_reliable(to, version, sync_offer{self_, digest()});
}

void swim::run_sync(time_point now) {
  if (now < sync_at_) return;
  const profile& p = settings_.timing;
  sync_at_ = now + (now < unsettled_until_ ? p.sync_interval : sync_interval(p, size()));
  for (const member* m : table_.pick(random_, 1, [](const member&) { return true; })) {
    offer_to(m->record.at, version_for(*m));
  }
}

/// Somebody came or went. Rumours may miss a few members of a large cluster when most learn the
/// news by syncs, which they do not pass on; so for a while syncs come as often as in a small one.
void swim::unsettle(time_point now) {
  const duration often = settings_.timing.sync_interval;
  unsettled_until_ = now + 3 * often;
  if (sync_at_ != never && sync_at_ > now + often) sync_at_ = now + drawn_phase(often);
}

/// For ever: one member believed dead and one seed are offered a sync, so that a partition heals
/// whoever forgot whom.
void swim::run_heal(time_point now) {
  if (now < heal_at_) return;
  const profile& p = settings_.timing;
  heal_at_ = now + p.heal_interval / 2 +
             duration(static_cast<duration::rep>(
                 random_.below(static_cast<std::uint64_t>(p.heal_interval.count()))));
  table_.forget(now, p.dead_memory, p.dead_memory_max);
  if (heal_round_++ % 3 == 0) tell(notice_kind::resolve_seeds, self_);
  std::vector<const member*> dead_ones;
  for (const node_id& id : table_.gone()) {
    const member* m = table_.find(id);
    if (m->state == status::dead && table_.holder(m->record.at) == m) dead_ones.push_back(m);
  }
  if (!dead_ones.empty()) {
    offer_to(dead_ones[random_.below(dead_ones.size())]->record.at, self_.versions.min);
  }
  offer_to_random_seed();
}

void swim::offer_to_random_seed() {
  std::vector<address> unknown;
  for (const address& seed : settings_.seeds) {
    const member* holder = table_.holder(seed);
    if (seed != self_.at && (holder == nullptr || !holder->is_live())) unknown.push_back(seed);
  }
  if (!unknown.empty()) offer_to(unknown[random_.below(unknown.size())], self_.versions.min);
}

void swim::run_join(time_point now) {
  if (now < join_at_) return;
  if (joined_) {
    join_at_ = never;
    return;
  }
  const duration interval = settings_.timing.join_retry;
  join_at_ = now + interval +
             duration(static_cast<duration::rep>(
                 random_.below(static_cast<std::uint64_t>(interval.count()))));
  offer_to_random_seed();
}

void swim::set_joined() {
  if (joined_) return;
  joined_ = true;
  tell(notice_kind::joined, self_);
}

bool swim::may_answer_offer(time_point now) {
  if (now - offers_since_ >= seconds(1)) {
    offers_since_ = now;
    offers_answered_ = 0;
  }
  if (offers_answered_ >= offers_per_second_max) {
    ++counters_.offers_refused;
    return false;
  }
  ++offers_answered_;
  return true;
}

void swim::on(const sync_offer& m, const arrival& in, time_point now) {
  if (m.source.id == self_.id || leaving_ || !may_answer_offer(now)) return;
  hear_alive(m.source, in, now);
  const member* source = table_.find(m.source.id);
  if (source == nullptr) return;  // refused, and told so
  ++counters_.syncs;
  const std::uint8_t version = version_for(*source);
  if (source->is_live() && m.digest == digest()) {
    post_reliable(in.from, version, sync_same{self_.id});
    set_joined();
  } else {
    post_reliable(in.from, version, whole_view(true, now));
  }
}

void swim::on(const sync_state& m, const arrival& in, time_point now) {
  if (m.source == self_.id || leaving_) return;
  quiet_ = table_.live().empty();
  for (const sync_entry& e : m.entries) merge(e, m.source, in, now);
  quiet_ = false;
  const member* source = table_.find(m.source);
  if (source == nullptr) return;
  set_joined();
  if (m.answer) post_reliable(in.from, version_for(*source), whole_view(false, now));
}

void swim::on(const sync_same& m, const arrival&, time_point) {
  if (table_.find(m.source) != nullptr) set_joined();
}

/// One entry of another's view. Its dead are only suspects here: they get a chance to answer.
void swim::merge(const sync_entry& e, const node_id& source, const arrival& in, time_point now) {
  const member_record& r = e.record;
  if (e.age >= settings_.timing.dead_memory) return;
  // Even a boot that came and went while we were away has ended the one before it.
  member* holder = table_.holder(r.at);
  const bool gone = e.state == status::dead || e.state == status::left;
  if (gone && holder != nullptr && holder->is_live() && booted_after(r, holder->record) &&
      acceptable(r, now)) {
    retire(*holder, now);
  }
  switch (e.state) {
    case status::alive: hear_alive(r, in, now); return;
    case status::suspect:
      hear_alive(r, in, now);
      on(suspect{r.id, r.incarnation, source}, in, now);
      return;
    case status::dead: on(suspect{r.id, r.incarnation, source}, in, now); return;
    case status::left: on(dead{r.id, r.incarnation, r.id}, in, now); return;
  }
}

sync_state swim::whole_view(bool answer, time_point now) const {
  sync_state view{self_.id, answer, {{status::alive, seconds(0), self_}}};
  for (const member* m : table_.live()) view.entries.push_back({m->state, seconds(0), m->record});
  for (const node_id& id : table_.gone()) {
    const member* m = table_.find(id);
    const auto age = std::chrono::duration_cast<seconds>(now - m->since);
    view.entries.push_back({m->state, std::min(age, sync_age_max), m->record});
  }
  return view;
}

}  // namespace gossamer::membership
