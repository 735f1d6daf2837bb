// What the templates of the public face call; not for applications.
#pragma once

#include "actors/include/gossamer/disconnect_reason.hpp"
#include "actors/include/gossamer/errc.hpp"
#include "actors/include/gossamer/handshake.hpp"
#include "actors/socketio/args.hpp"
#include "actors/socketio/encode.hpp"
#include "actors/socketio/frame_set.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"

#include <any>
#include <chrono>
#include <coroutine>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace gossamer {

class ack;
class admission;
class lane;
class next;
class socket;

/// Names one handler of one socket, for `off`. Never reused by that socket.
enum class handler_id : std::uint32_t {};

namespace detail {

class nsp_core;
class socket_core;

/// Names a namespace and owns nothing: may outlive it and its server. To be used inside a nsp_use.
struct nsp_ref {
  nsp_core* core = nullptr;
  std::uint16_t serial = 0;
  friend bool operator==(const nsp_ref&, const nsp_ref&) = default;
};

/// Names a socket and owns nothing.
struct socket_ref {
  nsp_core* nsp = nullptr;
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;
  lane_index home{};
  bool has_old_name = false;  // its id is `<namespace>#<id>`: see id_of
  std::uint16_t serial = 0;   // of the namespace
  socket_id id;
  [[nodiscard]] nsp_ref in() const { return {nsp, serial}; }
  friend bool operator==(const socket_ref&, const socket_ref&) = default;
};
static_assert(sizeof(socket_ref) == 40);

/// While an open one lives, its namespace and server do. Opens each operation: the namespace may be
/// gone, with its server or because it was empty. On the server's lanes it is a comparison; other
/// threads hold a lock for reading, which keeps the server's end waiting. Nests.
class nsp_use {
 public:
  explicit nsp_use(const nsp_ref& which) noexcept;
  explicit nsp_use(const socket_ref& which) noexcept : nsp_use(which.in()) {}
  nsp_use(const nsp_use&) = delete;
  nsp_use& operator=(const nsp_use&) = delete;
  ~nsp_use() {
    if (holds_gate_) leave_gate();
  }
  /// False: the namespace is gone.
  explicit operator bool() const { return open_; }

 private:
  static void leave_gate() noexcept;
  bool open_ = false;
  bool holds_gate_ = false;
};

struct emit_flags {
  bool is_volatile = false;
  bool compress = true;
  std::optional<milliseconds> timeout;
};

/// Which sockets of a namespace an operation reaches: the union of `rooms` (all, if there are none)
/// without the members of `except` and without `sender`.
struct selection {
  std::vector<std::string> rooms;
  std::vector<std::string> except;
  std::optional<socket_ref> sender;
  bool local = false;
  emit_flags flags;
};

/// The answers to an emit with acks.
struct broadcast_answers {
  bool complete = true;         // false: the time ran out with answers missing
  std::vector<args> responses;  // those that did come
};

/// A socket as another one sees it: a snapshot.
struct socket_snapshot {
  socket_ref ref;
  std::vector<std::string> rooms;
  std::string data_json;  // JSON text of `socket.data()`
  gossamer::handshake handshake;
};

/// One event on its way to a handler.
struct invocation {
  const socket_ref& who;
  std::string_view event;
  const args_view& arguments;
  std::optional<socketio::ack_id> wants_ack;
};

using ack_handler = std::function<void(result<args>)>;
using broadcast_ack_handler = std::function<void(broadcast_answers)>;
using event_handler = std::function<void(const invocation&)>;
using connection_handler = std::function<void(const socket_ref&)>;
using disconnect_handler = std::function<void(const socket_ref&, disconnect_reason)>;
using outgoing_handler =
    std::function<void(const socket_ref&, std::string_view event, const args_view&)>;
using admission_handler = std::function<void(const socket_ref&, next)>;
using packet_handler = std::function<void(const invocation&, next)>;
using error_handler = std::function<void(const socket_ref&, const failure&)>;
/// `room` and the id of the socket that joined or left; empty where a room begins or ends.
using room_handler = std::function<void(std::string_view room, std::string_view id)>;
enum class room_change : std::uint8_t { created, deleted, joined, left };
using fetch_handler = std::function<void(std::vector<socket_snapshot>)>;
/// Turns a failure of a handler into the JSON text that the client's ack gets; empty text: no
/// answer.
using error_mapper = std::function<std::string(const failure&)>;

/// The id as the application and the client know it. Any thread.
[[nodiscard]] std::string id_of(const socket_ref& who);

// -- a socket; any thread unless marked lane ------------------------------------------------------

/// What an operation returns where nsp_use is not open.
[[nodiscard]] inline error_code gone(const nsp_ref& nsp) {
  return nsp.core == nullptr ? errc::disconnected : errc::server_stopped;
}
/// In a nsp_use.
[[nodiscard]] socketio::packet_address address_of(const nsp_core& nsp);
[[nodiscard]] std::uint32_t next_ack_id(nsp_core& nsp);
/// A copy for whoever is not in a nsp_use; empty if the namespace is gone.
[[nodiscard]] std::string name_of(const nsp_ref& nsp);
[[nodiscard]] nsp_ref ref_of(const nsp_core& nsp);
error_code emit(const socket_ref& to, socketio::frame_set frames, const emit_flags& flags);
/// `done` is called once on the socket's lane, or at once if nothing can be sent.
void emit_with_ack(const socket_ref& to, std::uint32_t id, socketio::frame_set frames,
                   const emit_flags& flags, ack_handler done);
error_code join(const socket_ref& who, std::vector<std::string> rooms);
error_code leave(const socket_ref& who, std::vector<std::string> rooms);
error_code disconnect(const socket_ref& who, bool close);
error_code close_connection(const socket_ref& who);
/// Answers a client's event with an ack packet.
error_code answer(const socket_ref& to, socketio::frame_set frames);
[[nodiscard]] bool connected(const socket_ref& who);                                         // lane
[[nodiscard]] std::vector<std::string> rooms_of(const socket_ref& who);                      // lane
[[nodiscard]] handshake handshake_of(const socket_ref& who);                                 // lane
[[nodiscard]] boost::json::object& data_of(const socket_ref& who);                           // lane
[[nodiscard]] std::shared_ptr<void> typed_data_of(const socket_ref& who, const void* type);  // lane
/// False if the socket is gone.
bool set_typed_data(const socket_ref& who, std::shared_ptr<void> data, const void* type);  // lane
[[nodiscard]] transport_kind transport_of(const socket_ref& who);                          // lane
[[nodiscard]] bool recovered(const socket_ref& who);                                       // lane
[[nodiscard]] int revision_of(const socket_ref& who);                                      // lane
/// Where a catch-all handler goes.
enum class position : std::uint8_t { first, last };
handler_id on(const socket_ref& who, std::string event, event_handler handler, bool once);  // lane
void off(const socket_ref& who, std::string_view event);                                    // lane
bool off(const socket_ref& who, handler_id which);                                          // lane
[[nodiscard]] std::size_t listeners(const socket_ref& who, std::string_view event);         // lane
handler_id on_any(const socket_ref& who, event_handler handler, position where);            // lane
void off_any(const socket_ref& who);                                                        // lane
[[nodiscard]] std::size_t listeners_any(const socket_ref& who);                             // lane
handler_id on_any_outgoing(const socket_ref& who, outgoing_handler handler,
                           position where);                           // lane
void off_any_outgoing(const socket_ref& who);                         // lane
[[nodiscard]] std::size_t listeners_any_outgoing(const socket_ref&);  // lane
[[nodiscard]] std::stop_token stop_token_of(const socket_ref& who);   // lane
/// Runs `what` for this event when the earlier ones of its socket have called their `done`. Lane.
void run_in_order(const invocation& call,
                  std::function<void(const invocation&, std::function<void()> done)> what);
void on_disconnecting(const socket_ref& who, disconnect_handler handler);  // lane
void on_disconnect(const socket_ref& who, disconnect_handler handler);     // lane
void use(const socket_ref& who, packet_handler handler);                   // lane
void on_error(const socket_ref& who, error_handler handler);               // lane

// -- many sockets; any thread ---------------------------------------------------------------------

error_code broadcast(const nsp_ref& nsp, const selection& to, socketio::frame_set frames);
/// One id for all; `done` is called once on the caller's lane, or on some lane if the caller is on
/// none.
void broadcast_with_ack(const nsp_ref& nsp, const selection& to, std::uint32_t id,
                        socketio::frame_set frames, broadcast_ack_handler done);
error_code sockets_join(const nsp_ref& nsp, const selection& which, std::vector<std::string> rooms);
error_code sockets_leave(const nsp_ref& nsp, const selection& which,
                         std::vector<std::string> rooms);
error_code disconnect_sockets(const nsp_ref& nsp, const selection& which, bool close);
void fetch_sockets(const nsp_ref& nsp, const selection& which, fetch_handler done);

// -- a namespace's handlers; any thread -----------------------------------------------------------

void nsp_on(const nsp_ref& nsp, std::string event, event_handler handler);
void nsp_off(const nsp_ref& nsp, std::string_view event);
void nsp_on_any(const nsp_ref& nsp, event_handler handler);
void nsp_on_connection(const nsp_ref& nsp, connection_handler handler);
void nsp_on_disconnecting(const nsp_ref& nsp, disconnect_handler handler);
void nsp_on_disconnect(const nsp_ref& nsp, disconnect_handler handler);
void nsp_on_room(const nsp_ref& nsp, room_change what, room_handler handler);
void nsp_use_middleware(const nsp_ref& nsp, admission_handler handler);
void nsp_map_errors(const nsp_ref& nsp, error_mapper mapper);
void nsp_single_lane(const nsp_ref& nsp);
[[nodiscard]] std::size_t socket_count(const nsp_ref& nsp);
[[nodiscard]] std::size_t room_count(const nsp_ref& nsp);
[[nodiscard]] std::size_t room_size(const nsp_ref& nsp, std::string_view room);

// -- handlers' answers ----------------------------------------------------------------------------

/// Answers a requested ack by the namespace's error mapper and logs. Any thread.
void answer_failure(const socket_ref& to, std::optional<socketio::ack_id> id,
                    std::string_view event, const failure& why);
/// The same for a handler that threw.
void answer_exception(const socket_ref& to, std::optional<socketio::ack_id> id,
                      std::string_view event, const std::exception_ptr& thrown);

/// The handlers of all namespaces with `single_lane` of one server take turns by this.
class turn_taking;

/// Goes on with a coroutine where it was suspended: on its lane, if it was in a gossamer callback.
class resumption {
 public:
  /// Remembers the lane whose callback is running, if any, and whether it has the turn of
  /// single_lane.
  resumption();
  /// Any thread, also when the server is gone. Runs `go_on` on that lane (at once if its callback
  /// is running), or here if there was none. A lane that has ended destroys `go_on` unrun.
  void run(std::function<void()> go_on) const;

 private:
  std::shared_ptr<lane> lane_;
  turn_taking* turns_ = nullptr;  // used on the lane only
};

}  // namespace detail
}  // namespace gossamer
