#include "hall.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace chat {
namespace {

bool busier(const summary& a, const summary& b) {
  return a.online != b.online ? a.online > b.online : a.room < b.room;
}

}  // namespace

hall::hall() {
  rooms_.try_emplace(std::string(lobby));
}

bool hall::rename(const person& who, const std::string& old_name,
                  const std::vector<std::string>& rooms) {
  const auto [held, is_new] = names_.try_emplace(folded(who.name), who.id);
  if (held->second != who.id) return false;
  if (is_new && !old_name.empty()) names_.erase(folded(old_name));
  for (const auto& name : rooms) rooms_.at(name).people[who.id] = who.name;
  return true;
}

bool hall::join(const person& who, const std::string& room) {
  const auto found = rooms_.find(room);
  if (found == rooms_.end() && rooms_.size() >= rooms_max) return false;
  rooms_[room].people[who.id] = who.name;
  return true;
}

void hall::leave(const person& who, const std::string& room) {
  const auto found = rooms_.find(room);
  if (found == rooms_.end()) return;
  found->second.people.erase(who.id);
  if (!found->second.people.empty()) return;
  if (room == lobby) {
    found->second = {};
  } else {
    rooms_.erase(found);
  }
}

void hall::say(message& said) {
  auto& in = rooms_.at(said.room);
  said.id = ++in.last_id;
  in.history.push_back(said);
  if (in.history.size() > history_max) in.history.pop_front();
}

join_answer hall::about(const std::string& room) const {
  const auto& found = rooms_.at(room);
  join_answer answer;
  answer.room = {room, found.people.size()};
  for (const auto& [id, name] : found.people) answer.people.push_back({id, name});
  std::sort(answer.people.begin(), answer.people.end(), [](const person& a, const person& b) {
    return std::tie(a.name, a.id) < std::tie(b.name, b.id);
  });
  answer.history.assign(found.history.begin(), found.history.end());
  return answer;
}

std::vector<summary> hall::rooms() const {
  std::vector<summary> all;
  all.reserve(rooms_.size());
  for (const auto& [name, room] : rooms_) all.push_back({name, room.people.size()});
  std::sort(all.begin(), all.end(), busier);
  if (all.size() <= summaries_max) return all;
  const auto at = std::find_if(all.begin(), all.end(), [](auto& one) { return one.room == lobby; });
  if (at - all.begin() >= static_cast<std::ptrdiff_t>(summaries_max)) {
    std::swap(*at, all[summaries_max - 1]);
  }
  all.resize(summaries_max);
  return all;
}

}  // namespace chat
