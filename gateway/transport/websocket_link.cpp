#include "gateway/transport/websocket_link.hpp"

#include "gateway/http/connection.hpp"
#include "gateway/transport/session_driver.hpp"
#include "gateway/websocket/control_frames.hpp"
#include "runtime/base/limits.hpp"

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

namespace gossamer::transport {
namespace {

// A closed WebSocket has this long to take what is queued and the close frame.
constexpr milliseconds close_time{limits::polling_close_ms};

std::uint32_t bounded(std::size_t size) {
  return static_cast<std::uint32_t>(
      std::min<std::size_t>(size, std::numeric_limits<std::uint32_t>::max()));
}

}  // namespace

websocket_link::websocket_link(std::size_t message_bytes_max, bool deflate)
    : decoder_(bounded(message_bytes_max), deflate) {}

websocket_link::~websocket_link() {
  if (session_ != nullptr) session_->link_destroyed(*this);
}

void websocket_link::close(websocket::close_code code) {
  send(websocket::close_frame(code));
  end();
}

void websocket_link::consume(std::span<char> data) {
  while (session_ != nullptr) {
    if (held()) return keep(data);
    const auto event = decoder_.next(data);
    if (!event) return;
    handle(*event);
  }
}

void websocket_link::handle(const websocket::event& event) {
  using websocket::event_kind;
  switch (event.kind) {
    case event_kind::text: return session_->websocket_text(event.payload);
    case event_kind::binary: return session_->websocket_binary(event.payload);
    case event_kind::ping:
      // Who pings and does not read gets no more answers.
      if (queued_bytes() < limits::send_soft_bytes) send(websocket::pong_frame(event.payload));
      return;
    case event_kind::pong: return;
    case event_kind::closed:
    case event_kind::failed: break;
  }
  const auto cause = event.kind == event_kind::closed ? engineio::close_cause::websocket_closed
                                                      : engineio::close_cause::websocket_error;
  close(event.code);
  std::exchange(session_, nullptr)->websocket_lost(*this, cause);
}

void websocket_link::lost() {
  if (session_ == nullptr) return;
  std::exchange(session_, nullptr)->websocket_lost(*this, engineio::close_cause::websocket_closed);
}

void websocket_link::drained() {
  if (session_ != nullptr) session_->websocket_drained();
}

plain_link::plain_link(http::connection& below, std::size_t message_bytes_max, bool deflate)
    : websocket_link(message_bytes_max, deflate), below_(below) {}

plain_link& plain_link::put_on(http::connection& below, std::size_t message_bytes_max,
                               bool deflate) {
  auto made = std::make_unique<plain_link>(below, message_bytes_max, deflate);
  plain_link& link = *made;
  below.become(std::move(made));
  return link;
}

std::size_t plain_link::send(const shared_frame& frame) {
  below_.send(frame);
  return below_.queued_bytes();
}

std::size_t plain_link::queued_bytes() const {
  return below_.queued_bytes();
}

bool plain_link::unsent_from_earlier_turn() const {
  return below_.unsent_from_earlier_turn();
}

time_point plain_link::last_progress() const {
  return below_.last_progress();
}

void plain_link::hold() {
  below_.pause_reading();
}

void plain_link::release() {
  below_.resume_reading();
}

bool plain_link::held() const {
  return below_.open() && !below_.reading();
}

void plain_link::keep(std::span<char> rest) {
  below_.unread(rest);
}

void plain_link::end() {
  below_.close_after_flush(close_time);
}

void plain_link::abort() {
  below_.abort();
}

void plain_link::on_closed(error_code) {
  lost();
}

void plain_link::on_drained() {
  drained();
}

}  // namespace gossamer::transport
