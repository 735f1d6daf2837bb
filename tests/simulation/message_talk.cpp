// The load of messages: what a simulated node says and asks, its links' accounts, its audits.
#include "tests/simulation/message_load.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace gossamer::simulation {

using namespace gossamer::cluster;

namespace {

/// Digests and their like go on when all else is silent: so long they are on their way.
constexpr duration murmur = milliseconds(500);

}  // namespace

socket_id message_load::socket_at(int index) const {
  const std::uint64_t number = node_.boot().boot * 10 + static_cast<std::uint64_t>(index);
  return *socket_id::parse(fmt::format("{:020}", number));
}

void message_load::tell(const std::vector<node_id>& to, const message& m) {
  (void)node_.touch_exchange().send(to, m, importance::control, node_.now());
}

void message_load::work() {
  const std::uint64_t drawn = node_.random().below(12);
  if (drawn == 0) return ask_count();
  if (drawn == 1) return ask_acks();
  if (drawn == 2) return move_sockets();
  for (std::uint64_t burst = node_.random().below(40) == 0 ? 60 : 1; burst > 0; --burst) say();
}

/// Our sockets on all other nodes join our room, or leave it. Whoever does not hear of it would
/// rightly not know; it is told with the next change.
void message_load::move_sockets() {
  const std::string number = fmt::to_string(next_number());
  inside_ = !inside_;
  message m = sockets_leave{"/", {}, {number}};
  if (inside_) m = sockets_join{"/", {}, {number}};
  const auto failed =
      node_.touch_exchange().send(node_.peers(), m, importance::control, node_.now());
  for (const auto& [id, why] : failed) {
    if (why == errc::link_full) wrong_("has no room left for a join or leave");
  }
}

/// To our room.
void message_load::say() {
  broadcast m{{"/", bytes(fmt::format("[\"n\",{}]", next_number())), {}, false, true},
              {{inside_ ? "inside" : "outside"}, {}},
              {}};
  m.image.is_volatile = node_.random().below(5) == 0;
  (void)node_.touch_exchange().send(
      node_.peers(), m, m.image.is_volatile ? importance::optional : importance::data, node_.now());
}

message_load::asked message_load::new_request(const std::vector<node_id>& to,
                                              duration timeout) const {
  asked a;
  a.deadline = node_.now() + timeout;
  a.members.insert(to.begin(), to.end());
  for (const node_id& id : to) {
    const auto* out = std::as_const(node_).exchange().outgoing(id);
    if (out == nullptr) a.died.insert(id);
    if (out != nullptr && out->queued_count() > 0) a.refused_maybe.insert(id);
  }
  return a;
}

void message_load::ask_count() {
  const auto to = node_.peers();
  const duration timeout = seconds(3 + node_.random().below(4));
  const count_sockets question{{}, fmt::to_string(next_number()), {}};
  const asked a = new_request(to, timeout);
  const auto id = node_.touch_exchange().request(to, question, timeout, node_.now());
  if (!id) return wrong_("cannot ask: " + id.error().message());
  open_[*id] = a;
}

void message_load::ask_acks() {
  const time_point now = node_.now();
  const auto to = node_.peers();
  broadcast_ack question;
  question.timeout = milliseconds(3000 + node_.random().below(4000));
  question.image = {fmt::to_string(next_number()), bytes("[\"ask\"]"), {}, false, true};
  asked a = new_request(to, question.timeout);
  auto& talk = node_.touch_exchange();
  const auto id = talk.request_acks(to, true, question, now);
  if (!id) return wrong_("cannot ask for acks: " + id.error().message());
  a.members.insert(node_.self());
  open_[*id] = a;
  question.request = *id;
  const owed_acks::key k{"/", ++ack_ids_};
  auto& owed = talk.owed();
  if (!owed.open(k, node_.self(), question, now)) return wrong_("has no room for its own acks");
  for (int i = 0; i < sockets_of_a_node; ++i) {
    const socket_id socket = socket_at(i);
    (void)owed.expect(k, socket);
    late_.push_back({now + milliseconds(50), k, socket, false});
  }
  talk.hear(owed.close(k)->what, now);
}

// -- what happens around it -----------------------------------------------------------------------

void message_load::keep_up() {
  std::erase_if(jobs_, [this](const job& j) {
    if (j.done_at > node_.now()) return false;
    node_.touch_exchange().consumed(j.from, j.place, node_.now());
    return true;
  });
  answer_late();
}

time_point message_load::wake() const {
  time_point first = time_point::max();
  for (const job& j : jobs_) first = std::min(first, j.done_at);
  for (const late_answer& l : late_) first = std::min(first, l.when);
  return first;
}

void message_load::member_gone(const node_id& who, bool for_ever) {
  accounts_[who].taken_before = taken_for(who);
  for (auto& [id, a] : open_) {
    if (a.members.contains(who)) a.died.insert(who);
  }
  if (for_ever) from_.erase(who);
}

void message_load::renewing() {
  fresh_accounts_.clear();
  const auto up = node_.peers();
  std::set<node_id> known(up.begin(), up.end());
  for (const auto& [id, account] : accounts_) known.insert(id);  // links outlast the dead a while
  for (const node_id& id : known) {
    const auto* out = std::as_const(node_).exchange().outgoing(id);
    const auto* in = std::as_const(node_).exchange().incoming(id);
    if (out != nullptr) fresh_accounts_[id].taken_before = 0 - out->counters().sent;
    if (in != nullptr) fresh_accounts_[id].came_before = in->counters().received;
  }
}

std::uint64_t message_load::taken_for(const node_id& peer) const {
  const auto at = accounts_.find(peer);
  const std::uint64_t before = at == accounts_.end() ? 0 : at->second.taken_before;
  const auto* out = std::as_const(node_).exchange().outgoing(peer);
  return out == nullptr ? before : before + out->counters().sent + out->queued_count();
}

void message_load::link(const link_notice& n) {
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
    case link_event::restarted: from_[n.peer].gap = true; return;
    case link_event::degraded:
    case link_event::relieved: return;
  }
}

// -- audits ---------------------------------------------------------------------------------------

void message_load::audit(time_point now) const {
  for (const auto& [id, a] : open_) {
    if (now > a.deadline + seconds(1)) wrong_("a request has not ended");
    const bool nobody =
        std::includes(a.died.begin(), a.died.end(), a.members.begin(), a.members.end());
    if (nobody) wrong_("a request waits for the dead only");
  }
  const link_settings& bounds = node_.options().link;
  for (const node_id& id : node_.peers()) {
    const auto* out = std::as_const(node_).exchange().outgoing(id);
    if (out == nullptr) {
      wrong_("has no link to a member");
    } else if (out->queued_bytes() > bounds.queue_bytes_max + bounds.reserve_bytes ||
               (out->flying_bytes() > bounds.window_bytes && out->flying_blobs() > 1)) {
      wrong_("a link is over its bounds");
    }
  }
}

void message_load::audit_calm(time_point now) const {
  const cluster::exchange& talk = std::as_const(node_).exchange();
  if (!open_.empty() || talk.requests().size() + talk.acks().size() != 0) {
    wrong_("requests are open though nobody asks");
  }
  if (talk.requests().kept_bytes() + talk.acks().kept_bytes() != 0) {
    wrong_("keeps bytes of requests that have ended");
  }
  for (const node_id& id : node_.peers()) {
    const auto* out = talk.outgoing(id);
    const auto* in = talk.incoming(id);
    if (out == nullptr || in == nullptr) continue;
    if (out->degraded()) wrong_("still calls somebody degraded");
    if (node_.murmured(id, now - murmur)) continue;
    if (out->queued_count() != 0) wrong_("messages still wait");
    if (out->flying_bytes() != 0) wrong_("messages were never settled");
    if (in->outstanding_bytes() != 0) wrong_("messages are never dealt with");
  }
}

}  // namespace gossamer::simulation
