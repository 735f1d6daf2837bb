#include "tests/simulation/cluster_node.hpp"

#include "runtime/base/wire.hpp"

#include <algorithm>
#include <utility>

namespace gossamer::simulation {

using namespace gossamer::cluster;
using membership::notice_kind;

namespace {

constexpr char cluster_bytes = 'c';
constexpr std::size_t header_bytes = 33;

void put_id(std::string& out, const node_id& id) {
  wire::put_fixed(out, id.high, 8);
  wire::put_fixed(out, id.low, 8);
}

node_id take_id(wire::reader& in) {
  const std::uint64_t high = in.fixed(8);
  return {high, in.fixed(8)};
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
  wire::reader in(bytes.substr(1));
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

}  // namespace gossamer::simulation
