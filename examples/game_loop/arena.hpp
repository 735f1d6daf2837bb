// One arena: who is in it, where they are, and what a tick does.
//
// Pure: knows no socket, no clock and no thread.
#pragma once

#include "words.hpp"
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace game_loop {

inline constexpr int arena_size = 1000;  // positions are 0 to this
inline constexpr int step_size = 10;     // in one tick
inline constexpr std::size_t players_max = 64;

class arena {
 public:
  /// False: it is full.
  [[nodiscard]] bool add(std::uint32_t id);
  void remove(std::uint32_t id) { players_.erase(id); }
  /// What is not -1, 0 or 1 is cut.
  void steer_player(std::uint32_t id, const steer& where);
  [[nodiscard]] bool empty() const { return players_.empty(); }

  void step();
  /// The state as bytes, little-endian: tick (4), how many (2), then for each player id (4), x (2),
  /// y (2), in the order of ids.
  [[nodiscard]] std::string snapshot() const;

 private:
  struct player {
    int x = arena_size / 2;
    int y = arena_size / 2;
    steer towards;
  };
  std::map<std::uint32_t, player> players_;
  std::uint32_t tick_ = 0;
};

}  // namespace game_loop
