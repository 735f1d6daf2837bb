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
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gossamer {

class ack;
class admission;
class next;
class socket;

namespace detail {

class nsp_core;
class socket_core;

/// Names a socket and owns nothing. The namespace lives as long as its server.
struct socket_ref {
  nsp_core* nsp = nullptr;
  std::uint32_t slot = 0;
  std::uint32_t generation = 0;
  lane_index home{};
  socket_id id;
  friend bool operator==(const socket_ref&, const socket_ref&) = default;
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
using fetch_handler = std::function<void(std::vector<socket_snapshot>)>;
/// Turns a failure of a handler into the JSON text that the client's ack gets; empty text: no
/// answer.
using error_mapper = std::function<std::string(const failure&)>;

// -- a socket; any thread unless marked lane ------------------------------------------------------

[[nodiscard]] std::string_view name_of(const nsp_core& nsp);
[[nodiscard]] std::uint32_t next_ack_id(nsp_core& nsp);
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
[[nodiscard]] int revision_of(const socket_ref& who);                                      // lane
void on(const socket_ref& who, std::string event, event_handler handler, bool once);       // lane
void off(const socket_ref& who, std::string_view event);                                   // lane
void on_any(const socket_ref& who, event_handler handler);                                 // lane
void on_any_outgoing(const socket_ref& who, outgoing_handler handler);                     // lane
void on_disconnecting(const socket_ref& who, disconnect_handler handler);                  // lane
void on_disconnect(const socket_ref& who, disconnect_handler handler);                     // lane
void use(const socket_ref& who, packet_handler handler);                                   // lane
void on_error(const socket_ref& who,
              std::function<void(const socket_ref&, const failure&)> handler);  // lane

// -- many sockets; any thread ---------------------------------------------------------------------

error_code broadcast(nsp_core& nsp, const selection& to, socketio::frame_set frames);
/// One id for all; `done` is called once on the caller's lane, or on some lane if the caller is on
/// none.
void broadcast_with_ack(nsp_core& nsp, const selection& to, std::uint32_t id,
                        socketio::frame_set frames, broadcast_ack_handler done);
error_code sockets_join(nsp_core& nsp, const selection& which, std::vector<std::string> rooms);
error_code sockets_leave(nsp_core& nsp, const selection& which, std::vector<std::string> rooms);
error_code disconnect_sockets(nsp_core& nsp, const selection& which, bool close);
void fetch_sockets(nsp_core& nsp, const selection& which, fetch_handler done);

// -- a namespace's handlers; any thread -----------------------------------------------------------

void nsp_on(nsp_core& nsp, std::string event, event_handler handler);
void nsp_on_any(nsp_core& nsp, event_handler handler);
void nsp_on_connection(nsp_core& nsp, connection_handler handler);
void nsp_on_disconnecting(nsp_core& nsp, disconnect_handler handler);
void nsp_on_disconnect(nsp_core& nsp, disconnect_handler handler);
void nsp_use(nsp_core& nsp, admission_handler handler);
void nsp_map_errors(nsp_core& nsp, error_mapper mapper);
[[nodiscard]] std::size_t socket_count(const nsp_core& nsp);
[[nodiscard]] std::size_t room_count(const nsp_core& nsp);
[[nodiscard]] std::size_t room_size(const nsp_core& nsp, std::string_view room);

// -- handlers' answers ----------------------------------------------------------------------------

/// Answers a requested ack by the namespace's error mapper and logs. Any thread.
void answer_failure(const socket_ref& to, std::optional<socketio::ack_id> id,
                    std::string_view event, const failure& why);
/// The same for a handler that threw.
void answer_exception(const socket_ref& to, std::optional<socketio::ack_id> id,
                      std::string_view event, const std::exception_ptr& thrown);

/// Goes on with a coroutine where it was suspended: on its lane, if it was in a gossamer callback.
class resumption {
 public:
  /// Remembers the lane whose callback is running, if any.
  resumption();
  /// Any thread. Runs `go_on` on that lane (at once if its callback is running), or here if there
  /// was none.
  void run(std::function<void()> go_on) const;

 private:
  void* lane_ = nullptr;
};

}  // namespace detail
}  // namespace gossamer
