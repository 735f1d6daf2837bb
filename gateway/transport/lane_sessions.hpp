// The owner's side of an engine on one lane: its sessions, and what requests do to them.
//
// Runs on: its lane. Owns: the sessions. A session that ended is destroyed at the end of the turn.
#pragma once

#include "actors/ports/connection.hpp"
#include "gateway/transport/counters.hpp"
#include "gateway/transport/messages.hpp"
#include "gateway/transport/old_frames.hpp"
#include "gateway/transport/options.hpp"
#include "gateway/transport/outbox.hpp"
#include "gateway/transport/session_table.hpp"
#include "gateway/websocket/deflater.hpp"
#include "runtime/lanes/lane.hpp"
#include "runtime/lanes/pollable.hpp"
#include "runtime/lanes/timer_wheel.hpp"

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace gossamer::transport {

class engine;
class relayed_link;
class websocket_link;
struct relay;

/// A WebSocket request whose connection is on the session's lane, the 101 not yet sent.
struct websocket_request {
  engineio::request asked;
  std::string key;          // Sec-WebSocket-Key
  std::string more_fields;  // lines for the 101
  std::string extensions;   // Sec-WebSocket-Extensions of the 101; empty: none
  [[nodiscard]] bool deflate() const { return !extensions.empty(); }
};

class lane_sessions final : private flushable, private timer {
 public:
  lane_sessions(engine& owner, lane& home, lane_counters& counters);
  ~lane_sessions() override;

  [[nodiscard]] lane& home() const { return home_; }
  [[nodiscard]] const engine_options& options() const;
  [[nodiscard]] lane_counters& counters() { return counters_; }
  [[nodiscard]] outbox_pool& outboxes() { return outboxes_; }
  [[nodiscard]] const shared_frame& ping_frame() const { return ping_; }
  [[nodiscard]] const shared_frame& pong_frame() const { return pong_; }
  [[nodiscard]] const shared_frame& probe_pong_frame() const { return probe_pong_; }
  /// The frame for a client that takes deflated messages.
  [[nodiscard]] shared_frame deflated(const shared_frame& frame);
  /// At most ping_interval, spread over its last fifth.
  [[nodiscard]] duration first_ping_in();

  /// A request with a sid. The answer goes to its front.
  void handle(session_request&& request);
  /// New sessions on this lane.
  void open_polling(const session_id& id, const engineio::request& asked,
                    std::shared_ptr<const handshake_info> handshake, const request_key& first_poll);
  void open_websocket(const session_id& id, std::shared_ptr<const handshake_info> handshake,
                      websocket_link& on, const websocket_request& request);
  /// A WebSocket with a sid: becomes the session's probe, or is told why not.
  void join_websocket(websocket_link& on, const websocket_request& request);
  void join_relayed(std::shared_ptr<relay> shared, const websocket_request& request);
  void relay_closed(relayed_link& which);
  static void accept_and_close(websocket_link& on, const websocket_request& request);
  [[nodiscard]] bool has(const session_id& id) const { return sessions_.find(id) != nullptr; }

  /// Closes all sessions; what still waits for a poll at `until` is cut off. `done` is called when
  /// none is left.
  void close_all(time_point until, std::function<void()> done);

  /// \name For the sessions
  /// Nothing if the application threw or does not want it.
  [[nodiscard]] std::unique_ptr<client> make_client(session_driver& session);
  void answer(const request_key& to, http::response&& content);
  /// What a WebSocket client of revision 3 gets for a binary frame.
  [[nodiscard]] const shared_frame& old_frame_of(const shared_frame& binary, bool base64);
  /// Calls upgrade_now() of that session behind what is in the lane's queue now.
  void post_upgrade(const session_id& id);
  void session_upgraded(session_driver& session);
  void session_ended(session_driver& session, engineio::close_cause cause);

 private:
  void flush() override;
  void on_timer(time_point now) override;
  session_driver& add(const session_id& id, const engineio::request& asked,
                      std::shared_ptr<const handshake_info> handshake);
  void handle_known(session_driver& session, session_request&& request);
  void refuse(const session_request& request, engineio::errc why);
  void refuse(websocket_link& on, const websocket_request& request, engineio::errc why);
  void tell_if_empty();

  engine& engine_;
  lane& home_;
  lane_counters& counters_;
  session_table sessions_;
  std::vector<std::unique_ptr<session_driver>> ended_;
  std::unordered_map<relayed_link*, std::unique_ptr<relayed_link>> relayed_;
  outbox_pool outboxes_;
  old_frames old_frames_;
  shared_frame ping_;
  shared_frame pong_;
  shared_frame probe_pong_;
  std::unique_ptr<websocket::deflater> deflater_;  // null until a client takes deflated messages
  std::function<void()> all_closed_;
};

}  // namespace gossamer::transport
