// Encodes Socket.IO packets (protocol 5) into frames: by the default parser unless told otherwise.
//
// Pure. A packet is encoded once, wherever it goes; the only difference that another parser makes
// to the default one is a null pointer that is looked at here. The text frame's payload begins with
// Engine.IO's `4`. With attachments the packet becomes a binary one (type 5 or 6,
// `451-["a",{"_placeholder":true,"num":0}]`) and a binary frame for each attachment follows the
// text.
//
// Errors: errc::reserved_event_name for events of an application. A parser that throws: no frames.
#pragma once

#include "actors/socketio/ack_id.hpp"
#include "actors/socketio/args.hpp"
#include "actors/socketio/errc.hpp"
#include "actors/socketio/event_image.hpp"
#include "actors/socketio/frame_set.hpp"
#include "actors/socketio/json_codec.hpp"
#include "actors/socketio/json_writer.hpp"
#include "actors/socketio/packet.hpp"
#include "actors/socketio/parser.hpp"

#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace gossamer::socketio {

/// Which namespace a packet belongs to, and the parser of its server; null: the default one.
struct packet_address {
  packet_address(std::string_view name, const parser* other = nullptr)  // NOLINT: a name is enough
      : nsp(name), with(other) {}
  packet_address(const std::string& name) : nsp(name) {}  // NOLINT
  packet_address(const char* name) : nsp(name) {}         // NOLINT
  std::string_view nsp;
  const parser* with = nullptr;
};

/// `json` is the whole payload or empty, its placeholders numbered as the attachments are.
[[nodiscard]] frame_set encode_packet(packet_type type, const packet_address& to,
                                      std::optional<ack_id> id, std::string_view json,
                                      std::span<const bytes> attachments = {});

/// `40{"sid":"…"}`, with `pid` where recovery is on.
[[nodiscard]] frame_set encode_connect(const packet_address& to, std::string_view sid,
                                       std::optional<std::string_view> pid = {});
/// `44/random,{"message":"Invalid namespace"}`; `data_json`, if not empty, is the JSON of `data`.
[[nodiscard]] frame_set encode_connect_error(const packet_address& to, std::string_view message,
                                             std::string_view data_json = {});
[[nodiscard]] frame_set encode_disconnect(const packet_address& to);

/// An event from its canonical form: no copy of the JSON but the one into the frame.
[[nodiscard]] frame_set encode_event(const packet_address& to, std::optional<ack_id> id,
                                     const event_image& image);
/// An event whose arguments are raw already: a relay.
[[nodiscard]] result<frame_set> encode_event(const packet_address& to, std::optional<ack_id> id,
                                             std::string_view name, const args_view& items);
/// An event of any convertible values; `args` among them are spliced in.
template <class... Ts>
[[nodiscard]] result<frame_set> encode_event(const packet_address& to, std::optional<ack_id> id,
                                             std::string_view name, const Ts&... values);

/// The answer to a packet with an id.
[[nodiscard]] frame_set encode_ack(const packet_address& to, ack_id id, const args_view& items);
template <class... Ts>
[[nodiscard]] frame_set encode_ack(const packet_address& to, ack_id id, const Ts&... values);

template <class... Ts>
result<frame_set> encode_event(const packet_address& to, std::optional<ack_id> id,
                               std::string_view name, const Ts&... values) {
  if (is_reserved_event(name)) return make_error_code(errc::reserved_event_name);
  scratch_text text;
  std::vector<bytes> attachments;
  json_writer out(*text, attachments);
  out.begin_array();
  out.string(name);
  (out.item(values), ...);
  out.end_array();
  return encode_packet(packet_type::event, to, id, *text, attachments);
}

template <class... Ts>
frame_set encode_ack(const packet_address& to, ack_id id, const Ts&... values) {
  scratch_text text;
  std::vector<bytes> attachments;
  json_writer out(*text, attachments);
  out.begin_array();
  (out.item(values), ...);
  out.end_array();
  return encode_packet(packet_type::ack, to, id, *text, attachments);
}

}  // namespace gossamer::socketio
