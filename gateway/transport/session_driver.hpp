// One Engine.IO session with its transports: carries out what `engineio::session` says.
//
// Runs on: its lane. Owns: the client (the Socket.IO side), the outbox while frames wait for a
// poll. Does not own the WebSocket: that belongs to its http::connection.
//
// Both the driver and the client are destroyed at the end of the turn in which the session ended,
// so either may close the session from within any call.
//
// Limits: outgoing bytes, see engine_options; incoming ones by max_http_buffer_size.
#pragma once

#include "actors/ports/connection.hpp"
#include "gateway/engineio/payload.hpp"
#include "gateway/engineio/session.hpp"
#include "gateway/transport/messages.hpp"
#include "gateway/transport/outbox.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/lanes/pollable.hpp"
#include "runtime/lanes/timer_wheel.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gossamer::transport {

class lane_sessions;
class websocket_link;

class session_driver final : public gossamer::connection, private timer, private flushable {
 public:
  /// `asked` is the handshake.
  session_driver(lane_sessions& owner, const session_id& id, const engineio::request& asked,
                 std::shared_ptr<const handshake_info> handshake);
  ~session_driver() override;

  /// \name The port of the Socket.IO side
  [[nodiscard]] lane& home() const override;
  [[nodiscard]] const session_id& id() const override { return id_; }
  [[nodiscard]] int revision() const override { return session_.revision(); }
  [[nodiscard]] transport_kind transport() const override;
  [[nodiscard]] std::shared_ptr<const handshake_info> handshake() const override {
    return handshake_;
  }
  send_status send(std::span<const shared_frame> frames) override;
  [[nodiscard]] bool ready_for_volatile() const override;
  [[nodiscard]] std::size_t queued_bytes() const override;
  void check_budget() override;
  void close(close_reason reason) override;

  /// \name The beginning: once, right after it was made
  /// The first poll is answered with the open packet, before the application hears of the session.
  void begin(const request_key& first_poll);
  void begin(websocket_link& first);

  /// \name Requests
  [[nodiscard]] std::optional<engineio::errc> refuses(const engineio::request& asked) const {
    return session_.refuses(asked);
  }
  void poll_arrived(const request_key& from);
  void post_begins(const request_key& from, bool octet_stream);
  void post_body(const request_key& from, std::string body, bool octet_stream);
  void request_aborted(const request_key& which);

  /// \name WebSocket
  /// True if it stays, as the probe of an upgrade; false if it is to be closed.
  [[nodiscard]] bool takes_probe(websocket_link& probe, const engineio::request& asked);
  void websocket_text(std::string_view text);
  void websocket_binary(std::string_view data);
  /// The upgrade packet came, and everything that was queued before it has been run.
  void upgrade_now();
  void websocket_drained();
  void websocket_lost(websocket_link& which, engineio::close_cause cause);
  void link_destroyed(websocket_link& which);

  /// Ends the session without waiting for a poll.
  void cut_off(engineio::close_cause cause);

 private:
  friend class session_table;

  void on_timer(time_point now) override;
  void flush() override;

  void start_client();
  std::size_t put(const shared_frame& frame);  // how much is queued then
  void put_open_packets();
  void receive(engineio::channel from, const engineio::packet& in, const request_key& request);
  void receive_payload(std::string_view body, bool octet_stream, const request_key& request);
  void websocket_packet(const engineio::packet& in);
  [[nodiscard]] bool deliver(const engineio::packet& in);
  void carry_out(const engineio::effects& todo, const request_key& request);
  void carry_out(engineio::effect what, const request_key& request);
  void answer_poll(engineio::effect how);
  [[nodiscard]] engineio::payload_form answer_form(engineio::effect how) const;
  void respond(std::string payload, engineio::payload_form form, bool compressible);
  std::size_t send_over_link(const shared_frame& frame);
  void drained();
  void adopt_probe();
  void close_websocket();
  void finish();
  [[nodiscard]] time_point stalled_at() const;
  void rearm();
  void give_outbox_back();
  [[nodiscard]] engineio::channel websocket_channel() const;
  [[nodiscard]] close_reason reason() const;
  [[nodiscard]] std::size_t budget() const;
  [[nodiscard]] bool on_websocket() const {
    return session_.transport() == engineio::transport_name::websocket;
  }

  lane_sessions& owner_;
  session_driver* next_in_bucket_ = nullptr;
  session_id id_;
  std::uint32_t oversize_bytes_ = 0;  // a message over the hard limit, taken on an empty queue
  engineio::session session_;
  std::unique_ptr<client> client_;
  std::shared_ptr<const handshake_info> handshake_;
  websocket_link* link_ = nullptr;  // the probe, or the transport
  std::unique_ptr<outbox> outbox_;
  request_key poll_;  // the GET that waits
  request_key post_;  // the POST that is being read
  time_point armed_for_{};
  close_reason close_as_ = close_reason::forced_close;
  bool drained_ = false;          // on_drain is due
  bool started_ = false;          // on_session has returned
  const bool jsonp_ : 1;          // polls are answered with script
  const bool base64_ : 1;         // of revision 3: polls take no binary data
  bool link_base64_ : 1 = false;  // of revision 3: the WebSocket takes none
};

static_assert(sizeof(session_driver) <= 320, "every idle client costs this much");

}  // namespace gossamer::transport
