#include "gateway/websocket/frame_decoder.hpp"

#include "gateway/websocket/frame_header.hpp"
#include "gateway/websocket/inflate.hpp"
#include "gateway/websocket/mask.hpp"
#include "runtime/base/limits.hpp"
#include "runtime/base/utf8.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace gossamer::websocket {
namespace {

std::string_view view_of(std::span<const char> bytes) {
  return {bytes.data(), bytes.size()};
}

std::span<char> take(std::span<char>& input, std::size_t size) {
  const auto taken = input.first(size);
  input = input.subspan(size);
  return taken;
}

/// How long the frames of a deflated message may be together: what cannot be deflated grows by a
/// few bytes per block.
std::uint64_t deflated_bytes_max(std::uint32_t message_bytes_max) {
  return std::uint64_t{message_bytes_max} + message_bytes_max / 8 + 64;
}

}  // namespace

// What is unfinished. At most one of these three goes on at a time:
//
//     raw_bytes > 0    a header, or a control frame, is collected in `raw`
//     frame_left > 0   the payload of a data frame goes to `message`
//     neither          between two fragments of a message (in_message)
struct frame_decoder::pending {
  std::uint64_t frame_left = 0;
  std::uint32_t mask = 0;       // key for the next byte of the payload
  std::uint32_t fragments = 0;  // frames of the message
  bool in_message = false;      // its last frame has not ended
  bool text = false;
  bool deflated = false;
  bool final = false;      // the frame that is being read ends the message
  bool delivered = false;  // the last event points into this object
  std::uint8_t raw_bytes = 0;
  std::array<char, frame_header_bytes_max + control_payload_bytes_max> raw;
  utf8_checker utf8;
  std::vector<char> message;  // not std::string, whose reserve() may double what is asked for

  /// Appends, growing with what came; never beyond what the frame announces.
  void append(std::span<const char> piece) {
    const std::size_t needed = message.size() + piece.size();
    if (needed > message.capacity()) {
      const std::size_t whole = needed + static_cast<std::size_t>(frame_left);
      message.reserve(std::min(std::max(needed, 2 * message.capacity()), whole));
    }
    message.insert(message.end(), piece.begin(), piece.end());
  }
};

frame_decoder::frame_decoder(std::uint32_t message_bytes_max, bool deflate)
    : message_bytes_max_(message_bytes_max), deflate_(deflate) {}
frame_decoder::frame_decoder(frame_decoder&& other) noexcept = default;
frame_decoder& frame_decoder::operator=(frame_decoder&& other) noexcept = default;
frame_decoder::~frame_decoder() = default;

static_assert(sizeof(frame_decoder) <= 16, "an idle connection pays for this");

std::size_t frame_decoder::buffered_bytes() const {
  return pending_ == nullptr ? 0 : sizeof(pending) + pending_->message.capacity();
}

std::optional<event> frame_decoder::next(std::span<char>& input) {
  std::optional<event> out;
  if (pending_ != nullptr) forget_delivered();
  while (!out && !ended_ && !input.empty()) step(input, out);
  if (ended_ && !out) input = {};
  return out;
}

void frame_decoder::step(std::span<char>& input, std::optional<event>& out) {
  if (pending_ != nullptr && pending_->frame_left > 0) {
    take_payload(input, out);
  } else if (pending_ != nullptr && pending_->raw_bytes > 0) {
    collect(input, out);
  } else {
    start_frame(input, out);
  }
}

/// A frame begins at the front of the input.
void frame_decoder::start_frame(std::span<char>& input, std::optional<event>& out) {
  frame_header header;
  const auto state = read_header(view_of(input), header, deflate_);
  if (state == header_state::illegal) {
    out = fail(header.error);
    return;
  }
  const bool whole =
      state == header_state::complete && input.size() - header.bytes >= header.payload_bytes;
  if (state == header_state::incomplete || (header.is_control() && !whole)) return keep(input);
  take(input, header.bytes);
  const bool in_place = whole && header.final && pending_ == nullptr;
  if (header.is_control()) {
    out = control(header, take(input, static_cast<std::size_t>(header.payload_bytes)));
  } else if (in_place) {
    whole_message(header, take(input, static_cast<std::size_t>(header.payload_bytes)), out);
  } else {
    begin_data(header, input, out);
  }
}

/// A message of one frame, all of which lies in the input. The hot path: the event is filled in
/// place, copying it costs as much as decoding a small frame.
void frame_decoder::whole_message(const frame_header& header, std::span<char> payload,
                                  std::optional<event>& out) {
  if (const auto error = check_message_rules(header); error != errc::none) {
    out = fail(error);
    return;
  }
  apply_mask(payload, header.mask);
  const bool text = header.code == opcode::text;
  if (header.deflated) {
    pending_ = std::make_unique<pending>();
    pending_->text = text;
    out = deliver_inflated(view_of(payload));
    return;
  }
  if (text && !is_utf8(view_of(payload))) {
    out = fail(errc::bad_utf8);
    return;
  }
  event& made = out.emplace();
  made.kind = text ? event_kind::text : event_kind::binary;
  made.payload = view_of(payload);
}

/// Keeps the whole input, which is a part of a header or of a control frame.
void frame_decoder::keep(std::span<char>& input) {
  if (pending_ == nullptr) pending_ = std::make_unique<pending>();
  std::ranges::copy(input, pending_->raw.begin());
  pending_->raw_bytes = static_cast<std::uint8_t>(input.size());
  input = {};
}

/// Adds one byte to a header or control frame that was cut.
void frame_decoder::collect(std::span<char>& input, std::optional<event>& out) {
  auto& p = *pending_;
  p.raw[p.raw_bytes++] = take(input, 1).front();
  const auto collected = std::span(p.raw).first(p.raw_bytes);
  frame_header header;
  const auto state = read_header(view_of(collected), header, deflate_);
  if (state == header_state::illegal) {
    out = fail(header.error);
  } else if (state == header_state::incomplete) {
    return;
  } else if (!header.is_control()) {
    p.raw_bytes = 0;
    begin_data(header, input, out);
  } else if (collected.size() == header.bytes + header.payload_bytes) {
    p.delivered = true;
    out = control(header, collected.subspan(header.bytes));
  }
}

errc frame_decoder::check_message_rules(const frame_header& header) const {
  const bool in_message = pending_ != nullptr && pending_->in_message;
  const bool continues = header.code == opcode::continuation;
  if (continues != in_message) {
    return continues ? errc::unexpected_continuation : errc::expected_continuation;
  }
  const std::uint64_t so_far = in_message ? pending_->message.size() : 0;
  const bool deflated = in_message ? pending_->deflated : header.deflated;
  const std::uint64_t most = deflated ? deflated_bytes_max(message_bytes_max_) : message_bytes_max_;
  if (header.payload_bytes > most - so_far) return errc::message_too_big;
  if (in_message && pending_->fragments >= limits::websocket_fragments_max) {
    return errc::too_many_fragments;
  }
  return errc::none;
}

/// The header of a data frame has been read; its payload is gathered.
void frame_decoder::begin_data(const frame_header& header, std::span<char>& input,
                               std::optional<event>& out) {
  if (const auto error = check_message_rules(header); error != errc::none) {
    out = fail(error);
    return;
  }
  if (pending_ == nullptr) pending_ = std::make_unique<pending>();
  auto& p = *pending_;
  if (!p.in_message) {
    p.text = header.code == opcode::text;
    p.deflated = header.deflated;
  }
  p.in_message = true;
  p.final = header.final;
  p.mask = header.mask;
  p.frame_left = header.payload_bytes;
  ++p.fragments;
  take_payload(input, out);
}

void frame_decoder::take_payload(std::span<char>& input, std::optional<event>& out) {
  auto& p = *pending_;
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(p.frame_left, input.size()));
  const auto piece = take(input, size);
  p.mask = apply_mask(piece, p.mask);
  p.frame_left -= size;
  if (p.text && !p.deflated && !p.utf8.feed(view_of(piece))) {
    out = fail(errc::bad_utf8);
    return;
  }
  p.append(piece);
  if (p.frame_left == 0 && p.final) out = finish_message();
}

event frame_decoder::finish_message() {
  auto& p = *pending_;
  p.in_message = false;
  if (p.deflated) {
    const auto deflated = std::exchange(p.message, {});
    return deliver_inflated(view_of(deflated));
  }
  if (!p.utf8.complete()) return fail(errc::bad_utf8);
  p.delivered = true;
  return event{.kind = p.text ? event_kind::text : event_kind::binary,
               .payload = view_of(p.message)};
}

/// Inflates to `pending`, in which the event then lies.
event frame_decoder::deliver_inflated(std::string_view deflated) {
  auto& p = *pending_;
  const auto error = inflate_message(deflated, message_bytes_max_, p.message);
  if (error != errc::none) return fail(error);
  const auto message = view_of(p.message);
  if (p.text && !is_utf8(message)) return fail(errc::bad_utf8);
  p.delivered = true;
  return event{.kind = p.text ? event_kind::text : event_kind::binary, .payload = message};
}

event frame_decoder::control(const frame_header& header, std::span<char> payload) {
  apply_mask(payload, header.mask);
  if (header.code == opcode::close) return close(view_of(payload));
  const auto kind = header.code == opcode::ping ? event_kind::ping : event_kind::pong;
  return event{.kind = kind, .payload = view_of(payload)};
}

/// RFC 6455, 5.5.1 and 7.4: empty, or a code and a reason in UTF-8.
event frame_decoder::close(std::string_view payload) {
  if (payload.size() == 1) return fail(errc::bad_close_size);
  close_code code = close_code::no_status;
  if (!payload.empty()) {
    const auto byte = [payload](std::size_t i) { return static_cast<std::uint8_t>(payload[i]); };
    code = static_cast<close_code>(byte(0) << 8U | byte(1));
    payload.remove_prefix(2);
    if (!allowed_on_wire(code)) return fail(errc::bad_close_code);
    if (!is_utf8(payload)) return fail(errc::bad_utf8);
  }
  ended_ = true;
  return event{.kind = event_kind::closed, .code = code, .payload = payload};
}

event frame_decoder::fail(errc error) {
  ended_ = true;
  pending_.reset();
  return event{
      .kind = event_kind::failed, .code = close_code_for(error), .error = error, .payload = {}};
}

/// Frees what the last event lay in, and everything once the connection has ended.
void frame_decoder::forget_delivered() {
  auto& p = *pending_;
  if (ended_ || (p.delivered && !p.in_message)) {
    pending_.reset();
  } else if (p.delivered) {  // a control frame inside a message
    p.raw_bytes = 0;
    p.delivered = false;
  }
}

}  // namespace gossamer::websocket
