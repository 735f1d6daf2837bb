// For programs that use CAF: sockets as actors. The only public header that includes CAF.
//
// Every Socket.IO socket is an actor. Its handle (`actor_of`, or the `self` of a message) takes the messages below,
// can be monitored and linked, and ends when the socket disconnects; whatever is sent to it keeps its order with
// everything else that the same sender does to that socket.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "actors/include/gossamer/disconnect_reason.hpp"
#include "actors/include/gossamer/socket.hpp"
#include "actors/socketio/args.hpp"

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/error.hpp>

namespace gossamer {

/// Sends an event to the client of the socket that gets this message.
struct emit_event {
  std::string name;
  args arguments;
};
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

/// The actor of a socket; empty if the socket is gone. *Lane*.
[[nodiscard]] caf::actor actor_of(const socket& who);

/// How a socket's disconnect reason appears in `down_msg` and `exit_msg`: category `sio`, code the reason's number + 1.
[[nodiscard]] caf::error exit_reason_of(disconnect_reason reason);

}  // namespace gossamer

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gossamer::emit_event)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gossamer::join_rooms)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gossamer::leave_rooms)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gossamer::disconnect_socket)
