#include "game.hpp"

namespace game_loop {

namespace {

constexpr std::size_t name_max = 32;
constexpr std::size_t arenas_max = 1000;

std::string room_of(const std::string& arena) {
  return "arena " + arena;
}

}  // namespace

game::game(gossamer::server& io) : io_(io) {
  io.on(on_enter.name, [this](gossamer::socket s, const enter& what) {
    leave(s);
    return enter_arena(s, what);
  });
  io.on(on_input.name, [this](gossamer::socket s, const steer& where) {
    const auto& at = s.data<seat>();
    if (at.id != 0) arenas_[at.arena].steer_player(at.id, where);
  });
  io.sockets().on_disconnect([this](gossamer::socket s, gossamer::disconnect_reason) { leave(s); });
}

gossamer::outcome<entered> game::enter_arena(gossamer::socket who, const enter& what) {
  if (what.name.empty() || what.name.size() > name_max || what.arena.size() > name_max) {
    return gossamer::failure{"bad_name", "a name of 1 to 32 bytes, an arena of at most 32"};
  }
  if (!arenas_.contains(what.arena) && arenas_.size() >= arenas_max) {
    return gossamer::failure{"full", "there are too many arenas"};
  }
  const auto id = last_id_ + 1;
  if (!arenas_[what.arena].add(id)) return gossamer::failure{"full", "the arena is full"};
  last_id_ = id;
  who.data<seat>() = {id, what.arena};
  who.join(room_of(what.arena));
  who.to(room_of(what.arena)).emit("came", id, what.name);
  return entered{id, tick_time.count()};
}

void game::leave(gossamer::socket who) {
  auto& at = who.data<seat>();
  if (at.id == 0) return;
  auto& left = arenas_[at.arena];
  left.remove(at.id);
  if (left.empty()) arenas_.erase(at.arena);
  who.leave(room_of(at.arena));
  io_.to(room_of(at.arena)).emit("went", at.id);
  at = {};
}

void game::tick() {
  for (auto& [name, one] : arenas_) {
    one.step();
    // Volatile: who has not taken the last one yet does not need this one.
    io_.to(room_of(name)).volatile_().emit("state", gossamer::bytes(one.snapshot()));
  }
}

}  // namespace game_loop
