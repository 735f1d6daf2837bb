// What a node of the simulation says, what it expects to hear, and its audits.
#include "tests/simulation/cluster_node.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <utility>

namespace gossamer::simulation {

using namespace gossamer::cluster;

namespace {

constexpr int sockets_of_a_node = 3;

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

}  // namespace

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
