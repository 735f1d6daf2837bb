// Calls an application's handlers for one socket, each inside a catch and with a name for the
// watchdog.
//
// Runs on: the socket's lane, in a callback scope.
#pragma once

#include "actors/include/gossamer/detail.hpp"
#include "actors/socket_core.hpp"
#include "actors/socketio/packet.hpp"

namespace gossamer::detail {

/// Packet middleware, then catch-all handlers, then those of the namespace and of the socket.
void dispatch_event(socket_core& socket, const socketio::packet& packet);
/// Gives an answer to the handler that waits for it; unknown and repeated ones are ignored.
void dispatch_ack(socket_core& socket, const socketio::packet& packet);
void dispatch_connection(socket_core& socket);
void dispatch_disconnecting(socket_core& socket, disconnect_reason reason);
void dispatch_disconnect(socket_core& socket, disconnect_reason reason);
/// Handlers of rooms' changes, if the namespace has some.
void dispatch_room(socket_core& socket, std::string_view room, room_change what);
/// The same for the room that is named like the socket: `created` and `joined`, or `left` and
/// `deleted`.
void dispatch_own_room(socket_core& socket, room_change what);
/// Ends all memberships.
void leave_all_rooms(socket_core& socket);
/// `stop_token` fires.
void request_stop(socket_core& socket);
/// What was encoded, decoded again: for the few who look at outgoing events. Refers to `frames`.
[[nodiscard]] std::optional<socketio::packet> read_back(const nsp_core& from,
                                                        const socketio::frame_set& frames);
/// Handlers of `on_any_outgoing`, for an event that is about to be sent.
void dispatch_outgoing(socket_core& socket, const socketio::frame_set& frames);

/// `emit` for an event with an ack id, which recovery does not keep.
error_code emit_unkept(const socket_ref& to, socketio::frame_set frames, const emit_flags& flags);

/// Pending acks, and requests to actors, end with `errc::disconnected`.
void fail_pending_acks(socket_core& socket);
/// Registers a pending ack and, with a timeout, its expiry. Errors: too many pending acks.
error_code expect_ack(socket_core& socket, std::uint32_t id, std::optional<milliseconds> timeout,
                      ack_handler done);

}  // namespace gossamer::detail
