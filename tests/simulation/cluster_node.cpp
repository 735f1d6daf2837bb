#include "tests/simulation/cluster_node.hpp"

#include "runtime/membership/wire.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <utility>

namespace gossamer::simulation {

using namespace gossamer::cluster;
using membership::notice_kind;

namespace {

constexpr char cluster_bytes = 'c';
constexpr std::size_t header_bytes = 33;
constexpr int sockets_of_a_node = 3;

void put_id(std::string& out, const node_id& id) {
  membership::wire::put_fixed(out, id.high, 8);
  membership::wire::put_fixed(out, id.low, 8);
}

node_id take_id(membership::wire::reader& in) {
  const std::uint64_t high = in.fixed(8);
  return {high, in.fixed(8)};
}

std::int64_t number_in(std::string_view text) {
  std::int64_t number = -1;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

socket_id socket_of(std::uint64_t boot, int index) {
  return *socket_id::parse(fmt::format("{:020}", boot * 10 + static_cast<std::uint64_t>(index)));
}

std::uint64_t count_of(const node_id& id) {
  return id.low >> 1U;
}

member member_of(const membership::member_record& r) {
  return {r.id, r.name};
}

exchange_settings settings_of(const cluster_options& options, const membership_node& members) {
  exchange_settings s;
  s.self = member_of(members.swim().self());
  s.link = options.link;
  return s;
}

}  // namespace

cluster_node::cluster_node(environment& env, const boot_info& boot, cluster_options options,
                           time_point now, listener heard)
    : env_(env),
      options_(std::move(options)),
      heard_(std::move(heard)),
      now_(now),
      members_(env, boot, options_.membership, now,
               [this](const membership_node&, const membership::notice& n) { noticed(n); }),
      exchange_(settings_of(options_, members_)) {}

void cluster_node::start(time_point now) {
  now_ = now;
  work_at_ = now + milliseconds(50);
  members_.start(now);
  settle(now);
}

void cluster_node::datagram(time_point now, const address& from, std::string_view bytes) {
  now_ = now;
  members_.datagram(now, from, bytes);
  settle(now);
}

void cluster_node::link_message(time_point now, const address& from, std::string_view bytes) {
  now_ = now;
  if (bytes.empty() || bytes[0] != cluster_bytes) {
    members_.link_message(now, from, bytes);
    settle(now);
    return;
  }
  membership::wire::reader in(bytes.substr(1));
  const node_id source = take_id(in);
  const node_id target = take_id(in);
  if (in.failed() || target != members_.swim().self().id) return;
  const error_code failed = exchange_.receive(source, bytes.substr(header_bytes), now);
  if (failed && failed != errc::unknown_peer) wrong("cannot read a blob: " + failed.message());
  settle(now);
}

void cluster_node::link_lost(time_point now, const address& peer) {
  now_ = now;
  std::vector<node_id> there;
  for (const auto* m : members_.swim().live()) {
    if (m->record.at == peer) there.push_back(m->record.id);
  }
  for (const node_id& id : there) exchange_.connection_lost(id);
  settle(now);
}

void cluster_node::tick(time_point now) {
  now_ = now;
  members_.tick(now);
  finish_jobs(now);
  answer_late(now);
  if (now >= work_at_) work(now);
  settle(now);
}

time_point cluster_node::wake() const {
  time_point first = std::min({members_.wake(), work_at_, exchange_.wake()});
  for (const job& j : jobs_) first = std::min(first, j.done_at);
  for (const late_answer& l : late_) first = std::min(first, l.when);
  return first;
}

void cluster_node::leave(time_point now) {
  now_ = now;
  work_at_ = time_point::max();
  members_.leave(now);
  settle(now);
}

// -- members --------------------------------------------------------------------------------------

void cluster_node::noticed(const membership::notice& n) {
  if (heard_.member) heard_.member(members_, n);
  switch (n.kind) {
    case notice_kind::up: return up(n.about);
    case notice_kind::down: return gone(n.about, false);
    case notice_kind::left:
    case notice_kind::replaced: return gone(n.about, true);
    case notice_kind::renewed: return renewed(n.about);
    default: return;
  }
}

void cluster_node::up(const membership::member_record& r) {
  exchange_.member_up(member_of(r), options_.previous_version ? 1 : version_max);
}

void cluster_node::gone(const membership::member_record& r, bool for_ever) {
  accounts_[r.id].taken_before = taken_for(r.id);
  for (auto& [id, a] : open_) {
    if (a.members.contains(r.id)) a.died.insert(r.id);
  }
  exchange_.member_gone(r.id, for_ever);
}

/// What waits goes out under the new id; what the links have sent went out under the old one.
void cluster_node::renewed(const membership::member_record& r) {
  std::map<node_id, account> fresh;
  for (const node_id& id : peers()) {
    const auto* out = exchange_.outgoing(id);
    const auto* in = exchange_.incoming(id);
    if (out != nullptr) fresh[id].taken_before = 0 - out->counters().sent;
    if (in != nullptr) fresh[id].came_before = in->counters().received;
  }
  exchange_.renewed(member_of(r));
  settle(now_);
  accounts_ = std::move(fresh);
}

std::uint64_t cluster_node::taken_for(const node_id& peer) const {
  const auto at = accounts_.find(peer);
  const std::uint64_t before = at == accounts_.end() ? 0 : at->second.taken_before;
  const auto* out = exchange_.outgoing(peer);
  return out == nullptr ? before : before + out->counters().sent + out->queued_count();
}

std::vector<node_id> cluster_node::peers() const {
  std::vector<node_id> ids;
  for (const auto* m : members_.swim().live()) ids.push_back(m->record.id);
  return ids;
}

// -- effects --------------------------------------------------------------------------------------

/// The end of a turn.
void cluster_node::settle(time_point now) {
  exchange_.tick(now);
  auto todo = exchange_.take(now);
  for (const link_notice& n : todo.notices) take_notice(n);
  for (auto& d : todo.deliveries) {
    from_peer& f = from_[d.from];
    if (std::exchange(f.session, d.place.session) != d.place.session) f.gap = true;
    heard(d.from, d.what, now);
    const auto slow = options_.work_max / 1000 * static_cast<int>(env_.random().below(1000));
    jobs_.push_back({now + slow, std::move(d)});
  }
  for (const auto& r : todo.requests) ended(r);
  for (const auto& a : todo.acks) ended(a);
  for (const auto& b : todo.blobs) transmit(b);
}

void cluster_node::transmit(const exchange_effects::outgoing_blob& b) {
  const auto* m = members_.swim().find(b.to);
  if (m == nullptr) return;
  int copies = 1;
  if (now_ < options_.faults_until) {
    if (env_.random().below(1000) < options_.lost_of_1000) copies = 0;
    if (env_.random().below(1000) < options_.doubled_of_1000) copies = 2;
  }
  std::string out(1, cluster_bytes);
  put_id(out, members_.swim().self().id);
  put_id(out, b.to);
  out += b.content.view();
  for (; copies > 0; --copies) env_.send_link(m->record.at, out);
}

void cluster_node::take_notice(const link_notice& n) {
  account& a = accounts_[n.peer];
  switch (n.what) {
    case link_event::lost:
      a.lost += n.count;
      a.reported += n.count;
      return;
    case link_event::unconfirmed:
    case link_event::unsent: a.reported += n.count; return;
    case link_event::missed:
      a.missed += n.count;
      from_[n.peer].gap = true;
      return;
    default: return;
  }
}

void cluster_node::finish_jobs(time_point now) {
  for (auto at = jobs_.begin(); at != jobs_.end();) {
    if (at->done_at > now) {
      ++at;
      continue;
    }
    exchange_.consumed(at->what.from, at->what.place, now);
    at = jobs_.erase(at);
  }
}

// -- what others say ------------------------------------------------------------------------------

void cluster_node::heard(const node_id& from, const message& m, time_point now) {
  if (const auto* b = std::get_if<broadcast>(&m)) {
    heard_broadcast(from, *b);
  } else if (const auto* j = std::get_if<sockets_join>(&m)) {
    heard_number(from, number_in(j->rooms.at(0)));
    from_[from].inside = true;
    from_[from].gap = false;
  } else if (const auto* l = std::get_if<sockets_leave>(&m)) {
    heard_number(from, number_in(l->rooms.at(0)));
    from_[from].inside = false;
    from_[from].gap = false;
  } else if (const auto* c = std::get_if<count_sockets>(&m)) {
    heard_number(from, number_in(c->nsp));
    const std::uint64_t mood = env_.random().below(40);
    if (mood == 0) return;  // it never answers
    const socket_count answer{c->request, count_of(members_.swim().self().id)};
    (void)exchange_.send(from, answer, importance::control, now);
    if (mood == 1) (void)exchange_.send(from, answer, importance::control, now);
  } else if (const auto* a = std::get_if<broadcast_ack>(&m)) {
    heard_number(from, number_in(a->image.nsp));
    asked_acks(from, *a, now);
  }
}

/// Invariants 1 and 2.
void cluster_node::heard_number(const node_id& from, std::int64_t number) {
  auto& last = from_[from].last;
  if (number <= last) {
    wrong(fmt::format("hears {} of {:04x} after {}", number, from.low & 0xffffU, last));
  }
  last = number;
}

/// Invariant 3: what follows a leave finds nobody in the room, what follows a join finds somebody.
void cluster_node::heard_broadcast(const node_id& from, const broadcast& m) {
  ++broadcasts_heard_;
  heard_number(from, number_in(m.image.json.view().substr(5)));
  const from_peer& f = from_[from];
  const bool inside = m.to.rooms.at(0) == "inside";
  if (inside != f.inside && !f.gap) {
    wrong(fmt::format("a broadcast of {:04x} overtook a join or leave", from.low & 0xffffU));
  }
}

void cluster_node::asked_acks(const node_id& from, const broadcast_ack& m, time_point now) {
  const owed_acks::key k{"/", ++ack_ids_};
  auto& owed = exchange_.owed();
  if (!owed.open(k, from, m, now)) {
    (void)exchange_.send(from, refused{m.request, "full"}, importance::control, now);
    return;
  }
  for (int i = 0; i < sockets_of_a_node; ++i) {
    const socket_id socket = socket_of(boot().boot, i);
    (void)owed.expect(k, socket);
    if (env_.random().below(60) == 0) continue;  // this client never answers
    late_.push_back(
        {now + milliseconds(env_.random().below(300)), k, socket, env_.random().below(5) == 0});
    if (env_.random().below(10) == 0) late_.push_back(late_.back());  // and this one twice
  }
  if (const auto r = owed.close(k)) {
    (void)exchange_.send(r->to, r->what, importance::control, now);
  }
}

void cluster_node::answer_late(time_point now) {
  for (auto at = late_.begin(); at != late_.end();) {
    if (at->when > now) {
      ++at;
      continue;
    }
    auto& owed = exchange_.owed();
    const auto r = at->leaves ? owed.left(at->key, at->socket)
                              : owed.answer(at->key, at->socket, bytes("[1]"), {});
    at = late_.erase(at);
    if (!r) continue;
    if (r->to == members_.swim().self().id) {
      exchange_.hear(r->what, now);
    } else {
      (void)exchange_.send(r->to, r->what, importance::control, now);
      const bool again = env_.random().below(20) == 0;
      if (again) (void)exchange_.send(r->to, r->what, importance::control, now);
    }
  }
}

template <class Outcome>
void cluster_node::check_asked(const Outcome& r, const asked& a,
                               const std::vector<member>& missing) {
  for (const member& m : r.gone) {
    if (!a.died.contains(m.id)) wrong("calls a member gone that is not: " + m.name);
  }
  for (const member& m : missing) {
    if (a.died.contains(m.id) && !a.refused_maybe.contains(m.id)) {
      wrong("waits for a member that is dead: " + m.name);
    }
  }
  if (r.timed_out != (now_ >= a.deadline) && r.timed_out) wrong("a request ends too early");
  if (r.timed_out && missing.empty()) wrong("a request waits though nobody is missing");
  if (r.complete != missing.empty()) wrong("a request is complete without an answer");
}

void cluster_node::ended(const request_outcome& r) {
  ++requests_ended_;
  const auto at = open_.find(r.id);
  if (at == open_.end()) return wrong("a request ends twice");
  check_asked(r, at->second, r.missing);
  for (const auto& answer : r.answers) {
    const auto* count = std::get_if<socket_count>(&answer.parts.at(0));
    if (answer.parts.size() != 1 || count == nullptr || count->count != count_of(answer.from.id)) {
      wrong("a request has the wrong answer of " + answer.from.name);
    }
  }
  if (r.answers.size() + r.missing.size() + r.gone.size() != at->second.members.size()) {
    wrong("a request loses a member");
  }
  open_.erase(at);
}

void cluster_node::ended(const ack_outcome& r) {
  ++requests_ended_;
  const auto at = open_.find(r.id);
  if (at == open_.end()) return wrong("acks end twice");
  std::vector<member> missing;
  for (const auto& m : r.missing) missing.push_back(m.node);
  check_asked(r, at->second, missing);
  std::set<socket_id> once;
  for (const auto& answer : r.answers) {
    if (!once.insert(answer.socket).second) wrong("an answer counts twice");
  }
  const std::size_t sockets = r.answers.size() + r.left_count;
  const std::size_t nodes = at->second.members.size();
  if (sockets > nodes * sockets_of_a_node) wrong("more sockets answered than were asked");
  if (r.complete && sockets < (nodes - r.gone.size()) * sockets_of_a_node) {
    wrong("acks are complete without an answer");
  }
  open_.erase(at);
}

// -- the load -------------------------------------------------------------------------------------

void cluster_node::work(time_point now) {
  if (now >= options_.load_until) {
    work_at_ = time_point::max();
    return;
  }
  work_at_ = now + milliseconds(10 + env_.random().below(250));
  const std::uint64_t drawn = env_.random().below(12);
  if (drawn == 0) return ask_count(now);
  if (drawn == 1) return ask_acks(now);
  for (std::uint64_t burst = env_.random().below(30) == 0 ? 60 : 1; burst > 0; --burst) say(now);
}

void cluster_node::say(time_point now) {
  const auto to = peers();
  const std::int64_t number = number_++;
  const std::string room = fmt::to_string(number);
  std::vector<std::pair<node_id, error_code>> failed;
  if (env_.random().below(6) == 0) {
    inside_ = !inside_;
    message m = sockets_leave{"/", {}, {room}};
    if (inside_) m = sockets_join{"/", {}, {room}};
    failed = exchange_.send(to, m, importance::control, now);
    // Whoever did not hear of it would rightly not know; it is told with the next change.
    for (const auto& [id, why] : failed) {
      if (why == errc::link_full) wrong("has no room left for a join or leave");
    }
    return;
  }
  broadcast m{{"/", bytes(fmt::format("[\"n\",{}]", number)), {}, false, true},
              {{inside_ ? "inside" : "outside"}, {}},
              {}};
  m.image.is_volatile = env_.random().below(5) == 0;
  (void)exchange_.send(to, m, m.image.is_volatile ? importance::optional : importance::data, now);
}

cluster_node::asked cluster_node::new_request(const std::vector<node_id>& to, duration timeout,
                                              time_point now) const {
  asked a;
  a.deadline = now + timeout;
  a.members.insert(to.begin(), to.end());
  for (const node_id& id : to) {
    const auto* out = exchange_.outgoing(id);
    if (out == nullptr) a.died.insert(id);
    if (out != nullptr && out->queued_count() > 0) a.refused_maybe.insert(id);
  }
  return a;
}

void cluster_node::ask_count(time_point now) {
  const auto to = peers();
  const duration timeout = seconds(3 + env_.random().below(4));
  const count_sockets question{{}, fmt::to_string(number_++), {}};
  const asked a = new_request(to, timeout, now);
  const auto id = exchange_.request(to, question, timeout, now);
  if (!id) return wrong("cannot ask: " + id.error().message());
  open_[*id] = a;
}

void cluster_node::ask_acks(time_point now) {
  auto to = peers();
  broadcast_ack question;
  question.timeout = milliseconds(3000 + env_.random().below(4000));
  question.image = {fmt::to_string(number_++), bytes("[\"ask\"]"), {}, false, true};
  asked a = new_request(to, question.timeout, now);
  const auto id = exchange_.request_acks(to, true, question, now);
  if (!id) return wrong("cannot ask for acks: " + id.error().message());
  const node_id self = members_.swim().self().id;
  a.members.insert(self);
  open_[*id] = a;
  question.request = *id;
  const owed_acks::key k{"/", ++ack_ids_};
  auto& owed = exchange_.owed();
  if (!owed.open(k, self, question, now)) return wrong("has no room for its own acks");
  (void)owed.expect(k, socket_of(boot().boot, 0));
  for (int i = 0; i < sockets_of_a_node; ++i) {
    (void)owed.expect(k, socket_of(boot().boot, i));
    late_.push_back({now + milliseconds(50), k, socket_of(boot().boot, i), false});
  }
  exchange_.hear(owed.close(k)->what, now);
}

// -- audits ---------------------------------------------------------------------------------------

void cluster_node::audit(time_point now) const {
  for (const auto& [id, a] : open_) {
    if (now > a.deadline + seconds(1)) wrong("a request has not ended");
    const bool nobody =
        std::includes(a.died.begin(), a.died.end(), a.members.begin(), a.members.end());
    if (nobody) wrong("a request waits for the dead only");
  }
  for (const auto* m : members_.swim().live()) {
    const auto* out = exchange_.outgoing(m->record.id);
    if (out == nullptr) {
      wrong("has no link to a member");
    } else if (out->queued_bytes() > options_.link.queue_bytes_max + options_.link.reserve_bytes ||
               out->flying_bytes() > options_.link.window_bytes) {
      wrong("a link is over its bounds");
    }
  }
}

void cluster_node::audit_calm() const {
  if (!open_.empty() || exchange_.requests().size() + exchange_.acks().size() != 0) {
    wrong("requests are open though nobody asks");
  }
  if (exchange_.requests().kept_bytes() + exchange_.acks().kept_bytes() != 0) {
    wrong("keeps bytes of requests that have ended");
  }
  for (const auto* m : members_.swim().live()) {
    const auto* out = exchange_.outgoing(m->record.id);
    const auto* in = exchange_.incoming(m->record.id);
    if (out == nullptr || in == nullptr) continue;
    if (out->queued_count() != 0) wrong("messages still wait for " + m->record.name);
    if (out->flying_bytes() != 0) wrong("messages to " + m->record.name + " were never settled");
    if (in->outstanding_bytes() != 0) wrong("messages of " + m->record.name + " are not done");
    if (out->degraded()) wrong("still calls degraded: " + m->record.name);
  }
}

}  // namespace gossamer::simulation
