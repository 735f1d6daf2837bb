#include "tests/simulation/cluster_node.hpp"

#include "runtime/base/wire.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace gossamer::simulation {

using namespace gossamer::cluster;
using membership::notice_kind;

namespace {

constexpr std::string_view last_mark = "last";
constexpr std::size_t summons_max = 4;
constexpr std::string_view join_this = "[\"join\"]";
/// A poke may be older than the leave that follows it, if it came by a third node.
constexpr duration relayed_for = milliseconds(900);

}  // namespace

cluster_node::cluster_node(environment& env, const boot_info& boot, const cluster_options& options,
                           time_point now, listener heard)
    : wired_node(env, boot, options.wired, now),
      options_(options),
      heard_(std::move(heard)),
      rooms_(*this, [this](const std::string& what) { wrong(what); }),
      talk_(*this, options.work_max, [this](const std::string& what) { wrong(what); }) {}

void cluster_node::start(time_point now) {
  work_at_ = now + milliseconds(50);
  begin_turn(now);
  rooms_.begin();
  wired_node::start(now);
}

void cluster_node::leave(time_point now) {
  work_at_ = time_point::max();
  wired_node::leave(now);
}

void cluster_node::on_member(const membership::notice& n) {
  if (heard_.member) heard_.member(members(), n);
  if (n.kind == notice_kind::down) talk_.member_gone(n.about.id, false);
  const bool for_ever = n.kind == notice_kind::left || n.kind == notice_kind::replaced;
  if (for_ever) talk_.member_gone(n.about.id, true);
}

void cluster_node::on_renewed() {
  talk_.renewed();
  rooms_.renewed();
}

void cluster_node::on_unreadable(error_code why) {
  wrong("cannot read a blob: " + why.message());
}

void cluster_node::on_tick() {
  rooms_.keep_up();
  talk_.keep_up();
  if (now() >= work_at_) work();
}

time_point cluster_node::load_wake() const {
  return std::min({work_at_, rooms_.wake(), talk_.wake()});
}

void cluster_node::work() {
  if (now() >= options_.load_until) {
    work_at_ = time_point::max();
    return;
  }
  work_at_ = now() + milliseconds(10 + random().below(1000));
  // Seldom: everybody who comes tells all others that it is there, and that it has left.
  if (random().below(24) == 0) return summon();
  const std::uint64_t drawn = random().below(8);
  if (drawn < 3) return rooms_.work();
  if (drawn < 6) return poke();
  if (drawn == 6 && !summoned_in_.empty() && random().below(2) == 0) {
    return say_in(summoned_in_[random().below(summoned_in_.size())].room, false);
  }
  if (drawn == 6) return say_in(rooms_.some_room().hash, false);
  talk_.work();
}

// -- broadcasts to rooms --------------------------------------------------------------------------

void cluster_node::say_in(std::uint64_t room, bool last) {
  const directory::room_key key{room, {}};
  std::vector<node_id> to;
  std::as_const(*this).directory().targets({&key, 1}, to);
  heard_.routed(*this, room, to);
  for (summons& s : summoned_in_) {
    if (s.room != room) continue;
    for (const node_id& id : peers()) {
      if (std::find(to.begin(), to.end(), id) == to.end()) s.passed_over.insert(id);
    }
  }
  broadcast m{{"/", bytes(fmt::format("[\"n\",{}]", talk_.next_number())), {}, false, true},
              {{fmt::to_string(room)}, {}},
              {}};
  if (last) m.to.rooms.emplace_back(last_mark);
  const auto failed = touch_exchange().send(to, m, importance::data, now());
  if (last && !failed.empty()) wrong("cannot broadcast though all is calm");
}

bool cluster_node::passed_over(std::uint64_t room, const node_id& who) const {
  return std::any_of(summoned_in_.begin(), summoned_in_.end(), [&](const summons& s) {
    return s.room == room && s.passed_over.contains(who);
  });
}

void cluster_node::say_last(time_point now, std::uint64_t room) {
  begin_turn(now);
  say_in(room, true);
  settle();
}

void cluster_node::on_message(exchange_effects::delivery d) {
  if (const auto* b = std::get_if<broadcast>(&d.what)) {
    const bool last = b->to.rooms.back() == last_mark;
    if (last) ++last_words_[std::stoull(b->to.rooms.at(0))];
  }
  const auto* e = std::get_if<server_emit>(&d.what);
  if (e != nullptr && e->image.json.view() == join_this) {
    wire::reader in(e->image.attachments.at(0).view());
    const std::uint64_t room = in.fixed(8);
    heard_.summoned(*this, d.from, room);
    rooms_.summoned(d.from, room);
  } else if (e != nullptr) {
    poked(d.from, *e);
  }
  talk_.heard(std::move(d));
}

/// Others are to have sockets join a new room, in which is spoken at once, and later.
void cluster_node::summon() {
  const directory::room_key room = rooms_.new_room();
  auto to = peers();
  std::erase_if(to, [this](const node_id&) { return random().below(3) != 0; });
  std::string content;
  wire::put_fixed(content, room.hash, 8);
  const server_emit m{{fmt::to_string(talk_.next_number()), bytes(join_this), {bytes(content)}}};
  (void)touch_exchange().send(to, m, importance::data, now());
  carry_out(directory().expect(now(), to, {&room, 1}));
  summoned_in_.push_back({room.hash, {}});
  if (summoned_in_.size() > summons_max) summoned_in_.pop_front();
  say_in(room.hash, false);
}

// -- pokes ----------------------------------------------------------------------------------------

/// "I am in this room", to somebody.
void cluster_node::poke() {
  const directory::room_key room = rooms_.join_for_poke();
  relay(self(), directory().head(), room.hash,
        static_cast<std::uint64_t>(now().time_since_epoch().count()));
}

void cluster_node::relay(const node_id& origin, std::uint64_t seq, std::uint64_t room,
                         std::uint64_t sent_at) {
  auto to = peers();
  std::erase(to, origin);
  if (to.empty()) return;
  std::string content;
  for (const std::uint64_t part : {origin.high, origin.low, seq, room, sent_at}) {
    wire::put_fixed(content, part, 8);
  }
  const server_emit m{{fmt::to_string(talk_.next_number()), bytes("[]"), {bytes(content)}}};
  (void)touch_exchange().send(to[random().below(to.size())], m, importance::data, now());
}

void cluster_node::poked(const node_id& from, const server_emit& m) {
  wire::reader in(m.image.attachments.at(0).view());
  const std::uint64_t high = in.fixed(8);
  const node_id origin{high, in.fixed(8)};
  const std::uint64_t seq = in.fixed(8);
  const std::uint64_t room = in.fixed(8);
  const std::uint64_t sent_at = in.fixed(8);
  const duration age = now().time_since_epoch() - duration(static_cast<duration::rep>(sent_at));
  if (origin == self() || (from != origin && age > relayed_for)) return;
  rooms_.poked(origin, seq, room);
  if (random().below(3) == 0) relay(origin, seq, room, sent_at);
}

void cluster_node::audit(time_point now) const {
  rooms_.audit(now);
  talk_.audit(now);
}

}  // namespace gossamer::simulation
