// Actors as members of rooms, without CAF's headers: what broadcasts and the server need of them.
//
//     join, leave, death ── delivery ──> the room's home lane: guest list
//     broadcast ── delivery ──> the home lane: sockets of that lane, then hand_to_actors
//     group send ── always a delivery, also on a lane ──> broadcast
//
// Limits: what is queued for a room's home lane; the mailboxes of ordinary CAF actors are not
// bounded by CAF.
#pragma once

#include "actors/rooms/room.hpp"
#include "actors/socketio/args.hpp"
#include "actors/socketio/frame_set.hpp"
#include "runtime/base/result.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gossamer::detail {

class nsp_core;
class server_core;
/// The actors' side of one server's rooms. Any thread.
class room_actors;

/// The lanes must belong to an actor system.
[[nodiscard]] std::shared_ptr<room_actors> make_room_actors(server_core& server);
/// Tells all members to exit and lets go of them; groups that are still held do nothing from now
/// on. Lanes must run.
void close_room_actors(room_actors& side, server_core& server);

/// An event as actors get it, but for the room's name.
struct room_news {
  std::string nsp;
  std::string name;
  args arguments;
  std::string from;  // id of the socket that emits, or empty
};

/// Hands an event to a room's guests, but not to guests of `except` nor to the actor `sender`.
/// Runs on: the room's home lane. Runs no user code.
void hand_to_actors(const rooms::room& to, const room_news& news,
                    const std::vector<rooms::room_ptr>& except, const void* sender);

/// A broadcast to one room by an actor: always by the lanes' queues. In broadcast.cpp.
error_code broadcast_by_actor(nsp_core& nsp, std::string_view room, socketio::frame_set frames,
                              const void* actor);

}  // namespace gossamer::detail
