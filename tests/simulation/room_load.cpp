#include "tests/simulation/room_load.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

namespace gossamer::simulation {

using directory::joiner;
using directory::room_key;

namespace {

constexpr std::size_t rooms_of_the_load = 40;
constexpr std::size_t rooms_at_first = 24;
constexpr duration fresh_for = seconds(3);

}  // namespace

const directory::key_maker& room_load::keys() {
  static const directory::key_maker maker{directory::key_secret{4, 2}};
  return maker;
}

std::uint64_t room_load::socket_count() {
  return keys().total("sockets");
}

room_key room_load::some_room() {
  return keys().room("/", fmt::format("r{}", node_.random().below(rooms_of_the_load)));
}

void room_load::begin() {
  for (std::size_t i = 0; i < rooms_at_first; ++i) {
    join(keys().room("/", fmt::format("b{}.{}", node_.boot().boot, i)));
  }
}

void room_load::work() {
  const std::uint64_t drawn = node_.random().below(16);
  if (drawn < 7) return join(some_room());
  if (drawn < 12) return leave_one();
  if (drawn == 12) return connect();
  if (drawn == 13) return disconnect();
  if (drawn == 14 && !watched_) watch();
}

void room_load::keep_up() {
  while (!fresh_.empty() && fresh_.front().first <= node_.now()) {
    const std::uint64_t hash = fresh_.front().second;
    fresh_.pop_front();
    rooms_.erase(hash);
    node_.carry_out(node_.directory().leave(node_.now(), {hash, {}}, joiner::socket));
  }
  std::erase_if(unacknowledged_, [this](std::uint64_t hash) {
    const auto room = rooms_.find(hash);
    if (room == rooms_.end()) return true;
    if (!node_.directory().everybody_has(room->second.since)) return false;
    const auto all = node_.peers();
    room->second.known_to = {all.begin(), all.end()};
    return true;
  });
}

time_point room_load::wake() const {
  return fresh_.empty() ? time_point::max() : fresh_.front().first;
}

void room_load::renewed() {
  unacknowledged_.clear();
  for (auto& [hash, room] : rooms_) room.known_to.clear();
}

void room_load::join(const room_key& room) {
  const bool first = ++rooms_[room.hash].members == 1;
  if (first) rooms_[room.hash].at = node_.now();
  left_at_.erase(room.hash);
  node_.carry_out(node_.directory().join(node_.now(), room, joiner::socket));
  if (!first || node_.random().below(3) != 0) return;
  node_.carry_out(node_.directory().flush(node_.now(), true));
  rooms_[room.hash].since = node_.directory().head();
  unacknowledged_.push_back(room.hash);
}

void room_load::leave_one() {
  if (rooms_.empty()) return;
  auto room = rooms_.begin();
  std::advance(room, node_.random().below(rooms_.size()));
  const std::uint64_t hash = room->first;
  const auto is_it = [hash](const auto& f) { return f.second == hash; };
  if (std::any_of(fresh_.begin(), fresh_.end(), is_it)) return;
  if (--room->second.members == 0) {
    rooms_.erase(room);
    if (node_.directory().published(hash)) left_at_[hash] = node_.now();
  }
  node_.carry_out(node_.directory().leave(node_.now(), {hash, {}}, joiner::socket));
}

void room_load::connect() {
  const socket_id id(node_.random(), node_.members().swim().self().tag, lane_index{0});
  own_rooms_.push_back(keys().room("/", id.text()));
  node_.carry_out(node_.directory().join(node_.now(), own_rooms_.back(), joiner::own_id));
  node_.carry_out(node_.directory().adjust(node_.now(), socket_count(), 1));
  ++sockets_;
}

void room_load::disconnect() {
  if (own_rooms_.empty()) return;
  node_.carry_out(node_.directory().leave(node_.now(), own_rooms_.back(), joiner::own_id));
  node_.carry_out(node_.directory().adjust(node_.now(), socket_count(), -1));
  own_rooms_.pop_back();
  --sockets_;
}

void room_load::watch() {
  const room_key room = keys().room("/", fmt::format("r{}", node_.random().below(3)));
  if (auto done = node_.directory().watch(node_.now(), room.hash)) {
    node_.carry_out(std::move(*done));
  }
  watched_ = room.hash;
}

room_key room_load::new_room() {
  return keys().room("/", fmt::format("p{}.{}", node_.boot().boot, made_++));
}

/// The summons may come twice or late; who came stays for a while.
void room_load::summoned(const node_id& by, std::uint64_t hash) {
  if (!rooms_.contains(hash)) {
    join({hash, {}});
    fresh_.emplace_back(node_.now() + fresh_for, hash);
  }
  rooms_[hash].known_to.insert(by);
}

/// A new room, or one that has been published for long.
room_key room_load::join_for_poke() {
  room_key room;
  if (node_.random().below(4) != 0 && !rooms_.empty()) {
    auto old = rooms_.begin();
    std::advance(old, node_.random().below(rooms_.size()));
    room.hash = old->first;
  } else {
    room = new_room();
    join(room);
    fresh_.emplace_back(node_.now() + fresh_for, room.hash);
  }
  node_.carry_out(node_.directory().flush(node_.now()));
  return room;
}

void room_load::poked(const node_id& origin, std::uint64_t seq, std::uint64_t hash) {
  node_.carry_out(node_.directory().depends(node_.now(), origin, seq));
  if (!node_.lives(origin) || node_.options().damaged_of_1000 > 0) return;
  const room_key room{hash, {}};
  std::vector<node_id> found;
  node_.directory().targets({&room, 1}, found);
  if (std::find(found.begin(), found.end(), origin) == found.end()) {
    wrong_(fmt::format("does not count {:04x} among a room's targets that said so",
                       origin.low & 0xffffU));
  }
}

void room_load::audit(time_point now) const {
  audit_peers(now);
  const auto& table = node_.directory();
  std::vector<node_id> found;
  std::vector<node_id> all;
  table.targets({}, all);
  for (const auto& [hash, room] : rooms_) {
    const room_key key{hash, {}};
    table.targets({&key, 1}, found);
    all.insert(all.end(), found.begin(), found.end());
  }
  for (const node_id& id : all) {
    if (!node_.lives(id)) wrong_("sends to who is not alive");
  }
  for (const auto& [hash, at] : left_at_) {
    const bool early = now < at + node_.options().timing.hysteresis - milliseconds(1);
    if (early && !table.published(hash)) wrong_("withdraws a room before its second is over");
  }
  if (table.log_size() > node_.options().timing.window) {
    wrong_("keeps more changes than its window");
  }
}

void room_load::audit_peers(time_point now) const {
  const auto& swim = node_.members().swim();
  const auto& table = node_.directory();
  for (const auto& [id, p] : table.peers()) {
    const auto* m = swim.find(id);
    const bool dead = m != nullptr && m->state == membership::status::dead;
    if (p.up != node_.lives(id)) wrong_("directory and membership differ about who lives");
    if (!p.up && !dead) wrong_("keeps the table of who left");
    if (!p.up && p.purge_at > now + node_.options().timing.dead_hold) {
      wrong_("keeps the table of the dead too long");
    }
  }
  for (const auto* m : swim.live()) {
    if (table.find(m->record.id) == nullptr) wrong_("lacks a member in the directory");
  }
}

}  // namespace gossamer::simulation
