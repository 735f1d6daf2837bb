#include "gateway/transport/session_driver.hpp"

#include "gateway/engineio/base64.hpp"
#include "gateway/engineio/payload.hpp"
#include "gateway/transport/answers.hpp"
#include "gateway/transport/lane_sessions.hpp"
#include "gateway/transport/websocket_link.hpp"
#include "runtime/lanes/lane.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace gossamer::transport {

using engineio::channel;
using engineio::close_cause;
using engineio::effect;
using engineio::effects;
using engineio::packet;
using engineio::transport_name;

session_driver::session_driver(lane_sessions& owner, const session_id& id,
                               const engineio::request& asked,
                               std::shared_ptr<const handshake_info> handshake)
    : owner_(owner),
      id_(id),
      session_(owner.options(), *asked.transport, owner.first_ping_in(), owner.home().now(),
               asked.revision),
      handshake_(std::move(handshake)),
      jsonp_(asked.jsonp),
      base64_(asked.base64),
      link_base64_(asked.base64) {}

session_driver::~session_driver() {
  if (link_ != nullptr) link_->detach();
}

lane& session_driver::home() const {
  return owner_.home();
}

transport_kind session_driver::transport() const {
  return on_websocket() ? transport_kind::websocket : transport_kind::polling;
}

// ---- the beginning ----

void session_driver::begin(const request_key& first_poll) {
  put_open_packets();
  poll_ = first_poll;
  carry_out(session_.poll_arrived(false, home().now()), first_poll);
  start_client();
}

void session_driver::begin(websocket_link& first) {
  link_ = &first;
  first.attach(*this);
  put_open_packets();
  start_client();
}

void session_driver::put_open_packets() {
  const auto& options = owner_.options();
  put(shared_frame::make(frame_kind::text,
                         {engineio::open_packet(options, id_.text(), session_.transport())}));
  if (options.initial_packet) {
    put(shared_frame::make(frame_kind::text, {"4", *options.initial_packet}));
  }
}

// The application may close the session in on_session already: then it hears of the end right
// after.
void session_driver::start_client() {
  rearm();
  client_ = owner_.make_client(*this);
  started_ = true;
  if (session_.closed()) {
    if (client_ != nullptr) client_->on_close(reason());
  } else if (client_ == nullptr) {
    close(close_reason::forced_close);
  }
}

// ---- outgoing ----

send_status session_driver::send(std::span<const shared_frame> frames) {
  if (!session_.open()) return send_status::closed;
  std::size_t added = 0;
  std::size_t queued = 0;
  for (const shared_frame& frame : frames) {
    queued = put(frame);
    added += frame.size_bytes();
  }
  if (queued <= budget()) return send_status::queued;
  if (queued > added) return send_status::over_limit;
  // One message larger than the limit is allowed on an empty queue.
  oversize_bytes_ = static_cast<std::uint32_t>(
      std::min<std::size_t>(queued, std::numeric_limits<std::uint32_t>::max()));
  return send_status::queued;
}

std::size_t session_driver::put(const shared_frame& frame) {
  auto& counters = owner_.counters();
  counters.packets_sent.add();
  if (on_websocket()) return link_ == nullptr ? 0 : send_over_link(frame);
  if (outbox_ == nullptr) {
    outbox_ = owner_.outboxes().take();
    outbox_->since = home().now();
  }
  outbox_->frames.push_back(frame);
  outbox_->compressible = outbox_->compressible || !frame.plain_only();
  const auto size = engineio::payload_size(frame);
  outbox_->payload_bytes += size;
  counters.outbox_bytes.add(size);
  if (session_.poll_waiting()) home().mark_dirty(*this);
  return outbox_->payload_bytes;
}

std::size_t session_driver::send_over_link(const shared_frame& frame) {
  const bool as_it_is = session_.revision() == 4 || frame.kind() != frame_kind::binary;
  const shared_frame& form = as_it_is ? frame : owner_.old_frame_of(frame, link_base64_);
  if (!link_->deflates() || frame.plain_only()) return link_->send(form);
  return link_->send(owner_.deflated(form));
}

std::size_t session_driver::queued_bytes() const {
  if (on_websocket()) return link_ == nullptr ? 0 : link_->queued_bytes();
  return outbox_ == nullptr ? 0 : outbox_->payload_bytes;
}

std::size_t session_driver::budget() const {
  return std::max<std::size_t>(owner_.options().send_hard_bytes, oversize_bytes_);
}

bool session_driver::ready_for_volatile() const {
  if (!session_.open() || queued_bytes() >= owner_.options().send_soft_bytes) return false;
  if (!on_websocket()) return session_.poll_waiting();
  return link_ != nullptr && !link_->unsent_from_earlier_turn();
}

void session_driver::check_budget() {
  const std::size_t queued = queued_bytes();
  if (session_.closed() || queued <= budget()) return;
  const std::size_t cap = std::max<std::size_t>(owner_.options().send_cap_bytes, oversize_bytes_);
  if (queued > cap || home().now() >= stalled_at()) return cut_off(close_cause::slow_client);
  rearm();  // perhaps nothing more is sent
}

// When the client will have taken no byte for too long, if it is over its budget.
time_point session_driver::stalled_at() const {
  if (queued_bytes() <= budget()) return time_point::max();
  const time_point progress = on_websocket() ? link_->last_progress() : outbox_->since;
  return progress + owner_.options().send_stall;
}

void session_driver::flush() {
  if (session_.closed()) return;
  if (outbox_ != nullptr && !on_websocket()) carry_out(session_.outbox_filled(), {});
  if (std::exchange(drained_, false) && outbox_ == nullptr) drained();
  rearm();
}

void session_driver::drained() {
  oversize_bytes_ = 0;
  if (client_ != nullptr && !session_.closed()) client_->on_drain();
}

void session_driver::give_outbox_back() {
  if (outbox_ != nullptr) owner_.counters().outbox_bytes.subtract(outbox_->payload_bytes);
  owner_.outboxes().give_back(std::move(outbox_));
}

// ---- packets ----

void session_driver::receive(channel from, const packet& in, const request_key& request) {
  owner_.counters().packets_received.add();
  const effects todo = session_.receive(from, in, home().now());
  if (todo.contains(effect::deliver)) {
    if (!deliver(in)) carry_out(session_.receive_garbage(from), request);
  } else {
    carry_out(todo, request);
  }
}

// False if the message cannot be decoded.
bool session_driver::deliver(const packet& in) {
  switch (in.as) {
    case packet::form::text: client_->on_text(in.data); return true;
    case packet::form::binary: client_->on_binary(bytes(in.data)); return true;
    case packet::form::base64: break;
  }
  auto decoded = engineio::decode_base64(in.data);
  if (!decoded) return false;
  client_->on_binary(std::move(*decoded));
  return true;
}

channel session_driver::websocket_channel() const {
  return on_websocket() ? channel::transport : channel::probe;
}

void session_driver::websocket_text(std::string_view text) {
  const auto in =
      session_.revision() == 4 ? engineio::decode_packet(text) : engineio::decode_packet_v3(text);
  if (in) return websocket_packet(*in);
  carry_out(session_.receive_garbage(websocket_channel()), {});
  rearm();
}

void session_driver::websocket_packet(const packet& in) {
  if (in.type == engineio::packet_type::upgrade && !on_websocket()) {
    // Requests of other lanes that came before it may still be in this lane's queue.
    link_->hold();
    return owner_.post_upgrade(id_);
  }
  receive(websocket_channel(), in, {});
  rearm();
}

void session_driver::upgrade_now() {
  if (!session_.upgrading() || link_ == nullptr) return;
  link_->release();
  receive(channel::probe, {engineio::packet_type::upgrade, packet::form::text, {}}, {});
  rearm();
}

void session_driver::websocket_binary(std::string_view data) {
  websocket_packet(session_.revision() == 4 ? engineio::binary_message(data)
                                            : engineio::decode_binary_v3(data));
}

void session_driver::websocket_drained() {
  if (!on_websocket()) return;
  drained();
  rearm();
}

bool session_driver::takes_probe(websocket_link& probe, const engineio::request& asked) {
  const effects todo = session_.websocket_arrived(home().now());
  if (!todo.contains(effect::accept_probe)) return false;
  link_ = &probe;
  link_base64_ = asked.base64;
  probe.attach(*this);
  rearm();
  return true;
}

void session_driver::websocket_lost(websocket_link& which, close_cause cause) {
  if (link_ != &which) return;
  link_ = nullptr;
  if (!on_websocket()) owner_.counters().upgrades_failed.add();
  carry_out(session_.websocket_lost(websocket_channel(), cause), {});
  rearm();
}

void session_driver::link_destroyed(websocket_link& which) {
  if (link_ == &which) link_ = nullptr;
}

// ---- what the session says ----

void session_driver::carry_out(const effects& todo, const request_key& request) {
  for (const effect what : todo) carry_out(what, request);
}

void session_driver::carry_out(effect what, const request_key& request) {
  switch (what) {
    case effect::deliver:
    case effect::accept_probe:
    case effect::refuse_websocket: return;  // handled by the callers
    case effect::send_ping: put(owner_.ping_frame()); return;
    case effect::send_pong: put(owner_.pong_frame()); return;
    case effect::answer_poll:
    case effect::answer_poll_noop:
    case effect::answer_poll_close:
    case effect::answer_late_close: return answer_poll(what);
    case effect::refuse_request: return owner_.answer(request, empty_answer(400));
    case effect::send_probe_pong:
      owner_.counters().packets_sent.add();
      link_->send(owner_.probe_pong_frame());
      return;
    case effect::close_probe: owner_.counters().upgrades_failed.add(); return close_websocket();
    case effect::adopt_probe: return adopt_probe();
    case effect::hold_websocket: return link_->hold();
    case effect::release_websocket: return link_->release();
    case effect::close_websocket: return close_websocket();
    case effect::closed: return finish();
  }
}

void session_driver::adopt_probe() {
  owner_.session_upgraded(*this);
  if (outbox_ == nullptr) return;
  for (const auto& frame : outbox_->frames) send_over_link(frame);
  give_outbox_back();
}

void session_driver::close_websocket() {
  if (link_ == nullptr) return;
  websocket_link& link = *std::exchange(link_, nullptr);
  link.detach();
  if (session_.cause() == close_cause::slow_client) {
    link.abort();
  } else {
    link.close(websocket::close_code::no_status);
  }
}

// ---- the end ----

void session_driver::close(close_reason reason) {
  if (!session_.open()) return;
  close_as_ = reason;
  // What is queued leaves in an answer of its own: clients act on a close packet before they act on
  // messages of the same payload.
  if (outbox_ != nullptr && !on_websocket()) carry_out(session_.outbox_filled(), {});
  const bool stops = reason == close_reason::server_shutting_down;
  carry_out(
      session_.close(stops ? close_cause::shutting_down : close_cause::application, home().now()),
      {});
  rearm();
}

void session_driver::cut_off(close_cause cause) {
  if (cause == close_cause::slow_client) owner_.counters().slow_client_bytes.add(queued_bytes());
  if (cause == close_cause::shutting_down) close_as_ = close_reason::server_shutting_down;
  carry_out(session_.abort(cause), {});
}

void session_driver::finish() {
  timer::cancel();
  give_outbox_back();
  owner_.session_ended(*this, session_.cause());
  if (started_ && client_ != nullptr) client_->on_close(reason());
}

close_reason session_driver::reason() const {
  switch (session_.cause()) {
    case close_cause::client_closed:
    case close_cause::websocket_closed: return close_reason::transport_close;
    case close_cause::bad_packet: return close_reason::parse_error;
    case close_cause::ping_timeout: return close_reason::ping_timeout;
    case close_cause::application:
    case close_cause::shutting_down: return close_as_;
    default: return close_reason::transport_error;
  }
}

void session_driver::on_timer(time_point now) {
  carry_out(session_.tick(now), {});
  check_budget();
  rearm();
}

void session_driver::rearm() {
  time_point at = session_.deadline();
  if (at == time_point::max()) return timer::cancel();
  at = std::min(at, stalled_at());
  if (at == armed_for_ && timer::armed()) return;
  armed_for_ = at;
  home().arm(*this, at);
}

}  // namespace gossamer::transport
