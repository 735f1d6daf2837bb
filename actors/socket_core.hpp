// One Socket.IO socket as its lane sees it: everything but the actor part.
//
// Runs on: its lane. The actor (socket_actor_caf.cpp) derives from it, so that only that file sees
// CAF.
//
//     connecting --admitted--> connected --close--> closing --`disconnecting` handlers ran-->
//     closed
//         \-----refused, client gone-------------------------------------------------------->
//         closed
//
// Close is one function, `client_session::close_socket`; the memory is freed in a later turn, never
// while one of the socket's handlers is running.
#pragma once

#include "actors/include/gossamer/detail.hpp"
#include "actors/rooms/room.hpp"
#include "actors/socketio/ack_table.hpp"
#include "runtime/lanes/lane.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace gossamer::detail {

class client_session;
class server_core;

enum class socket_state : std::uint8_t { connecting, connected, closing, closed };

class socket_core;

/// Ends acks that do not come in time.
class ack_expiry final : public timer {
 public:
  explicit ack_expiry(socket_core& socket) : socket_(socket) {}
  void on_timer(time_point now) override;

 private:
  socket_core& socket_;
};

/// Events that wait for an earlier one of `in_order`. Runs on: the socket's lane.
/// Limits: ordered_events_max waiting; over it the connection is closed.
struct ordered_events {
  using runner = std::function<void(const invocation&, std::function<void()> done)>;
  struct waiting_event {
    std::string name;
    args arguments;
    std::optional<socketio::ack_id> id;
    runner run;
  };
  bool busy = false;
  bool draining = false;
  std::deque<waiting_event> waiting;
};
inline constexpr std::size_t ordered_events_max = 1024;

/// What a socket has asked actors and waits for. Runs on: the socket's lane.
class pending_requests {
 public:
  virtual ~pending_requests() = default;
  /// All of them end with `errc::disconnected`.
  virtual void end_all() = 0;
};

/// What most sockets do not have: handlers of their own, data, pending acks.
struct socket_extras {
  struct own_handler {
    handler_id id;
    std::string event;
    std::shared_ptr<const event_handler> call;
    bool once = false;
  };
  template <class Handler>
  struct catch_all {
    handler_id id;
    std::shared_ptr<const Handler> call;
  };
  std::vector<own_handler> handlers;
  std::vector<catch_all<event_handler>> any;
  std::vector<catch_all<outgoing_handler>> any_outgoing;
  std::uint32_t last_handler_id = 0;
  std::vector<std::shared_ptr<const packet_handler>> middleware;
  std::vector<disconnect_handler> disconnecting;
  std::vector<disconnect_handler> disconnect;
  std::vector<error_handler> errors;
  std::vector<std::pair<const void*, std::shared_ptr<void>>> typed_data;
  boost::json::object data;
  args auth;
  socketio::ack_table<ack_handler> acks;
  std::unique_ptr<ack_expiry> ack_timer;
  std::stop_source stop{std::nostopstate};  // made when somebody asks
  std::unique_ptr<ordered_events> ordered;
  std::unique_ptr<pending_requests> requests;

  [[nodiscard]] handler_id next_handler_id() { return handler_id{++last_handler_id}; }
};

class socket_core : public rooms::member {
 public:
  socket_core(nsp_core& its_nsp, client_session& its_owner, connection& its_link);
  socket_core(const socket_core&) = delete;
  socket_core& operator=(const socket_core&) = delete;
  virtual ~socket_core() = default;

  [[nodiscard]] socket_ref ref() const {
    return {&nsp, slot, generation, home_lane, has_old_name, nsp_serial, id};
  }
  [[nodiscard]] lane& home() const;
  /// Made on first use.
  [[nodiscard]] socket_extras& extra();
  /// Ends the actor: monitors see `reason`. Frees the socket as soon as no handle is left. The last
  /// call.
  virtual void release(disconnect_reason reason) noexcept = 0;
  /// The same in a later turn, when none of the socket's handlers can be running; frees handlers
  /// and data, and lets go of the namespace.
  void release_later(disconnect_reason reason);

  nsp_core& nsp;          // not to be used once released
  client_session* owner;  // null once closed
  connection* link;       // null once closed
  socket_id id;
  std::uint32_t slot = 0;        // in the lane's slot table
  std::uint32_t generation = 0;  // of the slot
  std::uint32_t place = 0;       // in the namespace's list of this lane
  socket_state state : 2 = socket_state::connecting;
  bool watches_outgoing : 1 = false;  // has any_outgoing handlers
  bool has_old_name : 1 = false;      // `<namespace>#<id>`, as clients of revision 3 expect
  bool recovered : 1 = false;         // goes on with an earlier session
  const lane_index home_lane;         // an id that the application has made does not say it
  const std::uint16_t nsp_serial;
  std::unique_ptr<socket_extras> extras;
};

/// Makes the actor of a socket; the lane holds a reference until `release`.
[[nodiscard]] socket_core& make_socket_actor(server_core& server, nsp_core& nsp,
                                             client_session& owner, connection& link);

}  // namespace gossamer::detail
