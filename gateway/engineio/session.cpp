#include "gateway/engineio/session.hpp"

#include "runtime/base/limits.hpp"

#include <algorithm>

namespace gossamer::engineio {

session::session(const options& settings, transport_name transport, duration first_ping_in,
                 time_point now, int revision)
    : settings_(&settings),
      heartbeat_at_(now + first_ping_in),
      transport_(transport),
      revision_3_(revision == 3) {
  if (revision_3_) heartbeat_at_ = now + settings.ping_interval + settings.ping_timeout;
}

std::optional<errc> session::refuses(const request& asked) const {
  if (closed()) return errc::unknown_sid;
  if (!asked.upgrade() && asked.transport != transport_) return errc::transport_mismatch;
  if (asked.revision != revision()) return errc::protocol_mismatch;
  return std::nullopt;
}

// ---- requests ----

effects session::poll_arrived(bool outbox_empty, time_point now) {
  if (closed() || transport_ == transport_name::websocket) return {effect::refuse_request};
  if (poll_waiting_) return abort_refusing(close_cause::poll_overlap);
  poll_waiting_ = true;
  effects out;
  if (!outbox_empty) {
    // Also while closing: clients act on a close packet before they act on messages of the same
    // payload.
    answer_poll(out, effect::answer_poll);
  } else if (phase_ == phase::closing) {
    answer_poll(out, effect::answer_late_close);
    finish(out, cause_);
  } else if (upgrade_ == upgrade::probed && now >= noop_at_) {
    tick_upgrade(out, now);
  }
  return out;
}

effects session::poll_aborted() {
  if (!poll_waiting_) return {};
  poll_waiting_ = false;
  return abort(close_cause::poll_aborted);
}

effects session::post_arrived(bool octet_stream) {
  if (closed() || transport_ == transport_name::websocket) return {effect::refuse_request};
  if (post_active_) return abort_refusing(close_cause::post_overlap);
  if (octet_stream && !revision_3_) return abort_refusing(close_cause::bad_content);
  post_active_ = true;
  return {};
}

effects session::post_finished() {
  post_active_ = false;
  if (!post_holds_websocket_) return {};
  post_holds_websocket_ = false;
  if (closed()) return {};
  return {effect::release_websocket};
}

effects session::post_aborted() {
  if (!post_active_ || post_holds_websocket_) return post_finished();
  post_active_ = false;
  return abort(close_cause::post_aborted);
}

effects session::outbox_filled() {
  effects out;
  if (transport_ == transport_name::polling && poll_waiting_) {
    answer_poll(out, effect::answer_poll);
  }
  return out;
}

void session::answer_poll(effects& out, effect how) {
  if (!poll_waiting_) return;
  poll_waiting_ = false;
  out.add(how);
}

// ---- packets ----

effects session::receive(channel from, const packet& in, time_point now) {
  if (closed()) return {};
  return from == channel::probe ? receive_on_probe(in, now) : receive_on_transport(in, now);
}

effects session::receive_garbage(channel from) {
  if (closed()) return {};
  if (from == channel::transport)
    return open() ? abort_by_packet(close_cause::bad_packet) : effects{};
  effects out;
  drop_probe(out);
  return out;
}

effects session::receive_on_transport(const packet& in, time_point now) {
  if (!open()) return {};
  if (in.type != packet_type::pong) extend_pong_deadline(now);
  switch (in.type) {
    case packet_type::message: return {effect::deliver};
    case packet_type::ping: return ping_received(now);
    case packet_type::pong: return pong_received(now);
    case packet_type::close: return client_closed();
    default: return {};
  }
}

effects session::client_closed() {
  effects out;
  answer_poll(out, effect::answer_poll_noop);
  if (transport_ == transport_name::websocket) out.add(effect::close_websocket);
  finish(out, close_cause::client_closed);
  return out;
}

// ---- heartbeat ----

effects session::ping_received(time_point now) {
  if (!revision_3_) return abort_by_packet(close_cause::wrong_heartbeat);
  heartbeat_at_ = now + settings_->ping_interval + settings_->ping_timeout;
  return {effect::send_pong};
}

effects session::pong_received(time_point now) {
  if (revision_3_) return abort_by_packet(close_cause::wrong_heartbeat);
  awaiting_pong_ = false;
  heartbeat_at_ = now + settings_->ping_interval;
  return {};
}

// Any packet shows that the client lives; once for each ping it gets a new deadline for its pong.
void session::extend_pong_deadline(time_point now) {
  if (!awaiting_pong_ || pong_extended_) return;
  pong_extended_ = true;
  heartbeat_at_ = now + settings_->ping_timeout;
}

void session::tick_heartbeat(effects& out, time_point now) {
  if (!open() || now < heartbeat_at_) return;
  if (awaiting_pong_ || revision_3_) {
    abort(out, close_cause::ping_timeout);
    return;
  }
  awaiting_pong_ = true;
  pong_extended_ = false;
  heartbeat_at_ = now + settings_->ping_timeout;
  out.add(effect::send_ping);
}

// ---- upgrade ----

effects session::websocket_arrived(time_point now) {
  if (!open() || upgrading() || transport_ == transport_name::websocket) {
    return {effect::refuse_websocket};
  }
  upgrade_ = upgrade::probing;
  upgrade_until_ = now + settings_->upgrade_timeout;
  return {effect::accept_probe};
}

effects session::receive_on_probe(const packet& in, time_point now) {
  if (!upgrading()) return {};
  effects out;
  if (in.type == packet_type::ping && in.data == "probe") {
    upgrade_ = upgrade::probed;
    noop_at_ = now;
    out.add(effect::send_probe_pong);
    tick_upgrade(out, now);
  } else if (in.type == packet_type::upgrade) {
    out = adopt_probe();
  } else {
    drop_probe(out);
  }
  return out;
}

effects session::adopt_probe() {
  effects out;
  upgrade_ = upgrade::none;
  answer_poll(out, effect::answer_poll_noop);
  transport_ = transport_name::websocket;
  out.add(effect::adopt_probe);
  if (phase_ == phase::closing) {
    out.add(effect::close_websocket);
    finish(out, cause_);
  } else if (post_active_) {
    post_holds_websocket_ = true;
    out.add(effect::hold_websocket);
  }
  return out;
}

void session::drop_probe(effects& out) {
  if (!upgrading()) return;
  upgrade_ = upgrade::none;
  out.add(effect::close_probe);
}

effects session::websocket_lost(channel from, close_cause cause) {
  if (closed()) return {};
  effects out;
  if (from == channel::probe) {
    upgrade_ = upgrade::none;
  } else if (transport_ == transport_name::websocket) {
    finish(out, cause);
  }
  return out;
}

void session::tick_upgrade(effects& out, time_point now) {
  if (upgrading() && now >= upgrade_until_) drop_probe(out);
  if (upgrade_ != upgrade::probed || !poll_waiting_ || now < noop_at_) return;
  answer_poll(out, effect::answer_poll_noop);
  noop_at_ = now + milliseconds(limits::upgrade_noop_ms);
}

// ---- time ----

effects session::tick(time_point now) {
  effects out;
  if (closed()) return out;
  tick_upgrade(out, now);
  if (phase_ == phase::closing && now >= close_until_) {
    finish(out, cause_);
  } else {
    tick_heartbeat(out, now);
  }
  return out;
}

time_point session::deadline() const {
  if (closed()) return time_point::max();
  time_point next = phase_ == phase::closing ? close_until_ : heartbeat_at_;
  if (upgrading()) next = std::min(next, upgrade_until_);
  if (upgrade_ == upgrade::probed && poll_waiting_) next = std::min(next, noop_at_);
  return next;
}

// ---- the end ----

effects session::close(close_cause cause, time_point now) {
  if (!open()) return {};
  if (transport_ == transport_name::websocket || poll_waiting_) return abort(cause);
  phase_ = phase::closing;
  cause_ = cause;
  close_until_ = now + milliseconds(limits::polling_close_ms);
  return {};
}

effects session::abort(close_cause cause) {
  effects out;
  if (!closed()) abort(out, cause);
  return out;
}

effects session::abort_refusing(close_cause cause) {
  effects out{effect::refuse_request};
  abort(out, cause);
  return out;
}

// A POST that brought the packet is refused, a WebSocket just ends.
effects session::abort_by_packet(close_cause cause) {
  return post_active_ ? abort_refusing(cause) : abort(cause);
}

void session::abort(effects& out, close_cause cause) {
  answer_poll(out, effect::answer_poll_close);
  if (transport_ == transport_name::websocket) out.add(effect::close_websocket);
  finish(out, cause);
}

void session::finish(effects& out, close_cause cause) {
  drop_probe(out);
  phase_ = phase::closed;
  cause_ = cause;
  out.add(effect::closed);
}

}  // namespace gossamer::engineio
