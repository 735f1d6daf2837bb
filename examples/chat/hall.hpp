// What all visitors of the chat share: names, rooms, who is in them, and what was said last.
//
// Pure: no socket, no clock. Not thread-safe; chat_app keeps it in a gossamer::guarded.
// Limits: rooms_max rooms with history_max messages each.
#pragma once

#include "words.hpp"
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace chat {

class hall {
 public:
  hall();

  /// Gives a person a name, and takes the old one back. False if somebody else has it.
  [[nodiscard]] bool rename(const person& who, const std::string& old_name,
                            const std::vector<std::string>& rooms);
  void forget_name(const std::string& name) { names_.erase(folded(name)); }

  /// Puts a person into a room, which begins to exist if need be. False if there are too many.
  [[nodiscard]] bool join(const person& who, const std::string& room);
  /// Takes a person out of a room; with the last one the room ends (but for the lobby).
  void leave(const person& who, const std::string& room);
  /// Remembers a message and gives it its id. The room exists.
  void say(message& said);

  /// A room that exists.
  [[nodiscard]] join_answer about(const std::string& room) const;
  /// The rooms with the most people, the lobby always among them.
  [[nodiscard]] std::vector<summary> rooms() const;

  /// A change of a room's count is to be told: true if nobody else is about to do so.
  [[nodiscard]] bool announce() { return !std::exchange(announced_, true); }
  void told() { announced_ = false; }

 private:
  struct room {
    std::map<std::string, std::string> people;  // id -> name
    std::deque<message> history;
    std::int64_t last_id = 0;
  };
  std::unordered_map<std::string, std::string> names_;  // folded name -> id
  std::unordered_map<std::string, room> rooms_;
  bool announced_ = false;
};

}  // namespace chat
