#include "tests/simulation/message_load.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <utility>

namespace gossamer::simulation {

using namespace gossamer::cluster;

namespace {

std::int64_t number_in(std::string_view text) {
  std::int64_t number = -1;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::uint64_t count_of(const node_id& id) {
  return id.low >> 1U;
}

}  // namespace

// -- what others say ------------------------------------------------------------------------------

void message_load::heard(exchange_effects::delivery d) {
  hear(d.from, d.what);
  if (work_max_ == duration{}) return node_.touch_exchange().consumed(d.from, d.place, node_.now());
  const auto slow = work_max_ / 1000 * static_cast<int>(node_.random().below(1000));
  jobs_.push_back({node_.now() + slow, d.from, d.place});
}

void message_load::hear(const node_id& from, const message& m) {
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
    heard_question(from, *c);
  } else if (const auto* a = std::get_if<broadcast_ack>(&m)) {
    heard_number(from, number_in(a->image.nsp));
    asked_acks(from, *a);
  } else if (const auto* e = std::get_if<server_emit>(&m)) {
    heard_number(from, number_in(e->image.nsp));
  }
}

void message_load::heard_question(const node_id& from, const count_sockets& m) {
  heard_number(from, number_in(m.nsp));
  const std::uint64_t mood = node_.random().below(40);
  if (mood == 0) return;  // it never answers
  const socket_count answer{m.request, count_of(node_.self())};
  tell({from}, answer);
  if (mood == 1) tell({from}, answer);
}

/// Invariants 1 and 2.
void message_load::heard_number(const node_id& from, std::int64_t number) {
  auto& last = from_[from].last;
  if (number <= last) {
    wrong_(fmt::format("hears {} of {:04x} after {}", number, from.low & 0xffffU, last));
  }
  last = number;
}

/// Invariant 3: what follows a leave finds nobody in the room, what follows a join finds somebody.
void message_load::heard_broadcast(const node_id& from, const broadcast& m) {
  ++broadcasts_heard_;
  heard_number(from, number_in(m.image.json.view().substr(5)));
  const from_peer& f = from_[from];
  const std::string& room = m.to.rooms.at(0);
  if (room != "inside" && room != "outside") return;
  if ((room == "inside") != f.inside && !f.gap) {
    wrong_(fmt::format("a broadcast of {:04x} overtook a join or leave", from.low & 0xffffU));
  }
}

void message_load::asked_acks(const node_id& from, const broadcast_ack& m) {
  const time_point now = node_.now();
  const owed_acks::key k{"/", ++ack_ids_};
  auto& owed = node_.touch_exchange().owed();
  if (!owed.open(k, from, m, now)) {
    tell({from}, refused{m.request, "full"});
    return;
  }
  for (int i = 0; i < sockets_of_a_node; ++i) {
    const socket_id socket = socket_at(i);
    (void)owed.expect(k, socket);
    if (node_.random().below(60) == 0) continue;  // this client never answers
    late_.push_back(
        {now + milliseconds(node_.random().below(300)), k, socket, node_.random().below(5) == 0});
    if (node_.random().below(10) == 0) late_.push_back(late_.back());  // and this one twice
  }
  if (const auto r = owed.close(k)) tell({r->to}, r->what);
}

void message_load::answer_late() {
  const time_point now = node_.now();
  for (auto at = late_.begin(); at != late_.end();) {
    if (at->when > now) {
      ++at;
      continue;
    }
    auto& owed = node_.touch_exchange().owed();
    const auto r = at->leaves ? owed.left(at->key, at->socket)
                              : owed.answer(at->key, at->socket, bytes("[1]"), {});
    at = late_.erase(at);
    if (!r) continue;
    if (r->to == node_.self()) {
      node_.touch_exchange().hear(r->what, now);
    } else {
      tell({r->to}, r->what);
      const bool again = node_.random().below(20) == 0;
      if (again) tell({r->to}, r->what);
    }
  }
}

template <class Outcome>
void message_load::check_asked(const Outcome& r, const asked& a,
                               const std::vector<member>& missing) {
  for (const member& m : r.gone) {
    if (!a.died.contains(m.id)) wrong_("calls a member gone that is not: " + m.name);
  }
  for (const member& m : missing) {
    if (a.died.contains(m.id) && !a.refused_maybe.contains(m.id)) {
      wrong_("waits for a member that is dead: " + m.name);
    }
  }
  if (r.timed_out != (node_.now() >= a.deadline) && r.timed_out) wrong_("a request ends too early");
  if (r.timed_out && missing.empty()) wrong_("a request waits though nobody is missing");
  if (r.complete != missing.empty()) wrong_("a request is complete without an answer");
}

void message_load::ended(const request_outcome& r) {
  const auto at = open_.find(r.id);
  if (at == open_.end()) return wrong_("a request ends twice");
  check_asked(r, at->second, r.missing);
  for (const auto& answer : r.answers) {
    const auto* count = std::get_if<socket_count>(&answer.parts.at(0));
    if (answer.parts.size() != 1 || count == nullptr || count->count != count_of(answer.from.id)) {
      wrong_("a request has the wrong answer of " + answer.from.name);
    }
  }
  if (r.answers.size() + r.missing.size() + r.gone.size() != at->second.members.size()) {
    wrong_("a request loses a member");
  }
  open_.erase(at);
}

void message_load::ended(const ack_outcome& r) {
  const auto at = open_.find(r.id);
  if (at == open_.end()) return wrong_("acks end twice");
  std::vector<member> missing;
  for (const auto& m : r.missing) missing.push_back(m.node);
  check_asked(r, at->second, missing);
  std::set<socket_id> once;
  for (const auto& answer : r.answers) {
    if (!once.insert(answer.socket).second) wrong_("an answer counts twice");
  }
  const std::size_t sockets = r.answers.size() + r.left_count;
  const std::size_t nodes = at->second.members.size();
  if (sockets > nodes * sockets_of_a_node) wrong_("more sockets answered than were asked");
  if (r.complete && sockets < (nodes - r.gone.size()) * sockets_of_a_node) {
    wrong_("acks are complete without an answer");
  }
  open_.erase(at);
}

}  // namespace gossamer::simulation
