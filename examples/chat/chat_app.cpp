#include "chat_app.hpp"

#include <chrono>
#include <deque>
#include <map>
#include <set>

namespace chat {
namespace {

using std::chrono::steady_clock;

// What is kept with a socket. Its lane's only.
struct visitor {
  person me;  // without a name: has not said hello
  std::set<std::string> rooms;
  std::map<std::string, gossamer::pending_call> typing;  // room -> the call that ends it
  std::deque<steady_clock::time_point> messages;         // the last ones' times
};

visitor& state_of(const gossamer::socket& who) {
  return who.data<visitor>();
}

// Names of Socket.IO rooms; a prefix keeps people's rooms apart from this one and from socket ids.
const std::string everybody = "everybody";
std::string members_of(const std::string& room) {
  return "room:" + room;
}

std::int64_t wall_clock() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

// The room that an event is about: `bad_request` if there is none, then `bad_room`.
gossamer::outcome<std::string> room_of(const gossamer::args& given) {
  const auto text = given.get<std::string>(0);
  if (!text) return bad_request();
  auto room = cleaned(*text, room_max);
  if (!room) return bad_room();
  return {boost::system::in_place_value, std::move(*room)};
}

bool said_too_much(std::deque<steady_clock::time_point>& times, steady_clock::time_point now) {
  while (!times.empty() && now - times.front() >= messages_within) times.pop_front();
  return times.size() >= messages_max;
}

}  // namespace

chat_app::chat_app(gossamer::server& io) : io_(io) {
  auto nsp = io.sockets();
  nsp.map_errors([](const gossamer::failure& why) {
    return gossamer::to_json(refusal_answer{false, {why.code, why.message}});
  });
  nsp.on("hello", [this](socket who, const args& given) { return hello(who, given); });
  nsp.on("join", [this](socket who, const args& given) { return join(who, given); });
  nsp.on("leave", [this](socket who, const args& given) { return leave(who, given); });
  nsp.on("message", [this](socket who, const args& given) { return say(who, given); });
  nsp.on("typing", [this](socket who, const args& given) { return typing(who, given); });
  nsp.on_disconnect([this](socket who, gossamer::disconnect_reason) { gone(who); });
}

chat_app::outcome<hello_answer> chat_app::hello(const socket& who, const args& given) {
  const auto text = given.get<std::string>(0);
  if (!text) return bad_request();
  const auto name = cleaned(*text, name_max);
  if (!name) return bad_name();

  auto& state = state_of(who);
  const person me{std::string(who.id()), *name};
  const std::vector<std::string> rooms(state.rooms.begin(), state.rooms.end());
  hello_answer answer{true, me, {}, wall_clock()};
  const bool is_free = hall_.with([&](hall& all) {
    if (!all.rename(me, state.me.name, rooms)) return false;
    answer.rooms = all.rooms();
    who.join(everybody);
    return true;
  });
  if (!is_free) return name_taken();
  const bool renamed = state.me.name != me.name;
  state.me = me;
  if (renamed) {
    for (const auto& room : rooms) who.to(members_of(room)).emit("person-renamed", room, me);
  }
  return answer;
}

chat_app::outcome<join_answer> chat_app::join(const socket& who, const args& given) {
  auto& state = state_of(who);
  if (state.me.name.empty()) return no_name();
  const auto room = room_of(given);
  if (!room) return room.error();
  const bool is_new = !state.rooms.contains(*room);
  if (is_new && state.rooms.size() >= rooms_of_socket_max) return too_many_rooms();

  auto answer = hall_.with([&](hall& all) -> outcome<join_answer> {
    if (is_new && !all.join(state.me, *room)) return too_many_rooms();
    if (is_new) who.join(members_of(*room));
    return all.about(*room);
  });
  if (answer && is_new) {
    state.rooms.insert(*room);
    who.to(members_of(*room)).emit("person-joined", *room, state.me);
    rooms_changed();
  }
  return answer;
}

chat_app::outcome<plain_answer> chat_app::leave(const socket& who, const args& given) {
  auto& state = state_of(who);
  if (state.me.name.empty()) return no_name();
  const auto room = room_of(given);
  if (!room) return room.error();
  if (!state.rooms.contains(*room)) return not_in_room();

  end_typing(who, *room);
  state.rooms.erase(*room);
  hall_.with([&](hall& all) {
    all.leave(state.me, *room);
    who.leave(members_of(*room));
  });
  who.to(members_of(*room)).emit("person-left", *room, state.me);
  rooms_changed();
  return plain_answer();
}

chat_app::outcome<message_answer> chat_app::say(const socket& who, const args& given) {
  auto& state = state_of(who);
  if (state.me.name.empty()) return no_name();
  const auto text = given.get<std::string>(1);
  const auto room = room_of(given);
  if (!text) return bad_request();
  if (!room) return room.error();
  const auto clean = cleaned(*text, text_max, text_kind::with_lines);
  if (!clean) return bad_text();
  if (!state.rooms.contains(*room)) return not_in_room();
  const auto now = steady_clock::now();
  if (said_too_much(state.messages, now)) return too_fast();

  state.messages.push_back(now);
  message_answer answer{true, {0, *room, state.me, *clean, wall_clock()}};
  hall_.with([&](hall& all) { all.say(answer.message); });
  end_typing(who, *room);
  who.to(members_of(*room)).emit("message", answer.message);
  return answer;
}

chat_app::outcome<plain_answer> chat_app::typing(const socket& who, const args& given) {
  auto& state = state_of(who);
  if (state.me.name.empty()) return no_name();
  const auto on = given.get<bool>(1);
  const auto room = room_of(given);
  if (!on) return bad_request();
  if (!room) return room.error();
  if (!state.rooms.contains(*room)) return not_in_room();
  if (*on) {
    type(who, *room);
  } else {
    end_typing(who, *room);
  }
  return plain_answer();
}

// The socket is gone, its state is still there: its name is free, and those who stay are told.
void chat_app::gone(const socket& who) {
  auto& state = state_of(who);
  if (state.me.name.empty()) return;
  hall_.with([&](hall& all) {
    all.forget_name(state.me.name);
    for (const auto& room : state.rooms) all.leave(state.me, room);
  });
  for (const auto& room : state.rooms) {
    end_typing(who, room);
    who.to(members_of(room)).emit("person-left", room, state.me);
  }
  if (!state.rooms.empty()) rooms_changed();
}

void chat_app::type(const socket& who, const std::string& room) {
  auto& state = state_of(who);
  auto [sign, begins] = state.typing.try_emplace(room);
  sign->second.cancel();
  sign->second = io_.after(typing_lasts, [this, who, room] { end_typing(who, room); });
  if (begins) who.to(members_of(room)).emit("typing", room, state.me, true);
}

void chat_app::end_typing(const socket& who, const std::string& room) {
  auto& state = state_of(who);
  const auto sign = state.typing.find(room);
  if (sign == state.typing.end()) return;
  sign->second.cancel();
  state.typing.erase(sign);
  who.to(members_of(room)).emit("typing", room, state.me, false);
}

void chat_app::rooms_changed() {
  if (!hall_.with([](hall& all) { return all.announce(); })) return;
  io_.after(rooms_told_within, [this] { tell_rooms(); });
}

void chat_app::tell_rooms() {
  const auto rooms = hall_.with([](hall& all) {
    all.told();
    return all.rooms();
  });
  io_.to(everybody).emit("rooms", rooms);
}

}  // namespace chat
