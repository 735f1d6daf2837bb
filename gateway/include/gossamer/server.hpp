// A Socket.IO server.
//
//     gossamer::server io;
//     io.on_connection([](gossamer::socket s) { s.emit("hello", "world"); });
//     if (auto bound = io.listen({.port = 3000}); !bound) return complain(bound.error());
//     io.run();
//
// Reads no argv, environment or file, has no global logger and installs no signal handler (but
// `run` waits for signals). Any thread that is no lane for the constructor, `listen`, `run`, `stop`
// and the destructor; any thread for the rest. Concurrency: handlers of one socket never overlap,
// handlers of different sockets run in parallel on different lanes; see docs/threads.md.
#pragma once

#include "actors/include/gossamer/guarded.hpp"
#include "actors/include/gossamer/nsp.hpp"
#include "actors/include/gossamer/room_handle.hpp"
#include "actors/include/gossamer/socket.hpp"
#include "gateway/http/router.hpp"
#include "gateway/include/gossamer/options.hpp"
#include "gateway/include/gossamer/pending_call.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caf {
class actor_system;
}

namespace gossamer {

namespace detail {
class runtime_side;
struct server_inside;
}  // namespace detail

/// Numbers of the server as they are now; O(1).
struct server_counts {
  std::size_t connections = 0;       // TCP connections
  std::size_t polling_sessions = 0;  // Engine.IO sessions by transport
  std::size_t websocket_sessions = 0;
  [[nodiscard]] std::size_t sessions() const { return polling_sessions + websocket_sessions; }
};

struct stop_options {
  /// How long answers under way and close packets may take; the lanes then get as much again to
  /// finish.
  milliseconds at_most{5'000};
};

/// What was left when the time was over.
struct stop_report {
  bool clean = true;
};

class server {
 public:
  /// Starts the lanes. Errors: throws std::invalid_argument for a bad option.
  explicit server(options settings = {});
  /// The same on the program's own actor system, which may have several servers and outlives them.
  /// Its lanes go on when the server stops, until it ends; what the option `lanes` and those behind
  /// it say of lanes was said to gossamer::configure.
  /// Errors: throws boost::system::system_error if gossamer::configure was not called on its
  /// configuration; std::invalid_argument if that has another number of lanes than `settings` asks
  /// for, or another answer to `polled`.
  server(caf::actor_system& system, options settings);
  server(const server&) = delete;
  server& operator=(const server&) = delete;
  /// Stops, if `stop` was not called.
  ~server();

  // -- namespaces -------------------------------------------------------------------------------
  /// The namespace of that name, made if it is not there; `/` in front may be left out.
  [[nodiscard]] nsp of(std::string_view name);
  /// A parent namespace over all names that match the pattern (ECMAScript; the whole name has to
  /// match). Errors: throws std::regex_error.
  [[nodiscard]] nsp of_pattern(const std::string& pattern);
  /// A parent namespace over all names that `accepts(name, handshake, answer)` answers with true;
  /// it is asked about names that are not there yet, `answer` may be called later, anywhere, once.
  [[nodiscard]] nsp of_matching(
      std::function<void(std::string_view name, const handshake&, std::function<void(bool)> answer)>
          accepts);
  /// The main namespace, `/`.
  [[nodiscard]] nsp sockets() { return of("/"); }
  /// `handler(nsp)` for each namespace that is made from now on, by `of` or for a client; on the
  /// thread that makes it, before a client is in it.
  void on_new_namespace(std::function<void(nsp)> handler);

  /// A room by name; with <gossamer/actors.hpp> actors can join it.
  [[nodiscard]] room_handle room(std::string_view nsp, std::string name) {
    return {of(nsp).ref(), std::move(name)};
  }

  // -- the main namespace's methods -------------------------------------------------------------
  // What they do: nsp.hpp. All others, and typed events, by `sockets()`.
  template <class Handler>
  nsp use(Handler handler) {
    return sockets().use(std::move(handler));
  }
  template <class Handler>
  nsp on(std::string_view name, Handler handler) {
    return sockets().on(name, std::move(handler));
  }
  template <class Handler>
  nsp on_connection(Handler handler) {
    return sockets().on_connection(std::move(handler));
  }
  template <class... Ts>
  error_code emit(std::string_view name, const Ts&... values) {
    return sockets().emit(name, values...);
  }
  template <class... Ts>
  error_code send(const Ts&... values) {
    return sockets().send(values...);
  }
  template <class... Ts>
  error_code write(const Ts&... values) {
    return sockets().write(values...);
  }
  template <class... Ts>
  [[nodiscard]] task<broadcast_answers> emit_with_ack(std::string_view name, const Ts&... values) {
    return sockets().emit_with_ack(name, values...);
  }
  [[nodiscard]] broadcast_operator to(room_names rooms) { return sockets().to(std::move(rooms)); }
  [[nodiscard]] broadcast_operator in(room_names rooms) { return sockets().to(std::move(rooms)); }
  [[nodiscard]] broadcast_operator except(room_names rooms) {
    return sockets().except(std::move(rooms));
  }
  [[nodiscard]] broadcast_operator volatile_() { return sockets().volatile_(); }
  [[nodiscard]] broadcast_operator local() { return sockets().local(); }
  [[nodiscard]] broadcast_operator compress(bool on) { return sockets().compress(on); }
  [[nodiscard]] broadcast_operator timeout(milliseconds limit) { return sockets().timeout(limit); }
  [[nodiscard]] task<std::vector<remote_socket>> fetch_sockets() {
    return sockets().fetch_sockets();
  }
  error_code sockets_join(room_names rooms) { return sockets().sockets_join(std::move(rooms)); }
  error_code sockets_leave(room_names rooms) { return sockets().sockets_leave(std::move(rooms)); }
  error_code disconnect_sockets(bool close = false) { return sockets().disconnect_sockets(close); }

  template <class... Ts>
  error_code server_side_emit(std::string_view name, const Ts&... values) {
    return sockets().server_side_emit(name, values...);
  }
  template <class... Ts>
  [[nodiscard]] task<broadcast_answers> server_side_emit_with_ack(std::string_view name,
                                                                  const Ts&... values) {
    return sockets().server_side_emit_with_ack(name, values...);
  }

  // -- time -------------------------------------------------------------------------------------

  /// Calls a function once, after this time or up to 10 ms later. Runs on: the lane of the calling
  /// handler, so that it never overlaps with that socket's handlers; the first lane if the caller
  /// is no handler. What still waits when the server stops is dropped.
  pending_call after(milliseconds delay, std::function<void()> what);

  // -- HTTP and Engine.IO -----------------------------------------------------------------------

  /// Routes beside Socket.IO's.
  [[nodiscard]] http::router& http();
  /// One more engine middleware, behind those of the options. Requests that come later see it.
  void use_engine(engine_middleware one);
  /// Serves a bare Engine.IO server under another path, with this server's Engine.IO options but
  /// without CORS. Before `listen`; `above` must outlive this server.
  void mount_engine(std::string path, session_acceptor& above);
  /// Serves the files of a directory under `prefix`. Gives the number of files.
  [[nodiscard]] result<std::size_t> serve_directory(std::string_view prefix,
                                                    const std::string& directory);
  [[nodiscard]] server_counts counts() const;

  // -- operations -------------------------------------------------------------------------------

  /// Routes `<prefix>/healthz` and `<prefix>/metrics` on the clients' addresses.
  void mount_ops(const std::string& prefix = "");
  /// Serves both on an address of their own, which no handler holds up. As `listen`.
  [[nodiscard]] result<bound_address> listen_ops(const ops_options& where = {});
  /// Where the option `ops` or `listen_ops` has bound first.
  [[nodiscard]] std::optional<bound_address> ops_address() const;

  // -- a loop of the program's own, see options::polled -----------------------------------------

  /// Does what is due on the calling thread: reads from clients, runs handlers, timers and actors,
  /// sends. Does not wait; returns when nothing is left to be done, or after the turn in which the
  /// budget was used up (0: one turn). True: something is left. Not in a handler. Does nothing
  /// (false) if the server is not polled, or has stopped.
  bool poll(std::chrono::microseconds budget = {});
  /// The same until that time, sleeping while there is nothing to do.
  void serve_until(std::chrono::steady_clock::time_point until);
  /// Readable when `poll`, after a false, has something to do or a timer is due: an epoll fd, to be
  /// waited for in a loop of the program's own, not to be read. -1 if the server is not polled.
  [[nodiscard]] int poll_fd();

  // -- life -------------------------------------------------------------------------------------

  /// Listens; returns when bound. May be called again for further addresses.
  /// Errors: those of the system, e.g. address in use.
  [[nodiscard]] result<bound_address> listen(listen_options where = {});
  /// Waits for SIGTERM or SIGINT, or for `stop` on another thread, then stops.
  stop_report run(stop_options how = {});
  /// Closes the gate, ends all sessions, then the lanes. Once; later calls return the first report.
  /// What other threads still hold afterwards (sockets, namespaces, operators, acks, `next`s,
  /// rooms) may outlive the server: operations return an error and do nothing.
  stop_report stop(stop_options how = {});

  /// The actor system; see <gossamer/actors.hpp>.
  [[nodiscard]] caf::actor_system& system();

 protected:
  /// For gossamer::testing. Null: an actor system of its own.
  server(std::unique_ptr<detail::runtime_side> side, options settings);
  [[nodiscard]] detail::server_inside inside();

 private:
  struct parts;
  void wait_for_wake();
  std::shared_ptr<parts> parts_;
};

}  // namespace gossamer
