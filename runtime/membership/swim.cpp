#include "runtime/membership/swim.hpp"

#include "runtime/membership/codec.hpp"

#include <algorithm>
#include <utility>

namespace gossamer::membership {

namespace {

node_id drawn_id(random_source& random) {
  const std::uint64_t high = random.next() | 1U;  // never zero: zero means nobody
  return {high, random.next()};
}

}  // namespace

duration swim::drawn_phase(duration interval) {
  return duration(
      static_cast<duration::rep>(random_.below(static_cast<std::uint64_t>(interval.count()) + 1)));
}

swim::swim(settings s, random_source& random, time_point now)
    : settings_(std::move(s)),
      random_(random),
      started_(now),
      health_(settings_.timing.health_levels),
      sequence_(static_cast<std::uint32_t>(random.next())),
      offers_since_(now),
      last_gossip_(now - settings_.timing.gossip_interval) {
  self_.id = drawn_id(random);
  self_.epoch = settings_.epoch;
  self_.name = settings_.name.substr(0, name_bytes_max);
  if (self_.name.empty()) self_.name = self_.id.text();
  self_.at = settings_.at;
  self_.tag = settings_.tag.value_or(
      node_tag{static_cast<std::uint32_t>(random.below(node_tag_max + 1ULL))});
  self_.versions = settings_.versions;
  self_.metadata = settings_.metadata.substr(0, metadata_bytes_max);
}

actions swim::start(time_point now) {
  const profile& p = settings_.timing;
  running_ = true;
  wake_ = never;
  probe_at_ = now + drawn_phase(p.probe_interval);
  sync_at_ = now + drawn_phase(p.sync_interval);
  heal_at_ = now + drawn_phase(p.heal_interval);
  join_at_ = now;
  run_join(now);
  return finish(now);
}

actions swim::tick(time_point now) {
  if (!running_) return finish(now);
  judge_pause(now);
  wake_ = never;
  run_leave(now);
  run_suspicions(now);
  run_relays(now);
  run_probe(now);
  run_join(now);
  run_sync(now);
  run_heal(now);
  return finish(now);
}

actions swim::receive(time_point now, const address& from, std::string_view payload, channel via) {
  if (!running_) return finish(now);
  const std::size_t max = via == channel::datagram ? datagram_payload_max : link_payload_max;
  const auto decoded = decode(payload, self_.versions, max);
  if (!decoded) {
    ++(decoded.error() == errc::wrong_version ? counters_.wrong_version : counters_.malformed);
    return finish(now);
  }
  counters_.skipped_messages += decoded->skipped_count;
  const arrival in{from, via, decoded->version};
  for (const message& m : decoded->messages) handle(m, in, now);
  return finish(now);
}

void swim::handle(const message& m, const arrival& in, time_point now) {
  const bool whole_view = std::holds_alternative<sync_offer>(m) ||
                          std::holds_alternative<sync_state>(m) ||
                          std::holds_alternative<sync_same>(m);
  if (whole_view && in.via == channel::datagram) {
    ++counters_.misplaced;
    return;
  }
  std::visit([&](const auto& known) { on(known, in, now); }, m);
}

actions swim::finish(time_point now) {
  if (running_ && !rumours_.empty()) run_gossip(now);
  // A tick that is overdue stays overdue until it comes: that is how a pause is seen. What is
  // merely due earlier than was known, such as a confirmed suspicion, is due now.
  if (wake_ >= now) wake_ = std::max(next_wake(), now);
  out_.wake = wake_;
  return std::exchange(out_, {});
}

time_point swim::next_wake() const {
  if (!running_) return never;
  time_point wake = std::min({probe_at_, sync_at_, heal_at_, join_at_, leave_at_});
  if (!rumours_.empty()) wake = std::min(wake, gossip_at_);
  if (probe_ && !probe_->acked && !probe_->indirect_sent) {
    wake = std::min(wake, probe_->indirect_at);
  }
  if (!expiries_.empty()) wake = std::min(wake, expiries_.begin()->first);
  for (const auto& [sequence, r] : relays_) {
    wake = std::min(wake, r.nacked ? r.forget_at : r.nack_at);
  }
  return wake;
}

/// A tick that comes late by more than two intervals: this node stood still, so what it believes to
/// have missed says nothing about the others.
void swim::judge_pause(time_point now) {
  const profile& p = settings_.timing;
  if (wake_ == never || now <= wake_ || now - wake_ <= 2 * p.probe_interval) return;
  ++counters_.pauses;
  health_.set_worst();
  probe_.reset();
  relays_.clear();
  probe_at_ = now;
  const time_point until = now + health_.scaled(p.probe_interval);
  const auto deadlines = std::exchange(expiries_, {});
  for (const auto& [deadline, id] : deadlines) {
    member* m = table_.find(id);
    m->suspected->defer(until);
    expiries_.emplace(m->suspected->deadline(), id);
  }
  tell(notice_kind::paused, self_);
}

actions swim::link_heard(time_point now, const node_id& id) {
  member* m = table_.find(id);
  if (!running_ || m == nullptr) return finish(now);
  m->link_heard_at = now;
  if (m->state == status::suspect) {
    ++counters_.vetoes;
    rumours_.forget(id);
    change_state(*m, status::alive, now);
    tell(notice_kind::recovered, m->record);
  }
  return finish(now);
}

actions swim::seeds_resolved(time_point now, std::vector<address> seeds) {
  settings_.seeds = std::move(seeds);
  if (running_ && !joined_) join_at_ = now;
  return finish(now);
}

std::vector<node_id> swim::with_tag(node_tag tag) const {
  std::vector<node_id> found;
  if (self_.has_tag(tag)) found.push_back(self_.id);
  for (const member* m : table_.live()) {
    if (m->record.has_tag(tag)) found.push_back(m->record.id);
  }
  return found;
}

std::uint64_t swim::digest() const {
  return table_.digest() ^ member_table::digest_of(self_);
}

void swim::reply(const arrival& in, const std::string& encoded) {
  if (in.via == channel::link) {
    out_.reliables.push_back({in.from, begin_packet(in.version) + encoded});
  } else {
    post(in.from, packet_with_rumours(in.version, encoded));
  }
}

void swim::post(const address& to, std::string payload) {
  out_.datagrams.push_back({to, std::move(payload)});
}

void swim::post_reliable(const address& to, std::uint8_t version, const message& m) {
  out_.reliables.push_back({to, begin_packet(version) + encode(m)});
}

void swim::tell(notice_kind kind, const member_record& about) {
  out_.notices.push_back({kind, about});
}

/// What strangers can provoke is reported at most every 10 s.
void swim::tell_rarely(notice_kind kind, const member_record& about, time_point now) {
  const auto told = told_at_.find(kind);
  if (told != told_at_.end() && now - told->second < seconds(10)) return;
  told_at_[kind] = now;
  tell(kind, about);
}

/// The newest version that both read.
std::uint8_t swim::version_for(const member& m) const {
  return std::min(self_.versions.current, m.record.versions.max);
}

std::string swim::packet_with_rumours(std::uint8_t version, std::string_view first) {
  std::string payload = begin_packet(version).append(first);
  rumours_.take(payload, datagram_payload_max, datagram_messages_max - 4,
                retransmits(settings_.timing, size()));
  return payload;
}

void swim::spread_self() {
  rumours_.replace(self_.id, encode(alive{self_}));
}

}  // namespace gossamer::membership
