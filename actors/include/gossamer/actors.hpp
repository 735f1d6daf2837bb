// For programs that use CAF: sockets as actors. The only public header that includes CAF.
//
// Every Socket.IO socket is an actor. Its handle (`actor_of`, or the `self` of a message) takes the
// messages below, can be monitored and linked, and ends when the socket disconnects; whatever is
// sent to it keeps its order with everything else that the same sender does to that socket.
//
// Any actor can be a member of a room, which is a CAF group:
//
//     self->join(io.room("/desk", "lobby"));    // from now on it gets a room_event for each
//     broadcast to the room self->send(group, gossamer::emit_event{"said", args});   // broadcasts
//     to the room, but not to `self` self->leave(group);
//
// A member gets one room_event for each room of a broadcast that it is in, FIFO for each sender and
// room; not those of rooms that are left out by `except` if it is in one of them. It counts neither
// in room_size nor in fetch_sockets, gives no acks, and is a member until it leaves or ends: the
// room holds a handle to it. When the server stops, members are told to exit (user_shutdown).
// Whatever an actor does to a room takes effect in the order in which it did it, by the lanes'
// queues, never at once.
#pragma once

#include "actors/include/gossamer/disconnect_reason.hpp"
#include "actors/include/gossamer/nsp.hpp"
#include "actors/include/gossamer/room_handle.hpp"
#include "actors/include/gossamer/socket.hpp"
#include "actors/socketio/args.hpp"
#include "actors/socketio/encode.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/error.hpp>
#include <caf/group.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gossamer {

/// Sends an event to the client of the socket that gets this message.
struct emit_event {
  std::string name;
  args arguments;
};
/// An event of any convertible values, as `socket.emit` takes them.
template <class... Ts>
[[nodiscard]] emit_event make_event(std::string name, const Ts&... values) {
  std::string text;
  std::vector<bytes> attachments;
  json_writer out(text, attachments);
  out.begin_array();
  (out.item(values), ...);
  out.end_array();
  const auto items = std::string_view(text).substr(1, text.size() - 2);
  return {std::move(name), args(items, sizeof...(Ts), attachments)};
}
/// Puts the socket into rooms, or takes it out of them.
struct join_rooms {
  std::vector<std::string> names;
};
struct leave_rooms {
  std::vector<std::string> names;
};
/// Ends the socket; with `close` the client's whole connection.
struct disconnect_socket {
  bool close = false;
};

/// What actors in a room get of a broadcast to it.
struct room_event {
  std::string nsp;
  std::string room;
  std::string name;
  args arguments;
  std::string from;  // id of the socket whose handler emitted it (`socket.to(room)`), or empty
};

/// Makes an actor system that is built with `config` run on lanes (0: one for each core) and know
/// rooms as groups: `system.groups().get("room", "/desk,lobby")`. Call once, before the system is
/// made.
void configure(caf::actor_system_config& config, std::size_t lanes = 0);

/// A room as a group; the same object as long as somebody has a handle, and the room lives as long
/// as that. Empty if the server has stopped. Any thread. A parent namespace's rooms are those of
/// its children: no members here.
[[nodiscard]] caf::group room_of(const nsp& in, std::string_view room);

/// The actor of a socket; empty if the socket is gone. *Lane*.
[[nodiscard]] caf::actor actor_of(const socket& who);

/// How a socket's disconnect reason appears in `down_msg` and `exit_msg`: category `sio`, code the
/// reason's number + 1.
[[nodiscard]] caf::error exit_reason_of(disconnect_reason reason);

}  // namespace gossamer

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gossamer::emit_event)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gossamer::room_event)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gossamer::join_rooms)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gossamer::leave_rooms)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gossamer::disconnect_socket)
