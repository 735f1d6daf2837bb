#include "actors/socketio/encode.hpp"

#include "actors/socketio/json_marks.hpp"
#include "actors/socketio/json_text.hpp"

#include <string>

namespace gossamer::socketio {
namespace {

// What stands before the JSON, in pieces: `4` type [count `-`] [nsp `,`] [id].
struct prefix {
  prefix(packet_type type, std::string_view name, const std::optional<ack_id>& id,
         std::size_t attachment_count)
      : nsp(name == "/" ? std::string_view() : name) {
    head += '4';
    const int plain = static_cast<int>(type);
    head += static_cast<char>('0' + plain + (attachment_count == 0 ? 0 : 3));  // 2 to 5, 3 to 6
    if (attachment_count != 0) head += std::to_string(attachment_count) + "-";
    if (id) id->append_to(number);
  }
  [[nodiscard]] std::string_view comma() const { return nsp.empty() ? "" : ","; }

  std::string head;
  std::string_view nsp;
  std::string number;
};

frame_set with_attachments(shared_frame text, std::span<const bytes> attachments) {
  if (attachments.empty()) return frame_set(std::move(text));
  std::vector<shared_frame> frames;
  frames.reserve(attachments.size() + 1);
  frames.push_back(std::move(text));
  for (const auto& attachment : attachments) {
    frames.push_back(shared_frame::make(frame_kind::binary, {attachment.view()}));
  }
  return frame_set(std::move(frames));
}

frame_set encode_by(const parser& other, const outgoing_packet& packet) {
  message_list out;
  try {
    other.encode(packet, out);
  } catch (...) {
    return {};
  }
  auto frames = out.take();
  return frames.size() == 1 ? frame_set(std::move(frames.front())) : frame_set(std::move(frames));
}

}  // namespace

frame_set encode_packet(packet_type type, const packet_address& to, std::optional<ack_id> id,
                        std::string_view json, std::span<const bytes> attachments) {
  if (to.with != nullptr) return encode_by(*to.with, {type, to.nsp, id, json, attachments});
  const prefix before(type, to.nsp, id, attachments.size());
  return with_attachments(
      shared_frame::make(frame_kind::text,
                         {before.head, before.nsp, before.comma(), before.number, json}),
      attachments);
}

frame_set encode_connect(const packet_address& to, std::string_view sid,
                         std::optional<std::string_view> pid) {
  std::string json = "{\"sid\":";
  append_json_string(json, sid);
  if (pid) {
    json += ",\"pid\":";
    append_json_string(json, *pid);
  } else if (to.with != nullptr) {  // what Node hands to its parser
    json += ",\"pid\":";
    json += marks::undefined;
  }
  json += '}';
  return encode_packet(packet_type::connect, to, {}, json);
}

frame_set encode_connect_error(const packet_address& to, std::string_view message,
                               std::string_view data_json) {
  std::string json = "{\"message\":";
  append_json_string(json, message);
  if (!data_json.empty()) {
    json += ",\"data\":";
    json += data_json;
  }
  json += '}';
  return encode_packet(packet_type::connect_error, to, {}, json);
}

// `41/nsp,`: without payload the comma stays, as Node writes it.
frame_set encode_disconnect(const packet_address& to) {
  return encode_packet(packet_type::disconnect, to, {}, {});
}

frame_set encode_event(const packet_address& to, std::optional<ack_id> id,
                       const event_image& image) {
  return encode_packet(packet_type::event, to, id, image.json.view(), image.attachments);
}

result<frame_set> encode_event(const packet_address& to, std::optional<ack_id> id,
                               std::string_view name, const args_view& items) {
  if (to.with != nullptr || !items.attachments().empty() || !is_plain_json(name)) {
    return encode_event<args_view>(to, id, name, items);
  }
  if (is_reserved_event(name)) return errc::reserved_event_name;
  const prefix before(packet_type::event, to.nsp, id, 0);
  return frame_set(shared_frame::make(
      frame_kind::text, {before.head, before.nsp, before.comma(), before.number, "[\"", name,
                         items.empty() ? "\"" : "\",", items.items(), "]"}));
}

frame_set encode_ack(const packet_address& to, ack_id id, const args_view& items) {
  if (to.with != nullptr || !items.attachments().empty()) {
    return encode_ack<args_view>(to, id, items);
  }
  const prefix before(packet_type::ack, to.nsp, id, 0);
  return frame_set(shared_frame::make(frame_kind::text, {before.head, before.nsp, before.comma(),
                                                         before.number, "[", items.items(), "]"}));
}

}  // namespace gossamer::socketio
