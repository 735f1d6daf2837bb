// The rooms of a simulated node: a load of joins, leaves, sockets and counts, and what must be true
// of the directory's answers.
//
// A poke says "I am in this room": whoever hears it, or hears of it from somebody else, must count
// its origin among the room's targets from then on. A join that all had acknowledged is known to
// them for as long as it lasts.
#pragma once

#include "runtime/directory/key.hpp"
#include "tests/simulation/wired_node.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace gossamer::simulation {

class room_load {
 public:
  struct joined_room {
    std::uint32_t members = 0;
    time_point at;               // of the first join
    std::uint64_t since = 0;     // the change that published it
    std::set<node_id> known_to;  // acknowledged it, or asked for it
  };
  using report = std::function<void(const std::string&)>;

  room_load(wired_node& owner, report wrong) : node_(owner), wrong_(std::move(wrong)) {}

  /// Joins rooms of its own, so that a sync has many parts.
  void begin();
  /// One step: joins, leaves, connects, disconnects or watches.
  void work();
  /// Leaves what was joined for a while, notes what has been acknowledged.
  void keep_up();
  [[nodiscard]] time_point wake() const;

  /// Joins a room, perhaps a new one, and publishes it: what a poke is about.
  [[nodiscard]] directory::room_key join_for_poke();
  /// `origin` was in the room when its head was `seq`.
  void poked(const node_id& origin, std::uint64_t seq, std::uint64_t hash);

  /// A room that nobody is in yet; `summoned` has those join who are told to.
  [[nodiscard]] directory::room_key new_room();
  void summoned(const node_id& by, std::uint64_t hash);

  [[nodiscard]] directory::room_key some_room();
  [[nodiscard]] const std::map<std::uint64_t, joined_room>& rooms() const { return rooms_; }
  [[nodiscard]] const std::vector<directory::room_key>& own_rooms() const { return own_rooms_; }
  [[nodiscard]] std::uint32_t sockets() const { return sockets_; }
  [[nodiscard]] std::optional<std::uint64_t> watched() const { return watched_; }
  /// This node is somebody else for the others.
  void renewed();
  /// What must be true at any time.
  void audit(time_point now) const;

  [[nodiscard]] static const directory::key_maker& keys();
  [[nodiscard]] static std::uint64_t socket_count();

 private:
  void join(const directory::room_key& room);
  void leave_one();
  void connect();
  void disconnect();
  void watch();
  void audit_peers(time_point now) const;

  wired_node& node_;
  report wrong_;
  std::map<std::uint64_t, joined_room> rooms_;
  std::map<std::uint64_t, time_point> left_at_;  // of published rooms without members
  std::vector<std::uint64_t> unacknowledged_;
  std::vector<directory::room_key> own_rooms_;
  std::deque<std::pair<time_point, std::uint64_t>> fresh_;  // rooms of pokes, to be left
  std::uint32_t sockets_ = 0;
  std::uint64_t made_ = 0;
  std::optional<std::uint64_t> watched_;
};

}  // namespace gossamer::simulation
