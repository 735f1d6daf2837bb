#include "actors/socketio/parser.hpp"

#include "actors/socketio/args_block.hpp"
#include "actors/socketio/errc.hpp"
#include "actors/socketio/json_scan.hpp"
#include "actors/socketio/placeholders.hpp"
#include "runtime/base/limits.hpp"

#include <algorithm>
#include <utility>

namespace gossamer {

void message_list::add(frame_kind kind, std::string_view message) {
  const std::string_view type = kind == frame_kind::text ? "4" : "";  // Engine.IO: a message
  frames_.push_back(shared_frame::make(kind, {type, message}));
}

namespace socketio {
namespace {

// The first item is the name. Formats other than the default one allow an event without any, or one
// that is no text: catch-all handlers see it.
error_code set_event(const json_outline& found, std::span<const bytes> attachments, packet& p) {
  if (found.kind != json_kind::array) return errc::invalid_payload;
  if (found.item_count == 0) return {};
  p.args = args_view(found.rest, found.item_count - 1, attachments, p.storage.get());
  const auto kind = kind_at(found.first.data(), found.first.data() + found.first.size());
  if (kind != json_kind::string && kind != json_kind::number) return {};
  return set_event_name(found.first, p);
}

error_code set_payload(std::span<const bytes> attachments, packet& p) {
  if (p.payload.empty()) {
    const bool may_be = p.type != packet_type::ack && p.type != packet_type::connect_error;
    return may_be ? error_code() : make_error_code(errc::invalid_payload);
  }
  const json_outline found = outline_json(p.payload, limits::json_depth_max);
  switch (p.type) {
    case packet_type::connect:
      if (found.kind != json_kind::object) break;
      p.args = args_view(p.payload, 1, attachments, p.storage.get());
      return {};
    case packet_type::disconnect: break;
    case packet_type::event: return set_event(found, attachments, p);
    case packet_type::ack:
      if (found.kind != json_kind::array) break;
      p.args = args_view(found.items, found.item_count, attachments, p.storage.get());
      return {};
    case packet_type::connect_error:
      if (found.kind == json_kind::object || found.kind == json_kind::string) return {};
      break;
  }
  return errc::invalid_payload;
}

result<std::optional<packet>> checked_if_any(result<std::optional<incoming_packet>> found) {
  if (!found) return found.error();
  if (!*found) return std::optional<packet>();
  auto made = checked(std::move(**found));
  if (!made) return made.error();
  return std::optional<packet>(std::move(*made));
}

}  // namespace

result<packet> checked(incoming_packet found) {
  if (found.type > packet_type::connect_error) return errc::unknown_packet_type;
  if (found.nsp.size() > limits::namespace_bytes_max) return errc::namespace_too_long;
  const std::size_t nsp_size = found.nsp.size();
  auto* block = args_block::make(found.nsp.append(found.json), found.attachments.size());
  packet made;
  made.storage = args_block_ptr(block);
  const std::span<bytes> attachments = block->attachments();
  std::move(found.attachments.begin(), found.attachments.end(), attachments.begin());
  made.type = found.type;
  made.id = found.id;
  made.nsp = block->text().substr(0, nsp_size);
  made.payload = block->text().substr(nsp_size);
  if (const auto wrong = set_payload(attachments, made)) return wrong;
  if (!attachments.empty() && !placeholders_in_range(made.payload, attachments.size())) {
    return errc::illegal_attachments;
  }
  return made;
}

result<std::optional<packet>> decode_text(const parser& with, std::string_view message,
                                          parser_memory_ptr& memory) {
  try {
    return checked_if_any(with.decode_text(message, memory));
  } catch (...) {
    return errc::invalid_payload;
  }
}

result<std::optional<packet>> decode_binary(const parser& with, const bytes& message,
                                            parser_memory_ptr& memory) {
  try {
    return checked_if_any(with.decode_binary(message, memory));
  } catch (...) {
    return errc::invalid_payload;
  }
}

}  // namespace socketio
}  // namespace gossamer
