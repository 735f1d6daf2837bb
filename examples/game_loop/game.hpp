// The game on a server: handlers change the arenas, `tick` moves them and tells everybody.
//
// Runs on: one thread. The server is polled by the thread that calls `tick`, so nothing here needs
// a lock.
#pragma once

#include "arena.hpp"
#include "words.hpp"
#include <chrono>
#include <map>
#include <string>

namespace game_loop {

inline constexpr std::chrono::milliseconds tick_time{50};  // 20 Hz

class game {
 public:
  /// Registers the handlers. The server must not outlive the game while it serves.
  explicit game(gossamer::server& io);
  game(const game&) = delete;
  game& operator=(const game&) = delete;

  /// One step of all arenas; who is in them gets a `state`, unless it is behind.
  void tick();

 private:
  /// What is known of a socket: `socket.data<seat>()`.
  struct seat {
    std::uint32_t id = 0;  // 0: in no arena
    std::string arena;
  };
  gossamer::outcome<entered> enter_arena(gossamer::socket who, const enter& what);
  void leave(gossamer::socket who);

  gossamer::server& io_;
  std::map<std::string, arena> arenas_;
  std::uint32_t last_id_ = 0;
};

}  // namespace game_loop
