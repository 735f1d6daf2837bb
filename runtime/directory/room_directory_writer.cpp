// Serving this node's stream: changes with credit, syncs in parts, digests.
#include "runtime/directory/room_directory.hpp"

#include <algorithm>
#include <utility>

namespace gossamer::directory {

void room_directory::on(const want& m, peer& p, time_point now) {
  if (flush_at_ != never) publish(now);
  p.writes = writing{};
  writing& w = p.writes;
  w.serving = true;
  if (!m.damaged && log_.reaches_back_to(m.seq)) {
    w.sent = w.acked = m.seq;
    w.answers = m.round;
    w.must_tell = true;
    serve(p);
    return;
  }
  ++counters_.syncs_sent;
  w.sent = w.acked = log_.head();
  w.sync.emplace();
  w.sync->round = m.round;
  for (std::uint32_t bucket = digest_count; bucket-- > 0;) {
    const std::uint64_t theirs = m.digests ? (*m.digests)[bucket] : 0;
    if (digests_.all()[bucket] != theirs) w.sync->buckets.push_back(bucket);
  }
  serve(p);
}

void room_directory::on(const ack& m, peer& p, time_point) {
  writing& w = p.writes;
  if (!w.serving) return;
  if (m.seq <= w.sent) w.acked = std::max(w.acked, m.seq);
  if (w.sync && m.round == w.sync->round) {
    w.sync->acked = std::max(w.sync->acked, std::min(m.parts, w.sync->sent));
  }
  serve(p);
}

/// Sends the peer all it may get now.
void room_directory::serve(peer& p) {
  writing& w = p.writes;
  if (!p.up || !w.serving) return;
  if (!log_.reaches_back_to(w.sent)) {
    // It will see a gap, and ask for a sync.
    ++counters_.overflows;
    tell(notice_kind::overflowed, p);
    post(p, update{epoch_, 0, log_.head() + 1, true, false, {}});
    w = writing{};
    return;
  }
  send_updates(p);
  if (!w.sync) return;
  send_parts(p);
  send_updates(p);
}

void room_directory::send_updates(peer& p) {
  writing& w = p.writes;
  const std::uint64_t credit =
      settings_.in_flight - std::min<std::uint64_t>(settings_.in_flight, w.sent - w.acked);
  const std::uint64_t waiting = log_.head() - w.sent;
  const bool more = waiting > credit;
  std::uint64_t left = std::min(waiting, credit);
  if (left == 0 && !w.must_tell && more == w.told_more) return;
  do {
    const std::uint64_t count = std::min<std::uint64_t>(left, settings_.ops_per_update);
    left -= count;
    send_update(p, count, more || left > 0);
  } while (left > 0);
  w.must_tell = w.must_ask = false;
  w.told_more = more;
}

/// Most peers are equally far: they share the bytes.
void room_directory::send_update(peer& p, std::size_t count, bool more) {
  writing& w = p.writes;
  update m{epoch_, std::exchange(w.answers, 0), w.sent + 1, more, w.must_ask, {}};
  const update& l = last_update_;
  const bool same = !last_update_bytes_.empty() && m.round == 0 && l.first == m.first &&
                    l.ops.size() == count && l.more == more && l.ask == m.ask;
  w.sent += count;
  ++counters_.updates_sent;
  if (same) {
    out_.sends.push_back({p.about.id, last_update_bytes_});
    return;
  }
  for (std::uint64_t seq = m.first; seq < m.first + count; ++seq) m.ops.push_back(log_.at(seq));
  post(p, m);
  if (m.round != 0) return;
  last_update_ = std::move(m);
  last_update_bytes_ = out_.sends.back().frame;
}

std::vector<op> room_directory::content(std::uint32_t bucket) const {
  if (bucket == extras_bucket) return counts_.published();
  std::vector<op> rooms;
  for (const std::uint64_t hash : local_.published_in(bucket)) {
    rooms.push_back({hash, 0, op_kind::room_on});
  }
  return rooms;
}

void room_directory::send_parts(peer& p) {
  sync_job& job = *p.writes.sync;
  bool last = job.buckets.empty() && job.sent == 0;
  if (last) {
    part nothing;
    send_part(p, job, nothing, true);
  }
  while (!last && job.sent - job.acked < settings_.parts_in_flight) {
    send_some_parts(p, job);
    last = job.buckets.empty();
  }
  if (!last) return;
  p.writes.sync.reset();
  p.writes.must_tell = true;
}

/// One part full of whole buckets; or a bucket that needs several, all in one go, so that they are
/// of one moment.
void room_directory::send_some_parts(peer& p, sync_job& job) {
  part filled;
  std::size_t size = 0;
  do {
    const std::uint32_t bucket = job.buckets.back();
    job.buckets.pop_back();
    section s{bucket, true, {}};
    for (const op& o : content(bucket)) {
      const std::size_t more = encoded_bytes(o, bucket);
      if (size > 0 && size + more > settings_.part_bytes) {
        if (!s.ops.empty()) filled.sections.push_back(std::exchange(s, {bucket, false, {}}));
        send_part(p, job, filled, false);
        size = 0;
      }
      size += more;
      s.ops.push_back(o);
    }
    filled.sections.push_back(std::move(s));
  } while (!job.buckets.empty() && size < settings_.part_bytes);
  send_part(p, job, filled, job.buckets.empty());
}

void room_directory::send_part(peer& p, sync_job& job, part& filled, bool last) {
  filled.epoch = epoch_;
  filled.round = job.round;
  filled.index = job.sent++;
  filled.seq = log_.head();
  filled.last = last;
  post(p, std::exchange(filled, {}));
  ++counters_.parts_sent;
}

/// Not while something is on its way to the peer: it would take it for lost. But if no ack came
/// since the last time, it is.
void room_directory::send_digest(peer& p, time_point now) {
  const auto quarter = static_cast<std::uint64_t>((settings_.digest_interval / 4).count());
  const duration jitter(static_cast<duration::rep>(random_.below(2 * quarter + 1)));
  p.digest_at = now + settings_.digest_interval * 3 / 4 + jitter;
  writing& w = p.writes;
  const std::uint64_t progress = w.acked + (w.sync ? w.sync->acked + 1 : 0);
  const bool busy = w.serving && (w.sync || w.sent < log_.head());
  const bool moving = std::exchange(w.progress, progress) != progress;
  if (!busy || !moving) post(p, digest{epoch_, log_.head(), digests_.root()});
}

}  // namespace gossamer::directory
