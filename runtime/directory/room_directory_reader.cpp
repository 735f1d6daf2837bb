// Reading the streams of others: changes in order, syncs whole, digests compared.
#include "runtime/directory/room_directory.hpp"

#include <algorithm>

namespace gossamer::directory {

/// Asks for what this node lacks of the peer's stream; until the answer, the peer counts as
/// interested in everything.
void room_directory::ask(peer& p, time_point now) {
  reading& r = p.reads;
  if (!p.up || !r.slot) return;
  r.attached = r.current = false;
  if (r.asked_at != time_point::min() && now < r.asked_at + settings_.ask_pace) {
    r.round = 0;  // the answer may be of the link that broke
    r.retry_at = std::min(r.retry_at, r.asked_at + settings_.ask_pace);
    refresh(p);
    return;
  }
  if (++next_round_ == 0) ++next_round_;
  r.round = next_round_;
  r.parts = 0;
  r.last_part = false;
  r.asked_at = now;
  r.retry_at = now + settings_.ask_retry;
  want m{p.about.epoch, r.round, r.applied, !r.whole, {}};
  const bucket_digests& known = remote_.digests(*r.slot);
  if (known != bucket_digests{}) m.digests = known.all();
  post(p, m);
  ++counters_.asked;
  refresh(p);
}

/// False, and the table is given up, if it has no room for the change.
bool room_directory::take(peer& p, const op& o, time_point now) {
  watch_changes watches;
  const bool fits = remote_.apply(*p.reads.slot, o, watches);
  heed(now, watches);
  if (fits) return true;
  p.too_large = true;
  ++counters_.unplaced;
  tell(notice_kind::unplaced, p);
  unplace(now, p);
  return false;
}

bool room_directory::take(peer& p, const section& s, time_point now) {
  if (s.fresh) {
    watch_changes watches;
    remote_.clear(*p.reads.slot, s.bucket, watches);
    heed(now, watches);
  }
  return std::all_of(s.ops.begin(), s.ops.end(), [&](const op& o) { return take(p, o, now); });
}

void room_directory::on(const update& m, peer& p, time_point now) {
  reading& r = p.reads;
  if (!r.slot) return;
  if (m.round != 0 && m.round == r.round) r.attached = true;
  if (!r.attached) {
    // Sent before the peer heard the question, which says how far this table is and what is in its
    // buckets: it must stay so until the answer.
    ++counters_.stale_round;
    return;
  }
  if (m.first > r.applied + 1) {
    ++counters_.gaps;
    ask(p, now);
    return;
  }
  const std::uint64_t last = m.first + m.ops.size() - 1;
  for (std::uint64_t seq = r.applied + 1; seq <= last; ++seq) {
    if (!take(p, m.ops[seq - m.first], now)) return;
  }
  if (last < r.applied) return;
  r.applied = last;
  r.current = !m.more;
  r.ahead = 0;
  // While a sync is due, changes alone are no progress.
  if (r.whole) r.retry_at = now + settings_.ask_retry;
  progressed(p, now, m.ask || r.applied - r.acked >= settings_.in_flight / 4);
}

void room_directory::on(const part& m, peer& p, time_point now) {
  reading& r = p.reads;
  if (!r.slot) return;
  if (m.round == 0 || m.round != r.round || m.index < r.parts) {
    ++counters_.stale_round;
    return;
  }
  // What is older than the changes that came meanwhile would undo them.
  if (m.index > r.parts || (m.index > 0 && m.seq < r.applied)) {
    ++counters_.gaps;
    ask(p, now);
    return;
  }
  if (m.index == 0) {
    r.applied = m.seq;
    r.acked = std::min(r.acked, m.seq);
    r.attached = true;
  }
  r.whole = false;
  for (const section& s : m.sections) {
    if (!take(p, s, now)) return;
  }
  ++r.parts;
  r.last_part = m.last;
  r.sync_seq = m.seq;
  r.retry_at = now + settings_.ask_retry;
  progressed(p, now, true);
}

/// After anything new: is it all now? And the peer hears how far this node is.
void room_directory::progressed(peer& p, time_point now, bool ack_now) {
  reading& r = p.reads;
  if (r.last_part && r.applied >= r.sync_seq) {
    r.whole = true;
    r.last_part = false;
  }
  if (r.synced()) r.retry_at = never;
  refresh(p);
  if (ack_now) {
    send_ack(p);
  } else if (r.applied > r.acked) {
    r.ack_at = std::min(r.ack_at, now + settings_.ack_delay);
  }
}

void room_directory::send_ack(peer& p) {
  reading& r = p.reads;
  r.ack_at = never;
  r.acked = r.applied;
  post(p, ack{p.about.epoch, r.applied, r.round, r.parts});
}

void room_directory::on(const digest& m, peer& p, time_point now) {
  reading& r = p.reads;
  if (!r.slot) return;
  if (m.seq > r.applied) {
    // Its changes came before it on the same link: they are lost.
    if (r.attached || now >= r.retry_at) ask(p, now);
    return;
  }
  if (m.seq < r.applied) {
    // Overtaken once, perhaps; twice, this node believes in changes that never were.
    if (++r.ahead < 2) return;
    r.ahead = 0;
    r.applied = r.acked = r.needed = 0;
    r.whole = false;
    ask(p, now);
    return;
  }
  r.ahead = 0;
  if (!r.whole || m.root == remote_.digests(*r.slot).root()) return;
  r.whole = false;
  ++counters_.mismatches;
  tell(notice_kind::mismatch, p);
  ask(p, now);
}

actions room_directory::depends(time_point now, const node_id& from, std::uint64_t seq) {
  const auto found = peers_.find(from);
  if (found == peers_.end() || !found->second.up) return finish(now);
  reading& r = found->second.reads;
  if (r.slot && seq > std::max(r.applied, r.needed)) {
    r.needed = seq;
    r.retry_at = std::min(r.retry_at, now + settings_.ask_retry);
    refresh(found->second);
  }
  return finish(now);
}

}  // namespace gossamer::directory
