#include "tests/simulation/directory_node.hpp"

#include "runtime/base/wire.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace gossamer::simulation {

using directory::joiner;
using directory::member_change;
using directory::room_key;
using membership::notice_kind;

namespace {

constexpr char directory_bytes = 'd';
constexpr char poke_bytes = 'p';
constexpr std::size_t header_bytes = 33;
constexpr std::size_t rooms_of_the_load = 40;

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

bool lives(const membership::member* m) {
  return m != nullptr &&
         (m->state == membership::status::alive || m->state == membership::status::suspect);
}

}  // namespace

const directory::key_maker& directory_node::keys() {
  static const directory::key_maker maker{directory::key_secret{4, 2}};
  return maker;
}

std::uint64_t directory_node::socket_count() {
  return keys().total("sockets");
}

directory_node::directory_node(environment& env, const boot_info& boot, directory_options options,
                               time_point now, listener heard)
    : env_(env),
      options_(std::move(options)),
      heard_(std::move(heard)),
      now_(now),
      members_(env, boot, options_.membership, now,
               [this](const membership_node&, const membership::notice& n) { noticed(n); }),
      directory_(options_.timing, member_of(members_.swim().self()), env.random(), now) {}

directory::member directory_node::member_of(const membership::member_record& r) const {
  directory::member m{r.id, r.epoch, {r.tag}};
  m.tags.insert(m.tags.end(), r.former_tags.begin(), r.former_tags.end());
  return m;
}

void directory_node::start(time_point now) {
  now_ = now;
  work_at_ = now + milliseconds(50);
  reconcile_at_ = now + seconds(30);
  members_.start(now);
}

void directory_node::datagram(time_point now, const address& from, std::string_view bytes) {
  now_ = now;
  members_.datagram(now, from, bytes);
}

void directory_node::link_message(time_point now, const address& from, std::string_view bytes) {
  now_ = now;
  const bool ours = !bytes.empty() && (bytes[0] == directory_bytes || bytes[0] == poke_bytes);
  if (!ours) {
    members_.link_message(now, from, bytes);
    return;
  }
  wire::reader in(bytes.substr(1));
  const node_id source = take_id(in);
  const node_id target = take_id(in);
  if (in.failed() || target != members_.swim().self().id) return;
  if (bytes[0] == poke_bytes) {
    poked(now, source, bytes.substr(header_bytes));
  } else {
    carry_out(directory_.receive(now, source, bytes.substr(header_bytes)));
  }
}

void directory_node::link_lost(time_point now, const address& peer) {
  now_ = now;
  std::vector<node_id> there;
  for (const auto* m : members_.swim().live()) {
    if (m->record.at == peer) there.push_back(m->record.id);
  }
  for (const node_id& id : there) carry_out(directory_.link_lost(now, id));
}

void directory_node::tick(time_point now) {
  now_ = now;
  members_.tick(now);
  if (now >= directory_wake_) carry_out(directory_.tick(now));
  if (now >= reconcile_at_) {
    reconcile_at_ = now + seconds(30);
    std::vector<directory::member> living;
    for (const auto* m : members_.swim().live()) living.push_back(member_of(m->record));
    carry_out(directory_.reconcile(now, living));
  }
  if (now >= work_at_) work(now);
}

time_point directory_node::wake() const {
  return std::min({members_.wake(), directory_wake_, work_at_, reconcile_at_});
}

void directory_node::leave(time_point now) {
  now_ = now;
  work_at_ = time_point::max();
  members_.leave(now);
}

void directory_node::noticed(const membership::notice& n) {
  if (heard_.member) heard_.member(members_, n);
  if (const auto change = change_of(n.kind)) {
    carry_out(directory_.member_changed(now_, *change, member_of(n.about)));
  }
  if (n.kind == notice_kind::tag_changed) directory_.add_tag(n.about.tag);
  if (n.kind == notice_kind::renewed) {
    carry_out(directory_.renew(now_, n.about.id, n.about.epoch));
    directory_.add_tag(n.about.tag);
  }
}

void directory_node::carry_out(directory::actions todo) {
  directory_wake_ = todo.wake;
  for (const directory::notice& n : todo.notices) heard_.peer(*this, n);
  for (const directory::send& s : todo.sends) {
    std::string frame(s.frame.view());
    if (now_ < options_.faults_until) {
      if (env_.random().below(1000) < options_.lost_of_1000) continue;
      if (env_.random().below(1000) < options_.damaged_of_1000) {
        char& hit = frame[env_.random().below(frame.size())];
        hit = static_cast<char>(hit ^ (1U << env_.random().below(8)));
      }
    }
    send(s.to, directory_bytes, frame);
  }
}

void directory_node::send(const node_id& to, char kind, std::string_view bytes) {
  const auto* m = members_.swim().find(to);
  if (m == nullptr) return;
  std::string out(1, kind);
  put_id(out, members_.swim().self().id);
  put_id(out, to);
  out += bytes;
  env_.send_link(m->record.at, std::move(out));
}

// The load.

void directory_node::work(time_point now) {
  while (!fresh_.empty() && fresh_.front().first <= now) {
    const std::uint64_t hash = fresh_.front().second;
    fresh_.pop_front();
    --rooms_[hash];
    rooms_.erase(hash);
    carry_out(directory_.leave(now, {hash, {}}, joiner::socket));
  }
  if (now >= options_.load_until) {
    work_at_ = fresh_.empty() ? time_point::max() : fresh_.front().first;
    return;
  }
  work_at_ = now + milliseconds(10 + env_.random().below(250));
  const std::uint64_t drawn = env_.random().below(20);
  if (drawn < 7)
    return join(now, keys().room("/", fmt::format("r{}", env_.random().below(rooms_of_the_load))));
  if (drawn < 12) return leave_one(now);
  if (drawn == 12) return connect(now);
  if (drawn == 13) return disconnect(now);
  if (drawn == 14 && !watched_) {
    const room_key room = keys().room("/", fmt::format("r{}", env_.random().below(3)));
    if (auto done = directory_.watch(now, room.hash)) carry_out(std::move(*done));
    watched_ = room.hash;
    return;
  }
  poke(now);
}

void directory_node::join(time_point now, const room_key& room) {
  ++rooms_[room.hash];
  left_at_.erase(room.hash);
  carry_out(directory_.join(now, room, joiner::socket));
}

void directory_node::leave_one(time_point now) {
  if (rooms_.empty()) return;
  auto room = rooms_.begin();
  std::advance(room, env_.random().below(rooms_.size()));
  const std::uint64_t hash = room->first;
  const bool fresh =
      std::any_of(fresh_.begin(), fresh_.end(), [hash](const auto& f) { return f.second == hash; });
  if (fresh) return;
  if (--room->second == 0) {
    rooms_.erase(room);
    if (directory_.published(hash)) left_at_[hash] = now;
  }
  carry_out(directory_.leave(now, {hash, {}}, joiner::socket));
}

void directory_node::connect(time_point now) {
  const socket_id id(env_.random(), members_.swim().self().tag, lane_index{0});
  own_rooms_.push_back(keys().room("/", id.text()));
  carry_out(directory_.join(now, own_rooms_.back(), joiner::own_id));
  carry_out(directory_.adjust(now, socket_count(), 1));
  ++sockets_;
}

void directory_node::disconnect(time_point now) {
  if (own_rooms_.empty()) return;
  carry_out(directory_.leave(now, own_rooms_.back(), joiner::own_id));
  carry_out(directory_.adjust(now, socket_count(), -1));
  own_rooms_.pop_back();
  --sockets_;
}

/// "I am in this room": a new one, or one that has been published for long.
void directory_node::poke(time_point now) {
  const auto live = members_.swim().live();
  if (live.empty()) return;
  const node_id to = live[env_.random().below(live.size())]->record.id;
  std::uint64_t hash = 0;
  if (env_.random().below(2) == 0 && !rooms_.empty()) {
    auto room = rooms_.begin();
    std::advance(room, env_.random().below(rooms_.size()));
    hash = room->first;
  } else {
    const room_key room = keys().room("/", fmt::format("p{}.{}", boot().boot, made_++));
    hash = room.hash;
    join(now, room);
    fresh_.emplace_back(now + seconds(3), hash);
  }
  carry_out(directory_.flush(now));
  std::string bytes;
  wire::put_fixed(bytes, directory_.head(), 8);
  wire::put_fixed(bytes, hash, 8);
  send(to, poke_bytes, bytes);
}

void directory_node::poked(time_point now, const node_id& from, std::string_view bytes) {
  wire::reader in(bytes);
  const std::uint64_t seq = in.fixed(8);
  const room_key room{in.fixed(8), {}};
  carry_out(directory_.depends(now, from, seq));
  if (!lives(members_.swim().find(from)) || options_.damaged_of_1000 > 0) return;
  std::vector<node_id> found;
  directory_.targets({&room, 1}, found);
  if (std::find(found.begin(), found.end(), from) == found.end()) {
    heard_.wrong(*this, fmt::format("does not count {:04x} among a room's targets that said so",
                                    from.low & 0xffffU));
  }
}

void directory_node::audit(time_point now) const {
  const auto wrong = [this](const std::string& what) { heard_.wrong(*this, what); };
  const auto& swim = members_.swim();
  for (const auto& [id, p] : directory_.peers()) {
    const auto* m = swim.find(id);
    const bool alive = lives(m);
    const bool dead = m != nullptr && m->state == membership::status::dead;
    if (p.up != alive) wrong("directory and membership differ about who lives");
    if (!p.up && !dead) wrong("keeps the table of who left");
    if (!p.up && p.purge_at > now + options_.timing.dead_hold)
      wrong("keeps the table of the dead too long");
  }
  for (const auto* m : swim.live()) {
    if (directory_.find(m->record.id) == nullptr) wrong("lacks a member in the directory");
  }
  std::vector<node_id> found;
  directory_.targets({}, found);
  for (const auto& [hash, members] : rooms_) {
    std::vector<node_id> more;
    const room_key room{hash, {}};
    directory_.targets({&room, 1}, more);
    found.insert(found.end(), more.begin(), more.end());
  }
  for (const node_id& id : found) {
    if (!lives(swim.find(id))) wrong("sends to who is not alive");
  }
  for (const auto& [hash, at] : left_at_) {
    const bool early = now < at + options_.timing.hysteresis - milliseconds(1);
    if (early && !directory_.published(hash)) wrong("withdraws a room before its second is over");
  }
  if (directory_.log_size() > options_.timing.window) wrong("keeps more changes than its window");
}

}  // namespace gossamer::simulation
