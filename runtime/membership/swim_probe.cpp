#include "runtime/membership/codec.hpp"
#include "runtime/membership/swim.hpp"

#include <algorithm>

namespace gossamer::membership {

void swim::run_probe(time_point now) {
  if (probe_ && !probe_->acked && !probe_->indirect_sent && now >= probe_->indirect_at) {
    ask_relays();
  }
  if (now < probe_at_) return;
  end_probe(now);
  check_twin();
  begin_probe(now);
  probe_at_ = now + health_.scaled(settings_.timing.probe_interval);
}

/// The interval is over: no ack means suspicion, and missing nacks mean that perhaps we are the
/// ones who do not hear.
void swim::end_probe(time_point now) {
  if (!probe_) return;
  const probe ended = *probe_;
  probe_.reset();
  if (ended.acked) return;
  ++counters_.probes_failed;
  health_.worsen(ended.relays == 0 ? 1 : ended.nacks_missing);
  member* m = table_.find(ended.target);
  if (m == nullptr || !m->is_live()) return;
  accuse(*m, m->record.incarnation, self_.id, now);
}

void swim::begin_probe(time_point now) {
  const auto id = order_.next(random_);
  if (!id) return;
  ++counters_.probes;
  probe fresh;
  fresh.target = *id;
  fresh.sequence = ++sequence_;
  fresh.indirect_at = now + health_.scaled(settings_.timing.probe_timeout);
  send_ping(*table_.find(*id), fresh.sequence);
  probe_ = fresh;
}

/// A suspect learns from its ping that it is one, so that it can answer.
void swim::send_ping(const member& m, std::uint32_t sequence) {
  std::string first = encode(ping{sequence, m.record.id, self_.id});
  if (m.state == status::suspect) {
    first += encode(suspect{m.record.id, m.record.incarnation, self_.id});
  }
  post(m.record.at, packet_with_rumours(version_for(m), first));
}

void swim::ask_relays() {
  probe_->indirect_sent = true;
  const member* target = table_.find(probe_->target);
  if (target == nullptr || !target->is_live()) return;
  const auto usable = [&](const member& m) {
    return m.state == status::alive && m.record.id != probe_->target && !m.record.leaving;
  };
  const profile& p = settings_.timing;
  const auto patience =
      std::chrono::duration_cast<milliseconds>(health_.scaled(p.probe_timeout) * p.relay_share);
  const std::size_t wanted = size() < 3 ? 0 : std::min(p.relays, size() - 2);
  for (const member* m : table_.pick(random_, wanted, usable)) {
    const ping_request request{probe_->sequence, probe_->target, target->record.at, self_.id,
                               std::min(patience, relay_patience_max)};
    post(m->record.at, packet_with_rumours(version_for(*m), encode(request)));
    ++probe_->relays;
  }
  probe_->nacks_missing = probe_->relays;
  if (settings_.link_pings) {
    post_reliable(target->record.at, version_for(*target),
                  ping{probe_->sequence, probe_->target, self_.id});
  }
}

void swim::run_relays(time_point now) {
  for (auto at = relays_.begin(); at != relays_.end();) {
    relay& r = at->second;
    if (!r.nacked && now >= r.nack_at) {
      r.nacked = true;
      post(r.origin, packet_with_rumours(r.version, encode(nack{r.origin_sequence})));
    }
    at = now >= r.forget_at ? relays_.erase(at) : std::next(at);
  }
}

void swim::on(const ping& m, const arrival& in, time_point now) {
  if (m.source == self_.id) return;
  if (m.target != self_.id) {
    ++counters_.wrong_target;
    reply(in, encode(alive{self_}));
    return;
  }
  reply(in, encode(ack{m.sequence, self_.id}));
  answer_stranger(m, in, now);
}

/// Who pings and is not a living member here does not know it: tell it.
void swim::answer_stranger(const ping& m, const arrival& in, time_point now) {
  const member* source = table_.find(m.source);
  if (source == nullptr) {
    if (stranger_at_ && now - *stranger_at_ < seconds(1)) return;
    stranger_at_ = now;
    offer_to(in.from, in.version);
    return;
  }
  if (source->is_live()) return;
  const member* holder = table_.holder(source->record.at);
  if (holder != nullptr && holder != source) {
    reply(in, encode(alive{holder->record}));
    return;
  }
  const node_id from = source->state == status::left ? m.source : self_.id;
  reply(in, encode(dead{m.source, source->record.incarnation, from}));
}

void swim::on(const ping_request& m, const arrival& in, time_point now) {
  if (relays_.size() >= relays_max) {
    ++counters_.relays_refused;
    return;
  }
  const std::uint32_t sequence = ++sequence_;
  relays_[sequence] = {in.from,  m.sequence,       in.version,
                       m.target, now + m.patience, now + 3 * m.patience};
  const member* known = table_.find(m.target);
  if (known != nullptr && known->is_live()) {
    send_ping(*known, sequence);
  } else {
    const std::string first = encode(ping{sequence, m.target, self_.id});
    post(m.target_at, packet_with_rumours(self_.versions.min, first));
  }
}

void swim::on(const ack& m, const arrival& in, time_point now) {
  if (twin_ && m.sequence == twin_sequence_ && m.source == *twin_) {
    const member* twin = table_.find(*twin_);
    tell(notice_kind::name_taken, twin == nullptr ? self_ : twin->record);
    twin_.reset();
    begin_leave(now);
    return;
  }
  if (probe_ && m.sequence == probe_->sequence && m.source == probe_->target) {
    if (probe_->acked) return;
    probe_->acked = true;
    health_.improve();
    const bool direct = in.via == channel::datagram;
    link_only_in_a_row_ = direct ? 0 : link_only_in_a_row_ + 1;
    if (!direct) ++counters_.acks_by_link;
    if (direct && probe_->indirect_sent) ++counters_.acks_by_relay;
    if (link_only_in_a_row_ == 5) tell_rarely(notice_kind::udp_blocked, self_, now);
    return;
  }
  const auto relayed = relays_.find(m.sequence);
  if (relayed == relays_.end() || relayed->second.target != m.source) return;
  const relay r = relayed->second;
  relays_.erase(relayed);
  post(r.origin, packet_with_rumours(r.version, encode(ack{r.origin_sequence, m.source})));
}

void swim::on(const nack& m, const arrival&, time_point) {
  if (probe_ && m.sequence == probe_->sequence && probe_->nacks_missing > 0) {
    --probe_->nacks_missing;
  }
}

/// An earlier boot with our name is asked directly: only if it answers is the name taken.
void swim::check_twin() {
  if (!twin_) return;
  const member* m = table_.find(*twin_);
  if (m == nullptr || !m->is_live()) {
    twin_.reset();
    return;
  }
  twin_sequence_ = ++sequence_;
  send_ping(*m, twin_sequence_);
}

}  // namespace gossamer::membership
