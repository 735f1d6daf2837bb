// An event in its canonical form: what lanes, nodes and Redis exchange before it is encoded.
//
// `json` is the JSON text of the whole array, `["name",...]`, with placeholders numbered from 0 in
// the order of `attachments`. No namespace, ack id or offset: those differ by recipient. Made once
// per broadcast.
//
// Errors: errc::reserved_event_name, errc::invalid_payload (parse only).
#pragma once

#include "actors/socketio/args.hpp"
#include "actors/socketio/errc.hpp"
#include "actors/socketio/json_codec.hpp"
#include "actors/socketio/json_writer.hpp"
#include "actors/socketio/packet.hpp"
#include "runtime/base/bytes.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gossamer::socketio {

struct event_image {
  bytes json;
  std::vector<bytes> attachments;

  /// An application emits: any convertible values; `args` are spliced in.
  template <class... Ts>
  [[nodiscard]] static result<event_image> make(std::string_view name, const Ts&... values);
  /// An image from another node or Redis. Checks the JSON and the placeholders.
  [[nodiscard]] static result<event_image> parse(bytes json, std::vector<bytes> attachments);

  /// The event name, decoded.
  [[nodiscard]] std::string name() const;
  /// The items after the name, in the image's own memory.
  [[nodiscard]] args_view arguments() const;

  friend bool operator==(const event_image&, const event_image&) = default;
};

template <class... Ts>
result<event_image> event_image::make(std::string_view name, const Ts&... values) {
  if (is_reserved_event(name)) return make_error_code(errc::reserved_event_name);
  event_image image;
  scratch_text text;
  json_writer out(*text, image.attachments);
  out.begin_array();
  out.item(name);
  (out.item(values), ...);
  out.end_array();
  image.json = bytes(std::string_view(*text));
  return image;
}

}  // namespace gossamer::socketio
