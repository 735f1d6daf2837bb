#include "runtime/membership/codec.hpp"
#include "runtime/membership/swim.hpp"

namespace gossamer::membership {

void swim::on(const alive& m, const arrival& in, time_point now) {
  hear_alive(m.record, in, now);
}

/// Refuses nodes that cannot be talked to and epochs that no right clock gives.
bool swim::acceptable(const member_record& r, time_point now) {
  if (!self_.versions.overlaps(r.versions)) {
    ++counters_.incompatible;
    tell_rarely(notice_kind::version_refused, r, now);
    return false;
  }
  const auto ahead = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(epoch_ahead_max).count());
  if (r.epoch > wall_at(now) + ahead) {
    ++counters_.absurd_epoch;
    tell_rarely(notice_kind::epoch_refused, r, now);
    return false;
  }
  return true;
}

void swim::hear_alive(const member_record& r, const arrival& in, time_point now) {
  if (r.id == self_.id) {
    if (r.incarnation > self_.incarnation) accused(r.incarnation, in);
    return;
  }
  if (!acceptable(r, now)) return;
  if (r.at == self_.at) {
    contest_address(r, now);
    return;
  }
  member* known = table_.find(r.id);
  if (known == nullptr) {
    meet(r, in, now);
    return;
  }
  if (absurd_jump(r.incarnation, known->record.incarnation)) return;
  if (!overrides(status::alive, r.incarnation, known->state, known->record.incarnation)) return;
  renew_member(*known, r, now);
}

/// Somebody new. If its address has an owner, the later boot gets it, at once and for good.
void swim::meet(const member_record& r, const arrival& in, time_point now) {
  member* holder = table_.holder(r.at);
  if (holder != nullptr && !booted_after(r, holder->record)) {
    ++counters_.stale_epoch;
    const std::string claim = encode(alive{holder->record});
    if (in.from == r.at) {
      reply(in, claim);
    } else if (in.via == channel::link) {
      // Perhaps it runs, with a clock that was behind, and only this node remembers the other boot.
      post(r.at, begin_packet(self_.versions.min) + claim);
    }
    return;
  }
  if (holder != nullptr && holder->state != status::left) retire(*holder, now);
  member* m = table_.insert(r, now);
  if (m == nullptr) {
    ++counters_.table_full;
    return;
  }
  order_.add(r.id, random_);
  unsettle(now);
  tell(notice_kind::up, r);
  if (!quiet_) rumours_.replace(r.id, encode(alive{r}));
  settle_labels(*m, now);
}

/// A later boot has its address.
void swim::retire(member& m, time_point now) {
  rumours_.forget(m.record.id);
  change_state(m, status::left, now);
  tell(notice_kind::replaced, m.record);
}

/// A newer statement of a known member: it lives, and this is what it looks like now.
void swim::renew_member(member& m, const member_record& r, time_point now) {
  const status before = m.state;
  member_record seen_as = m.record;
  seen_as.incarnation = r.incarnation;
  const bool changed = seen_as != r;
  if (m.record.at != r.at && table_.holder(r.at) != nullptr) {
    const member* holder = table_.holder(r.at);
    if (!booted_after(r, holder->record)) return;
  }
  change_state(m, status::alive, now);
  table_.update(m, r);
  if (before == status::dead) {
    order_.add(r.id, random_);
    tell(notice_kind::up, r);
  } else if (before == status::suspect) {
    tell(notice_kind::recovered, r);
  }
  if (changed) tell(notice_kind::updated, r);
  rumours_.replace(r.id, encode(alive{r}));
  settle_labels(m, now);
}

void swim::on(const suspect& m, const arrival& in, time_point now) {
  if (m.subject == self_.id) {
    accused(m.incarnation, in);
    return;
  }
  member* known = table_.find(m.subject);
  if (known == nullptr) {
    ++counters_.unknown_subject;
    return;
  }
  if (absurd_jump(m.incarnation, known->record.incarnation)) return;
  if (!known->is_live() && in.via == channel::datagram) {
    correct(*known, m.incarnation, in);
    return;
  }
  accuse(*known, m.incarnation, m.from, now);
}

/// Somebody still suspects who is dead here: it missed the news, and nobody will confirm it.
void swim::correct(const member& gone, std::uint64_t incarnation, const arrival& in) {
  if (incarnation > gone.record.incarnation) return;
  const node_id from = gone.state == status::left ? gone.record.id : self_.id;
  reply(in, encode(dead{gone.record.id, gone.record.incarnation, from}));
}

/// `from` accuses `m`: the start of a suspicion, or a confirmation of one.
void swim::accuse(member& m, std::uint64_t incarnation, const node_id& from, time_point now) {
  if (m.state == status::suspect && incarnation == m.record.incarnation) {
    const time_point before = m.suspected->deadline();
    if (!m.suspected->confirm(from)) return;
    expiries_.erase({before, m.record.id});
    expiries_.emplace(m.suspected->deadline(), m.record.id);
    rumours_.accuse(m.record.id, from, encode(suspect{m.record.id, incarnation, from}));
    return;
  }
  if (!overrides(status::suspect, incarnation, m.state, m.record.incarnation)) return;
  if (vetoed(m, now)) {
    ++counters_.vetoes;
    return;
  }
  ++counters_.suspicions;
  const bool news = m.state == status::alive;
  change_state(m, status::alive, now);  // ends an older suspicion
  member_record record = m.record;
  record.incarnation = incarnation;
  table_.update(m, record);
  change_state(m, status::suspect, now);
  m.suspected.emplace(from, now, suspicion_times(settings_.timing, size()),
                      expected_confirmations(size()));
  expiries_.emplace(m.suspected->deadline(), m.record.id);
  if (news) tell(notice_kind::suspected, m.record);
  rumours_.accuse(m.record.id, from, encode(suspect{m.record.id, incarnation, from}));
}

void swim::run_suspicions(time_point now) {
  while (!expiries_.empty() && expiries_.begin()->first <= now) {
    member* m = table_.find(expiries_.begin()->second);
    if (!vetoed(*m, now)) {
      declare(*m, status::dead, self_.id, now);
      continue;
    }
    ++counters_.vetoes;
    expiries_.erase(expiries_.begin());
    m->suspected->defer(now + settings_.timing.probe_interval);
    expiries_.emplace(m->suspected->deadline(), m->record.id);
  }
}

void swim::on(const dead& m, const arrival& in, time_point now) {
  const bool by_itself = m.from == m.subject;
  if (m.subject == self_.id) {
    if (leaving_) return;
    if (by_itself) {
      renew_self(now);
    } else if (accused(m.incarnation, in)) {
      offer_to(in.from, in.version);  // who was dead for others has missed what they heard since
    }
    return;
  }
  member* known = table_.find(m.subject);
  if (known == nullptr) {
    ++counters_.unknown_subject;
    return;
  }
  if (absurd_jump(m.incarnation, known->record.incarnation)) return;
  const status claim = by_itself ? status::left : status::dead;
  if (!overrides(claim, m.incarnation, known->state, known->record.incarnation)) return;
  if (claim == status::dead && vetoed(*known, now)) {
    ++counters_.vetoes;
    post_reliable(known->record.at, version_for(*known), m);
    return;
  }
  declare(*known, claim, m.from, now);
}

void swim::declare(member& m, status state, const node_id& from, time_point now) {
  if (state == status::dead) ++counters_.deaths;
  change_state(m, state, now);
  tell(state == status::left ? notice_kind::left : notice_kind::down, m.record);
  rumours_.replace(m.record.id, encode(dead{m.record.id, m.record.incarnation, from}));
}

void swim::change_state(member& m, status state, time_point now) {
  if (m.suspected) expiries_.erase({m.suspected->deadline(), m.record.id});
  const bool was_live = m.is_live();
  table_.set_state(m, state, now);
  if (was_live && !m.is_live()) order_.remove(m.record.id);
  if (was_live != m.is_live()) unsettle(now);
}

/// Bytes from its hub that are newer than one probe with its timeout: it lives, whatever is said.
bool swim::vetoed(const member& m, time_point now) const {
  const profile& p = settings_.timing;
  return m.link_heard_at && now - *m.link_heard_at <= p.probe_interval + p.probe_timeout;
}

bool swim::absurd_jump(std::uint64_t claimed, std::uint64_t known) {
  if (claimed <= known || claimed - known <= incarnation_jump_max) return false;
  ++counters_.absurd_incarnation;
  return true;
}

}  // namespace gossamer::membership
