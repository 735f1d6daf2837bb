#include "arena.hpp"

#include <algorithm>

namespace game_loop {

namespace {

template <std::size_t Bytes>
void append(std::string& out, std::uint32_t value) {
  for (std::size_t i = 0; i < Bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xffU);
}

int moved(int from, int direction) {
  return std::clamp(from + direction * step_size, 0, arena_size);
}

}  // namespace

bool arena::add(std::uint32_t id) {
  if (players_.size() >= players_max) return false;
  players_.emplace(id, player());
  return true;
}

void arena::steer_player(std::uint32_t id, const steer& where) {
  const auto found = players_.find(id);
  if (found == players_.end()) return;
  found->second.towards = {std::clamp(where.x, -1, 1), std::clamp(where.y, -1, 1)};
}

void arena::step() {
  ++tick_;
  for (auto& [id, one] : players_) {
    one.x = moved(one.x, one.towards.x);
    one.y = moved(one.y, one.towards.y);
  }
}

std::string arena::snapshot() const {
  std::string out;
  append<4>(out, tick_);
  append<2>(out, static_cast<std::uint32_t>(players_.size()));
  for (const auto& [id, one] : players_) {
    append<4>(out, id);
    append<2>(out, static_cast<std::uint32_t>(one.x));
    append<2>(out, static_cast<std::uint32_t>(one.y));
  }
  return out;
}

}  // namespace game_loop
