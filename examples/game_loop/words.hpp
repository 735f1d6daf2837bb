// What clients and the game say to each other.
#pragma once

#include <boost/describe/class.hpp>

#include <cstdint>
#include <gossamer/server.hpp>
#include <string>

namespace game_loop {

struct enter {
  std::string name;
  std::string arena;
};
BOOST_DESCRIBE_STRUCT(enter, (), (name, arena))

struct entered {
  std::uint32_t id = 0;   // in snapshots
  std::int64_t tick = 0;  // milliseconds
};
BOOST_DESCRIBE_STRUCT(entered, (), (id, tick))

/// Where a player steers to; each -1, 0 or 1.
struct steer {
  int x = 0;
  int y = 0;
};
BOOST_DESCRIBE_STRUCT(steer, (), (x, y))

inline constexpr gossamer::event<enter, entered> on_enter{"enter"};
inline constexpr gossamer::event<steer> on_input{"input"};

}  // namespace game_loop
