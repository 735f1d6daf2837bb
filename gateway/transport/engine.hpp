// One Engine.IO server, mounted at a path of an HTTP server.
//
//     connection -- http -- front (its lane) -- session_owner --> lane_sessions (session's lane)
//                                                                   session_driver, client
//
// Runs on: any thread, but for what is marked *lane*. Make it with `make`, give it to the route
// table, which asks `choose` and calls `on_request`. Lanes, HTTP server and acceptor must outlive
// it. Owns: the sessions of all lanes. Before it is destroyed: close() has finished, or the lanes
// have stopped.
//
// A session lives on the lane of the connection that opened it. Its requests may come on any
// connection of any lane. A WebSocket that joins a session of another lane moves there once, before
// the 101; what cannot move (TLS, or bytes of an earlier answer still queued) stays and is relayed.
#pragma once

#include "actors/ports/connection.hpp"
#include "gateway/http/handler.hpp"
#include "gateway/http/server.hpp"
#include "gateway/transport/counters.hpp"
#include "gateway/transport/front.hpp"
#include "gateway/transport/lane_sessions.hpp"
#include "gateway/transport/messages.hpp"
#include "gateway/transport/options.hpp"
#include "gateway/transport/session_owner.hpp"
#include "runtime/base/time.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gossamer::transport {

class engine final : public http::request_handler, public std::enable_shared_from_this<engine> {
 public:
  [[nodiscard]] static std::shared_ptr<engine> make(http::server& below, session_acceptor& above,
                                                    engine_options options);
  ~engine() override;

  /// What the paths of its requests start with: `/socket.io/`.
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const engine_options& options() const { return options_; }

  /// \name For the route table. *lane*
  [[nodiscard]] http::route_choice choose(const http::request& head);
  void on_request(std::shared_ptr<http::exchange> incoming) override;

  [[nodiscard]] engine_stats stats() const;
  void add_to(engine_stats& sum) const;

  /// No new sessions from now on; the open ones are closed as a server that shuts down does. Those
  /// on polling may fetch their close packet until `at_most` has passed. `done` (may be empty) is
  /// called on some lane when no session is left. Once.
  void close(milliseconds at_most, std::function<void()> done);
  [[nodiscard]] bool closing() const { return closing_.load(std::memory_order_relaxed); }

  /// \name For front and lane_sessions. *lane*
  [[nodiscard]] session_acceptor& acceptor() { return acceptor_; }
  [[nodiscard]] front& front_of(const lane& here);
  [[nodiscard]] lane_sessions& sessions_of(const lane& here);
  void answer(const lane& here, session_answer&& with);
  [[nodiscard]] std::optional<session_id> new_id(lane& here, const handshake_info& about);
  void forget_id(const session_id& id);
  /// Tells the application.
  void tell_refused(lane& here, const refused_request& refused) const;
  /// The lane of a session with that id, if there is one. It may not know the session.
  [[nodiscard]] lane* lane_of(const session_id& id);
  void join_websocket(lane& here, http::connection& on, websocket_request&& request);

 private:
  struct on_lane;
  class lane_router;
  engine(http::server& below, session_acceptor& above, engine_options options);
  void relay_websocket(lane& here, lane& owner, http::connection& on, websocket_request&& request);
  [[nodiscard]] std::optional<session_id> own_id(lane& here, const handshake_info& about);

  http::server& below_;
  session_acceptor& acceptor_;
  const engine_options options_;
  const std::string path_;
  std::vector<std::unique_ptr<on_lane>> lanes_;
  std::atomic<bool> closing_{false};

  // Ids of the application's own making do not say which lane they belong to.
  std::mutex own_ids_mutex_;
  std::unordered_map<session_id, lane_index, short_id_hash> own_ids_;
};

}  // namespace gossamer::transport
