#include "tests/simulation/wired_node.hpp"

#include "runtime/base/wire.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace gossamer::simulation {

using cluster::carried;
using cluster::importance;
using cluster::link_event;
using directory::member_change;
using membership::notice_kind;

namespace {

constexpr char blob_bytes = 'c';
constexpr std::size_t header_bytes = 33;
constexpr std::size_t time_bytes = 8;
constexpr duration reconcile_interval = seconds(30);

void put_id(std::string& out, const node_id& id) {
  wire::put_fixed(out, id.high, 8);
  wire::put_fixed(out, id.low, 8);
}

node_id take_id(wire::reader& in) {
  const std::uint64_t high = in.fixed(8);
  return {high, in.fixed(8)};
}

std::optional<member_change> change_of(notice_kind kind) {
  switch (kind) {
    case notice_kind::up: return member_change::up;
    case notice_kind::suspected: return member_change::suspected;
    case notice_kind::recovered: return member_change::recovered;
    case notice_kind::down: return member_change::down;
    case notice_kind::left: return member_change::left;
    case notice_kind::replaced: return member_change::replaced;
    case notice_kind::updated: return member_change::updated;
    default: return {};
  }
}

directory::member directory_member(const membership::member_record& r) {
  directory::member m{r.id, r.epoch, {r.tag}};
  m.tags.insert(m.tags.end(), r.former_tags.begin(), r.former_tags.end());
  return m;
}

cluster::exchange_settings settings_of(const wired_options& options,
                                       const membership::member_record& self) {
  cluster::exchange_settings s;
  s.self = {self.id, self.name};
  s.link = options.link;
  return s;
}

}  // namespace

wired_node::wired_node(environment& env, const boot_info& boot, const wired_options& options,
                       time_point now)
    : env_(env),
      options_(options),
      now_(now),
      written_at_(now),
      members_(env, boot, options_.membership, now,
               [this](const membership_node&, const membership::notice& n) { noticed(n); }),
      directory_(options_.timing, directory_member(members_.swim().self()), env.random(), now),
      exchange_(settings_of(options_, members_.swim().self())) {}

bool wired_node::lives(const node_id& id) const {
  const membership::member* m = members_.swim().find(id);
  return m != nullptr && m->is_live();
}

std::vector<node_id> wired_node::peers() const {
  std::vector<node_id> ids;
  for (const auto* m : members_.swim().live()) ids.push_back(m->record.id);
  return ids;
}

bool wired_node::murmured(const node_id& peer, time_point since) const {
  const auto at = murmurs_.find(peer);
  return at != murmurs_.end() && at->second >= since;
}

// -- what happens ---------------------------------------------------------------------------------

void wired_node::start(time_point now) {
  begin_turn(now);
  reconcile_at_ = now + reconcile_interval;
  members_.start(now);
  settle();
}

void wired_node::datagram(time_point now, const address& from, std::string_view bytes) {
  begin_turn(now);
  members_.datagram(now, from, bytes);
  settle();
}

void wired_node::link_message(time_point now, const address& from, std::string_view bytes) {
  begin_turn(now);
  if (bytes.empty() || bytes[0] != blob_bytes) {
    members_.link_message(now, from, bytes);
  } else {
    wire::reader in(bytes.substr(1));
    const node_id source = take_id(in);
    const node_id target = take_id(in);
    if (!in.failed()) blob(source, target, bytes.substr(header_bytes));
  }
  settle();
}

void wired_node::blob(const node_id& source, const node_id& target, std::string_view bytes) {
  if (target != self()) return;
  const error_code failed = touch_exchange().receive(source, bytes, now_);
  if (failed && failed != cluster::errc::unknown_peer) on_unreadable(failed);
}

void wired_node::link_lost(time_point now, const address& peer) {
  begin_turn(now);
  std::vector<node_id> there;
  for (const auto* m : members_.swim().live()) {
    if (m->record.at == peer) there.push_back(m->record.id);
  }
  for (const node_id& id : there) {
    touch_exchange().connection_lost(id);
    carry_out(directory_.link_lost(now, id));
  }
  settle();
}

void wired_node::tick(time_point now) {
  begin_turn(now);
  members_.tick(now);
  if (now >= directory_wake_) carry_out(directory_.tick(now));
  if (now >= reconcile_at_) {
    reconcile_at_ = now + reconcile_interval;
    std::vector<directory::member> living;
    for (const auto* m : members_.swim().live()) living.push_back(directory_member(m->record));
    carry_out(directory_.reconcile(now, living));
  }
  if (now >= exchange_wake_) touch_exchange().tick(now);
  on_tick();
  settle();
}

time_point wired_node::wake() const {
  return std::min({members_.wake(), directory_wake_, exchange_wake_, reconcile_at_, load_wake()});
}

void wired_node::leave(time_point now) {
  begin_turn(now);
  members_.leave(now);
  settle();
}

// -- members --------------------------------------------------------------------------------------

void wired_node::noticed(const membership::notice& n) {
  const auto& r = n.about;
  if (n.kind == notice_kind::up) {
    touch_exchange().member_up({r.id, r.name},
                               options_.previous_version ? 1 : cluster::version_max);
  }
  on_member(n);
  if (const auto change = change_of(n.kind)) {
    carry_out(directory_.member_changed(now_, *change, directory_member(r)));
  }
  switch (n.kind) {
    case notice_kind::down: touch_exchange().member_gone(r.id, false); break;
    case notice_kind::left:
    case notice_kind::replaced:
      touch_exchange().member_gone(r.id, true);
      murmurs_.erase(r.id);
      break;
    case notice_kind::tag_changed: directory_.add_tag(r.tag); break;
    case notice_kind::renewed: renewed(r); break;
    default: break;
  }
}

/// What waits goes out under the new id; what the links have sent went out under the old one.
void wired_node::renewed(const membership::member_record& r) {
  on_renewing();
  touch_exchange().renewed({r.id, r.name});
  settle();
  on_renewed();
  carry_out(directory_.renew(now_, r.id, r.epoch));
  directory_.add_tag(r.tag);
}

// -- effects --------------------------------------------------------------------------------------

void wired_node::carry_out(directory::actions todo) {
  directory_wake_ = todo.wake;
  for (const directory::notice& n : todo.notices) on_peer(n);
  for (const directory::send& s : todo.sends) {
    std::string content;
    wire::put_fixed(content, static_cast<std::uint64_t>(now_.time_since_epoch().count()),
                    time_bytes);
    content += perhaps_damaged(s.frame).view();
    const carried frame{cluster::layer::directory, bytes(content)};
    (void)touch_exchange().send(s.to, frame, importance::control, now_);
    murmurs_[s.to] = now_;
  }
}

/// The end of a turn.
void wired_node::settle() {
  while (std::exchange(touched_, false)) {
    auto todo = exchange_.take(now_);
    for (const cluster::link_notice& n : todo.notices) {
      on_link(n);
      const bool gap = n.what == link_event::missed || n.what == link_event::restarted;
      if (gap) carry_out(directory_.frames_lost(now_, n.peer));
    }
    for (auto& d : todo.deliveries) deliver(std::move(d));
    for (const auto& r : todo.requests) on_outcome(r);
    for (const auto& a : todo.acks) on_outcome(a);
    for (const auto& b : todo.blobs) transmit(b);
    exchange_wake_ = exchange_.wake();
  }
}

void wired_node::deliver(cluster::exchange_effects::delivery d) {
  if (const auto* frame = std::get_if<carried>(&d.what)) {
    murmurs_[d.from] = now_;
    const std::string_view content = frame->payload.view();
    wire::reader in(content);
    written_at_ = time_point(duration(static_cast<duration::rep>(in.fixed(time_bytes))));
    carry_out(directory_.receive(now_, d.from, content.substr(time_bytes)));
    written_at_ = now_;
    touch_exchange().consumed(d.from, d.place, now_);
  } else {
    on_message(std::move(d));
  }
}

void wired_node::transmit(const cluster::exchange_effects::outgoing_blob& b) {
  const auto* m = members_.swim().find(b.to);
  if (m == nullptr || chance_of_1000(options_.lost_of_1000)) return;
  std::string out(1, blob_bytes);
  put_id(out, self());
  put_id(out, b.to);
  out += b.content.view();
  if (chance_of_1000(options_.doubled_of_1000)) env_.send_link(m->record.at, out);
  env_.send_link(m->record.at, std::move(out));
}

bool wired_node::chance_of_1000(std::uint32_t share) {
  return share != 0 && now_ < options_.faults_until && env_.random().below(1000) < share;
}

bytes wired_node::perhaps_damaged(const bytes& frame) {
  if (frame.empty() || !chance_of_1000(options_.damaged_of_1000)) return frame;
  std::string hit(frame.view());
  char& c = hit[env_.random().below(hit.size())];
  c = static_cast<char>(c ^ (1U << env_.random().below(8)));
  return bytes(hit);
}

}  // namespace gossamer::simulation
