#include "runtime/cluster/exchange.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <type_traits>

namespace gossamer::cluster {

namespace {

/// The records of one message, encoded once for each version that is asked for.
class encoded_once {
 public:
  explicit encoded_once(const message& m) : message_(m) {}
  const result<bytes>& as(std::uint8_t version) {
    auto& kept = records_[version];
    if (!kept) kept.emplace(encode(message_, version));
    return *kept;
  }

 private:
  const message& message_;
  std::array<std::optional<result<bytes>>, version_max + 1> records_;
};

error_code push_to(outgoing_link& link, encoded_once& m, importance how, time_point now) {
  const auto& record = m.as(link.version());
  return record ? link.push(*record, how, now) : record.error();
}

template <class Message>
concept question = std::is_same_v<Message, fetch_sockets> ||
    std::is_same_v<Message, count_sockets> || std::is_same_v<Message, server_emit_ack>;

}  // namespace

std::string_view text_of(link_event what) {
  switch (what) {
    case link_event::degraded: return "degraded";
    case link_event::relieved: return "relieved";
    case link_event::lost: return "lost";
    case link_event::missed: return "missed";
    case link_event::restarted: return "restarted";
    case link_event::unconfirmed: return "unconfirmed";
    case link_event::unsent: return "unsent";
  }
  return "unknown";
}

// -- members --------------------------------------------------------------------------------------

void exchange::member_up(const member& who, std::uint8_t speaks) {
  peer& p = peers_.try_emplace(who.id, settings_.link).first->second;
  p.who = who;
  const std::uint8_t version = std::clamp(speaks, version_min, version_max);
  if (!p.out) p.out.emplace(settings_.link, version, ++last_session_);
}

void exchange::member_gone(const node_id& who, bool for_ever) {
  const auto at = peers_.find(who);
  if (at == peers_.end()) return;
  if (at->second.out) {
    notice(who, link_event::unconfirmed, at->second.out->connection_lost(0));
    notice(who, link_event::unsent, at->second.out->close());
    at->second.out.reset();
  }
  at->second.degraded = false;
  requests_.member_gone(who);
  acks_.member_gone(who);
  owed_.origin_gone(who);
  if (for_ever) {
    peers_.erase(at);
  } else {
    forget_surplus();
  }
}

void exchange::renewed(const member& self) {
  settings_.self = self;
  for (auto& [id, p] : peers_) connection_lost(id);
}

void exchange::forget_surplus() {
  std::size_t gone = 0;
  for (const auto& [id, p] : peers_) gone += p.out ? 0U : 1U;
  for (auto at = peers_.begin(); gone > remembered_max && at != peers_.end();) {
    if (at->second.out) {
      ++at;
    } else {
      at = peers_.erase(at);
      --gone;
    }
  }
}

bool exchange::is_up(const node_id& who) const {
  return outgoing(who) != nullptr;
}

const outgoing_link* exchange::outgoing(const node_id& peer) const {
  const auto at = peers_.find(peer);
  return at == peers_.end() || !at->second.out ? nullptr : &*at->second.out;
}

const incoming_link* exchange::incoming(const node_id& peer) const {
  const auto at = peers_.find(peer);
  return at == peers_.end() ? nullptr : &at->second.in;
}

// -- to others ------------------------------------------------------------------------------------

error_code exchange::send(const node_id& to, const message& m, importance how, time_point now) {
  const auto failed = send(std::span(&to, 1), m, how, now);
  return failed.empty() ? error_code() : failed.front().second;
}

std::vector<std::pair<node_id, error_code>> exchange::send(std::span<const node_id> to,
                                                           const message& m, importance how,
                                                           time_point now) {
  std::vector<std::pair<node_id, error_code>> failed;
  encoded_once once(m);
  for (const node_id& id : to) {
    const auto at = peers_.find(id);
    if (at == peers_.end() || !at->second.out) {
      failed.emplace_back(id, errc::unknown_peer);
      continue;
    }
    const error_code why = push_to(*at->second.out, once, how, now);
    if (why) failed.emplace_back(id, why);
    watch_degraded(at->second);
  }
  return failed;
}

std::vector<member> exchange::members_of(std::span<const node_id> ids) const {
  std::vector<member> members;
  for (const node_id& id : ids) {
    const auto at = peers_.find(id);
    members.push_back(at == peers_.end() ? member{id, {}} : at->second.who);
  }
  return members;
}

result<request_id> exchange::request(std::span<const node_id> of, message asked, duration timeout,
                                     time_point now) {
  const request_id id = next_request();
  std::visit(
      [&](auto& m) {
        if constexpr (question<std::decay_t<decltype(m)>>) m.request = id;
      },
      asked);
  const auto members = members_of(of);
  if (const auto failed = requests_.start(id, members, timeout, now)) return failed;
  for (const auto& [who, why] : send(of, asked, importance::control, now)) {
    if (why == errc::unknown_peer) {
      requests_.member_gone(who);
    } else {
      (void)requests_.refuse(id, who);
    }
  }
  return id;
}

result<request_id> exchange::request_acks(std::span<const node_id> to, bool here, broadcast_ack m,
                                          time_point now) {
  m.request = next_request();
  auto members = members_of(to);
  if (here) members.push_back(settings_.self);
  if (const auto failed = acks_.start(m.request, members, m.timeout, now)) return failed;
  const request_id id = m.request;
  for (const auto& [who, why] : send(to, message(std::move(m)), importance::data, now)) {
    if (why == errc::unknown_peer) {
      acks_.member_gone(who);
    } else {
      (void)acks_.refuse(id, who);
    }
  }
  return id;
}

void exchange::hear(message answer, time_point) {
  (void)take_answer(settings_.self.id, answer, 0);
}

// -- from others ----------------------------------------------------------------------------------

error_code exchange::receive(const node_id& from, std::string_view blob_bytes, time_point now) {
  const auto at = peers_.find(from);
  if (at == peers_.end() || !at->second.out) {
    ++counters_.from_strangers;
    return errc::unknown_peer;
  }
  peer& p = at->second;
  auto decoded = decode(blob_bytes);
  if (!decoded) {
    ++counters_.refused_blobs;
    return decoded.error();
  }
  const std::uint64_t before = p.in.session();
  const std::uint64_t session = decoded->head.session;
  for (const message& m : decoded->of_the_link) {
    if (const auto failed = of_the_link(p, m, now)) return failed;
  }
  auto arrived = p.in.accept(std::move(*decoded), now);
  if (!arrived) {
    ++counters_.refused_blobs;
    return arrived.error();
  }
  if (before != 0 && p.in.session() != before) notice(from, link_event::restarted, 1);
  notice(from, link_event::missed, arrived->lost);
  for (numbered& m : arrived->messages) dispatch(p, session, std::move(m), now);
  return {};
}

error_code exchange::of_the_link(peer& p, const message& m, time_point now) {
  if (const auto* granted = std::get_if<credit>(&m)) {
    notice(p.who.id, link_event::lost, p.out->granted(*granted, now));
  } else if (const auto* asked = std::get_if<credit_query>(&m)) {
    notice(p.who.id, link_event::missed, p.in.queried(*asked));
  }
  return {};
}

void exchange::dispatch(peer& p, std::uint64_t session, numbered m, time_point now) {
  const message_place place{session, m.sequence};
  if (take_answer(p.who.id, m.what, m.size_bytes)) {
    p.in.consumed(place, now);
  } else {
    effects_.deliveries.push_back({p.who.id, place, std::move(m.what)});
  }
}

bool exchange::take_answer(const node_id& from, message& m, std::size_t size_bytes) {
  if (auto* found = std::get_if<sockets_found>(&m)) {
    const auto [id, part, last] = std::tuple(found->request, found->part, found->last);
    requests_.answer(id, from, part, last, std::move(m), size_bytes);
  } else if (auto* answered = std::get_if<server_answer>(&m)) {
    const request_id id = answered->request;
    requests_.answer(id, from, 0, true, std::move(m), size_bytes);
  } else if (auto* counted = std::get_if<socket_count>(&m)) {
    const request_id id = counted->request;
    requests_.answer(id, from, 0, true, std::move(m), size_bytes);
  } else if (const auto* no = std::get_if<refused>(&m)) {
    if (!requests_.refuse(no->request, from)) (void)acks_.refuse(no->request, from);
  } else if (const auto* many = std::get_if<ack_expect>(&m)) {
    acks_.expect(*many, from);
  } else if (auto* acked = std::get_if<ack_answer>(&m)) {
    acks_.answer(std::move(*acked), from);
  } else if (const auto* left = std::get_if<ack_left>(&m)) {
    acks_.left(*left, from);
  } else {
    return false;
  }
  return true;
}

void exchange::consumed(const node_id& from, const message_place& place, time_point now) {
  const auto at = peers_.find(from);
  if (at != peers_.end()) at->second.in.consumed(place, now);
}

void exchange::connection_lost(const node_id& peer) {
  const auto at = peers_.find(peer);
  if (at == peers_.end() || !at->second.out) return;
  notice(peer, link_event::unconfirmed, at->second.out->connection_lost(++last_session_));
}

// -- time -----------------------------------------------------------------------------------------

void exchange::notice(const node_id& peer, link_event what, std::uint64_t count) {
  if (count != 0) effects_.notices.push_back({peer, what, count});
}

void exchange::watch_degraded(peer& p) {
  if (p.degraded == p.out->degraded()) return;
  p.degraded = p.out->degraded();
  notice(p.who.id, p.degraded ? link_event::degraded : link_event::relieved, 1);
}

void exchange::tick(time_point now) {
  requests_.expire(now);
  acks_.expire(now);
  owed_.expire(now);
}

exchange_effects exchange::take(time_point now) {
  for (auto& [id, p] : peers_) {
    if (!p.out) continue;
    if (const auto due = p.in.due(now)) p.out->attach(*due);
    for (bytes& content : p.out->flush(now)) effects_.blobs.push_back({id, std::move(content)});
    watch_degraded(p);
  }
  effects_.requests = requests_.take_finished();
  effects_.acks = acks_.take_finished();
  return std::exchange(effects_, {});
}

time_point exchange::wake() const {
  time_point first = std::min({requests_.deadline(), acks_.deadline(), owed_.deadline()});
  for (const auto& [id, p] : peers_) {
    if (p.out) first = std::min({first, p.out->wake(), p.in.wake()});
  }
  return first;
}

}  // namespace gossamer::cluster
