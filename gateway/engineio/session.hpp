// One Engine.IO session: heartbeat, requests, transport upgrade, close.
//
// Pure: no socket, no timer, no clock, no heap. The caller feeds what happened and the time, then
// carries out the returned effects in order. Messages never pass through: the machine only says
// `deliver`, and on which transport the outbox may leave.
//
//              websocket_arrived       2probe          5
//     polling ------------------> probing ---> probed ---> websocket
//        ^                           |           |
//        +--- other packet, lost, upgrade_timeout+
//
// In revision 4 the server pings and the client has ping_timeout to answer. In revision 3 the
// client pings, at least once in ping_interval + ping_timeout, and binary POSTs are allowed; all
// else is the same.
//
// Departures from engine.io 6.6.12, all deliberate:
// - A deadline of the heartbeat stays when the transport changes (there the timer is lost).
// - The first noop of an upgrade goes out with `3probe` instead of up to 100 ms later.
// - A poll that waits at the upgrade packet gets `6`, not `1`.
// - A second WebSocket is closed also if the session began on WebSocket.
// - A POST that had begun before the upgrade packet is delivered, and WebSocket data waits for it;
//   there the request is destroyed.
// - Packet `1` over WebSocket closes the session; there it is ignored.
#pragma once

#include "gateway/engineio/close_cause.hpp"
#include "gateway/engineio/effects.hpp"
#include "gateway/engineio/options.hpp"
#include "gateway/engineio/packet.hpp"
#include "gateway/engineio/request.hpp"
#include "runtime/base/time.hpp"

#include <optional>

namespace gossamer::engineio {

/// Where a packet came from.
enum class channel : std::uint8_t { transport, probe };

class session {
 public:
  /// A session that starts on `transport`; the open packet is the driver's first to send.
  /// `first_ping_in` is at most ping_interval: the driver spreads it, so that clients which came
  /// together are not pinged together. `revision` is 3 or 4. `settings` outlives the session.
  session(const options& settings, transport_name transport, duration first_ping_in, time_point now,
          int revision = 4);

  [[nodiscard]] transport_name transport() const { return transport_; }
  [[nodiscard]] int revision() const { return revision_3_ ? 3 : 4; }
  [[nodiscard]] bool open() const { return phase_ == phase::open; }
  [[nodiscard]] bool closed() const { return phase_ == phase::closed; }
  [[nodiscard]] bool poll_waiting() const { return poll_waiting_; }
  [[nodiscard]] bool upgrading() const { return upgrade_ != upgrade::none; }
  [[nodiscard]] close_cause cause() const { return cause_; }

  /// May this request be served? The owner's part of the checks.
  [[nodiscard]] std::optional<errc> refuses(const request& asked) const;

  /// A GET. `outbox_empty`: is there nothing to answer it with?
  [[nodiscard]] effects poll_arrived(bool outbox_empty, time_point now);
  /// The client gave the waiting GET up.
  [[nodiscard]] effects poll_aborted();
  /// A POST begins; then follow its packets and `post_finished`, or `post_aborted`.
  [[nodiscard]] effects post_arrived(bool octet_stream);
  [[nodiscard]] effects post_finished();
  [[nodiscard]] effects post_aborted();

  /// A WebSocket with this sid was opened.
  [[nodiscard]] effects websocket_arrived(time_point now);
  /// It ended, for `cause` if it was the transport.
  [[nodiscard]] effects websocket_lost(channel from, close_cause cause);

  /// A packet of the POST being read, or of a WebSocket.
  [[nodiscard]] effects receive(channel from, const packet& in, time_point now);
  /// What came is not a packet. The rest of a POST may still be fed after a `refuse_request`; it
  /// has no effect.
  [[nodiscard]] effects receive_garbage(channel from);

  /// The outbox got something, or the turn ends: may it leave now? On WebSocket always: the driver
  /// does not ask.
  [[nodiscard]] effects outbox_filled();

  /// Ends the session when what is queued has gone out.
  [[nodiscard]] effects close(close_cause cause, time_point now);
  /// Ends it at once.
  [[nodiscard]] effects abort(close_cause cause);

  /// Call when `deadline()` has passed.
  [[nodiscard]] effects tick(time_point now);
  /// Changes with every input; `time_point::max()` after the end.
  [[nodiscard]] time_point deadline() const;

 private:
  enum class phase : std::uint8_t { open, closing, closed };
  enum class upgrade : std::uint8_t { none, probing, probed };

  effects receive_on_transport(const packet& in, time_point now);
  effects receive_on_probe(const packet& in, time_point now);
  effects client_closed();
  effects adopt_probe();
  effects abort_refusing(close_cause cause);
  effects abort_by_packet(close_cause cause);
  void abort(effects& out, close_cause cause);
  effects ping_received(time_point now);
  effects pong_received(time_point now);
  void extend_pong_deadline(time_point now);
  void drop_probe(effects& out);
  void tick_upgrade(effects& out, time_point now);
  void tick_heartbeat(effects& out, time_point now);
  void finish(effects& out, close_cause cause);
  void answer_poll(effects& out, effect how);

  const options* settings_;
  time_point heartbeat_at_;   // the next ping, or the deadline of what the client owes
  time_point upgrade_until_;  // while probing
  time_point noop_at_;        // while probed: not before this is a poll ended with a noop
  time_point close_until_;    // while closing
  transport_name transport_;
  phase phase_ = phase::open;
  upgrade upgrade_ = upgrade::none;
  close_cause cause_ = close_cause::none;
  bool poll_waiting_ : 1 = false;
  bool post_active_ : 1 = false;
  bool post_holds_websocket_ : 1 = false;
  bool awaiting_pong_ : 1 = false;
  bool pong_extended_ : 1 = false;
  const bool revision_3_ : 1;
};

static_assert(sizeof(session) <= 56);

}  // namespace gossamer::engineio
