#include "actors/socketio/decoder.hpp"

#include "actors/socketio/args_block.hpp"
#include "actors/socketio/json_scan.hpp"
#include "actors/socketio/json_text.hpp"
#include "actors/socketio/placeholders.hpp"

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>

namespace gossamer::socketio {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::size_t digit_count(std::string_view text) {
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) -
                                  text.begin());
}

std::string_view take(std::string_view& text, std::size_t size) {
  const auto taken = text.substr(0, size);
  text.remove_prefix(taken.size());
  return taken;
}

// `3-` at the start of what follows the type; takes it.
result<std::size_t> take_attachment_count(std::string_view& rest, std::size_t max) {
  const std::string_view digits = take(rest, digit_count(rest));
  if (digits.empty() || !rest.starts_with('-')) return errc::illegal_attachments;
  rest.remove_prefix(1);
  const double count = parse_json_number(digits);
  if (count == 0) return errc::illegal_attachments;
  if (count > static_cast<double>(max)) return errc::too_many_attachments;
  return static_cast<std::size_t>(count);
}

error_code take_namespace(std::string_view& rest, std::size_t size_max, packet& p) {
  if (!rest.starts_with('/')) return {};
  const std::size_t comma = rest.find(',');
  p.nsp = take(rest, comma);
  if (comma != std::string_view::npos) rest.remove_prefix(1);
  if (p.nsp.size() > size_max) return errc::namespace_too_long;
  return {};
}

error_code set_event(const json_outline& found, std::span<const bytes> attachments, packet& p) {
  if (found.kind != json_kind::array || found.item_count == 0) return errc::invalid_payload;
  const char first = found.first.front();
  if (first != '"' && first != '-' && !is_digit(first)) return errc::invalid_payload;
  p.args = args_view(found.rest, found.item_count - 1, attachments, p.storage.get());
  return set_event_name(found.first, p);
}

error_code set_payload(packet& p, std::span<const bytes> attachments, std::size_t depth_max) {
  const json_outline found = outline_json(p.payload, depth_max);
  switch (p.type) {
    case packet_type::connect:
      if (found.kind == json_kind::object) return {};
      break;
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

// What follows the type and the attachment count.
error_code decode_body(std::string_view rest, std::span<const bytes> attachments,
                       const decoder_options& options, packet& p) {
  if (const auto wrong = take_namespace(rest, options.namespace_bytes_max, p)) return wrong;
  if (const std::size_t digits = digit_count(rest); digits != 0) {
    p.id = ack_id::parse(take(rest, digits));
  }
  p.payload = rest;
  if (rest.empty()) return {};
  return set_payload(p, attachments, options.json_depth_max);
}

}  // namespace

// A packet whose attachments are on their way. The block is ours alone until the packet leaves.
struct decoder::assembly {
  socketio::packet packet;
  std::span<bytes> attachments;
  std::size_t received = 0;
  std::size_t held = 0;
};

decoder::decoder() = default;
decoder::decoder(decoder&&) noexcept = default;
decoder& decoder::operator=(decoder&&) noexcept = default;
decoder::~decoder() = default;

std::size_t decoder::held_bytes() const {
  return assembly_ == nullptr ? 0 : assembly_->held;
}

result<std::optional<packet>> decoder::on_text(std::string_view message,
                                               const decoder_options& options) {
  if (assembly_ != nullptr) {
    assembly_.reset();
    return errc::text_inside_binary;
  }
  if (message.empty() || message[0] < '0' || message[0] > '6') return errc::unknown_packet_type;
  std::string_view rest = message.substr(1);
  std::optional<packet> made(std::in_place);
  const int type = message[0] - '0';
  if (type <= 4) {
    made->type = static_cast<packet_type>(type);
    if (const auto wrong = decode_body(rest, {}, options, *made)) return wrong;
    return made;
  }
  made->type = type == 5 ? packet_type::event : packet_type::ack;
  const auto count = take_attachment_count(rest, options.attachments_max);
  if (!count) return count.error();
  auto* block = args_block::make(rest, *count);
  made->storage = args_block_ptr(block);
  const std::span<bytes> attachments = block->attachments();
  const auto wrong = decode_body(block->text(), attachments, options, *made);
  if (wrong) return wrong;
  if (!placeholders_in_range(made->payload, *count)) return errc::illegal_attachments;
  assembly_ =
      std::make_unique<assembly>(assembly{std::move(*made), attachments, 0, message.size()});
  return std::optional<packet>();
}

result<std::optional<packet>> decoder::on_binary(bytes message) {
  if (assembly_ == nullptr) return errc::binary_without_header;
  assembly_->held += message.size();
  assembly_->attachments[assembly_->received++] = std::move(message);
  if (assembly_->received < assembly_->attachments.size()) return std::optional<packet>();
  std::optional<packet> made(std::move(assembly_->packet));
  assembly_.reset();
  return made;
}

}  // namespace gossamer::socketio
