// The Socket.IO side of one Engine.IO session: decodes packets, keeps the client's sockets.
//
// A client is in one or more namespaces, with one socket each; all of them live on the session's
// lane.
//
//     CONNECT -> find the namespace (a parent may take its time) -> middleware, one after the other
//             -> connected: CONNECT packet, handlers of `connection`
//
// What closes the whole connection, as in Node: a packet that does not decode, a second CONNECT for
// a namespace, any packet for a namespace that is not joined (or still being joined), no namespace
// joined in time.
//
// A client of Engine.IO revision 3 speaks protocol 4: it is in `/` without asking, names a
// namespace with a query that is its auth, gets no id and no payload but the bare data of a
// refusal, and its sockets are named after the session: `<session id>`, or `<namespace>#<session
// id>`.
//
// Runs on: its lane. Limits: namespaces_per_client_max (over it, CONNECT_ERROR).
#pragma once

#include "actors/ports/connection.hpp"
#include "actors/server_core.hpp"
#include "actors/socket_core.hpp"
#include "actors/socketio/decoder.hpp"
#include "actors/socketio/encode.hpp"
#include "actors/socketio/parser.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gossamer::detail {

struct return_ticket;

class client_session final : public gossamer::client {
 public:
  client_session(server_core& server, connection& link);
  /// A client of Engine.IO revision 3 is in the namespace `/` without asking.
  void connect_main();
  ~client_session() override;

  void on_text(std::string_view message) override;
  void on_binary(bytes message) override;
  void on_close(close_reason reason) override;

  // -- for the operations of sockets ------------------------------------------------------------

  /// The one way in which a socket ends: `disconnecting`, leave all rooms, `disconnect`, forget.
  /// The socket's memory is freed in a later turn. Must not be called for a closed socket.
  static void close_socket(socket_core& socket, disconnect_reason reason);
  /// DISCONNECT for one namespace; with `close` for all, and the connection ends.
  static void disconnect(socket_core& socket, bool close);
  /// A middleware has decided. `step` says which one: late calls of an earlier one do nothing.
  static void decide(socket_core& socket, std::size_t step, const admission& decision);
  /// What it holds of an unfinished packet is needed for others.
  void give_way();

 private:
  struct waiting;  // a namespace that is being joined
  struct join_guard;
  struct rarely_used;
  struct entry {
    socket_core* socket = nullptr;  // null while a parent decides
    std::unique_ptr<waiting> pending;
    [[nodiscard]] bool used() const { return socket != nullptr || pending != nullptr; }
  };

  [[nodiscard]] std::string_view name_of(const entry& one) const;
  [[nodiscard]] entry* find(std::string_view nsp);
  template <class Decode, class Message>
  [[nodiscard]] result<std::optional<socketio::packet>> decode_with(Decode decode,
                                                                    const Message& message);
  void take(result<std::optional<socketio::packet>> packet);
  void hold_unfinished(std::size_t before);
  [[nodiscard]] socketio::packet_address address(std::string_view nsp) const;
  [[nodiscard]] socketio::decoder_options decoding() const;
  void handle(socketio::packet& packet);
  void handle_connect(std::string_view name, args auth);
  void ask_parents(const std::string& nsp, std::vector<nsp_core*> parents, std::size_t at);
  void found_namespace(entry& joining, nsp_core& nsp);
  void ask_recovery(entry& joining, nsp_core& nsp);
  [[nodiscard]] bool is_claiming(std::string_view name, std::uint64_t number);
  void claimed(nsp_core& nsp, bool yes);
  void begin_socket(entry& joining, nsp_core& nsp);
  /// The session that it goes on with, if it does; what it missed has been sent.
  [[nodiscard]] bool resume(socket_core& socket, const return_ticket& ticket);
  void next_middleware(socket_core& socket, std::size_t step);
  void admitted(socket_core& socket);
  void send_connect(const socket_core& socket);
  void turned_away(std::string_view nsp, std::string_view message, std::string_view data_json);
  void refused(std::string_view nsp, std::string_view message, std::string_view data_json);
  void connect_expired(std::string_view nsp);
  void forget(const socket_core& socket);
  void fail(const error_code& why);

  /// Callbacks that come back later find the session by this; null inside when it is gone.
  [[nodiscard]] std::shared_ptr<client_session*> self();
  void add(entry joining);
  void erase(entry& which);
  [[nodiscard]] std::size_t entry_count() const;
  [[nodiscard]] entry& last();

  server_core& server_;
  connection& link_;
  socketio::decoder decoder_;
  // Nearly all clients are in one namespace: the others, and what only few need, are elsewhere.
  entry first_;
  std::unique_ptr<rarely_used> more_;
  std::unique_ptr<join_guard> guard_;  // until the first namespace is joined
};

}  // namespace gossamer::detail
