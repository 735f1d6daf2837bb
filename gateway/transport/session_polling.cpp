// The polling side of a session: requests, payloads and their answers.
#include "gateway/engineio/jsonp.hpp"
#include "gateway/engineio/payload.hpp"
#include "gateway/engineio/query.hpp"
#include "gateway/transport/answers.hpp"
#include "gateway/transport/lane_sessions.hpp"
#include "gateway/transport/session_driver.hpp"
#include "runtime/base/utf8.hpp"
#include "runtime/lanes/lane.hpp"

#include <algorithm>
#include <utility>

namespace gossamer::transport {

using engineio::channel;
using engineio::effect;
using engineio::effects;
using engineio::payload_form;

// ---- requests ----

void session_driver::poll_arrived(const request_key& from) {
  if (!session_.poll_waiting()) poll_ = from;
  carry_out(session_.poll_arrived(outbox_ == nullptr, home().now()), from);
  rearm();
}

void session_driver::post_begins(const request_key& from, bool octet_stream) {
  const effects todo = session_.post_arrived(octet_stream);
  if (!todo.contains(effect::refuse_request)) post_ = from;
  carry_out(todo, from);
}

void session_driver::post_body(const request_key& from, std::string body, bool octet_stream) {
  if (post_ != from) return owner_.answer(from, empty_answer(400));
  const bool is_text = jsonp_ || !octet_stream;
  if (is_text && !is_utf8(body)) body = repaired_utf8(body);
  if (!jsonp_) {
    receive_payload(body, octet_stream, from);
  } else if (const auto field = engineio::jsonp_body(body)) {
    receive_payload(*field, false, from);
  }
  post_ = {};
  carry_out(session_.post_finished(), from);
  owner_.answer(from, post_answer());  // does nothing if the POST was refused
  rearm();
}

// An octet stream is of revision 3: the session has refused any other.
void session_driver::receive_payload(std::string_view body, bool octet_stream,
                                     const request_key& request) {
  const bool newest = session_.revision() == 4;
  engineio::payload_reader reader(body, newest         ? payload_form::separated
                                        : octet_stream ? payload_form::binary
                                                       : payload_form::counted);
  while (!reader.done() && session_.open()) {
    const auto next = reader.next();
    if (next) {
      receive(channel::transport, *next, request);
    } else {
      carry_out(session_.receive_garbage(channel::transport), request);
    }
  }
}

void session_driver::request_aborted(const request_key& which) {
  if (which == poll_) {
    poll_ = {};
    carry_out(session_.poll_aborted(), which);
  } else if (which == post_) {
    post_ = {};
    carry_out(session_.post_aborted(), which);
  }
  rearm();
}

// ---- answers ----

// Script cannot hold bytes.
payload_form session_driver::answer_form(effect how) const {
  if (session_.revision() == 4) return payload_form::separated;
  if (jsonp_ || base64_ || outbox_ == nullptr || how == effect::answer_poll_noop) {
    return payload_form::counted;
  }
  const bool any_binary =
      std::any_of(outbox_->frames.begin(), outbox_->frames.end(),
                  [](const shared_frame& frame) { return frame.kind() == frame_kind::binary; });
  return any_binary ? payload_form::binary : payload_form::counted;
}

void session_driver::answer_poll(effect how) {
  const payload_form form = answer_form(how);
  engineio::payload_writer payload(form);
  const bool compressible = outbox_ != nullptr && outbox_->compressible;
  if (how == effect::answer_poll_noop) {
    payload.add(engineio::packet_type::noop);
  } else if (outbox_ != nullptr) {
    payload.reserve(outbox_->payload_bytes + 2);
    for (const auto& frame : outbox_->frames) payload.add(frame);
    give_outbox_back();
    drained_ = true;
    home().mark_dirty(*this);
  }
  const bool late = how == effect::answer_late_close;
  if (late && payload.empty()) payload.add(engineio::packet_type::noop);
  if (late || how == effect::answer_poll_close) payload.add(engineio::packet_type::close);
  respond(payload.take(), form, compressible);
}

void session_driver::respond(std::string payload, payload_form form, bool compressible) {
  if (jsonp_) {
    const auto query = engineio::query_of(handshake_->url());
    const auto index = engineio::find_parameter(query, "j", engineio::which::last);
    payload = engineio::jsonp_answer(index.value_or(""), payload);
  }
  http::response answer = poll_answer(std::move(payload), form);
  answer.compressible = compressible;
  owner_.answer(std::exchange(poll_, {}), std::move(answer));
}

}  // namespace gossamer::transport
