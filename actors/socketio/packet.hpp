// A Socket.IO packet as it came from a client (protocol 5, default parser).
//
// Binary events and acks arrive as `event` and `ack` with attachments: nobody above has to know how
// they travelled.
#pragma once

#include "actors/socketio/ack_id.hpp"
#include "actors/socketio/args.hpp"
#include "runtime/base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gossamer::socketio {

enum class packet_type : std::uint8_t {
  connect = 0,
  disconnect = 1,
  event = 2,
  ack = 3,
  connect_error = 4,  // decodes, but a client may not send it: close the connection
};

/// Names that an application may not use for events, and clients may not send.
[[nodiscard]] bool is_reserved_event(std::string_view name);

/// Valid as long as the text it was decoded from; a packet with attachments owns its text.
struct packet {
  packet_type type = packet_type::connect;
  std::string_view nsp = "/";
  std::optional<ack_id> id;
  /// The JSON text of the whole payload, empty if there is none. connect: the auth object.
  std::string_view payload;
  /// event: what follows the name; ack: all items. connect: the auth object where a parser other
  /// than the default one, whose auth objects hold no binaries, made it.
  args_view args;
  /// event: false for a packet without payload, which Node delivers to catch-all handlers only.
  bool has_name = false;

  /// event: its name, decoded; a number in JavaScript's spelling.
  [[nodiscard]] std::string_view name() const {
    return decoded_name.empty() ? plain_name : std::string_view(decoded_name);
  }

  std::string_view plain_name;  // the name, if it is in the text as it is
  std::string decoded_name;     // the name, if it had to be decoded
  args_block_ptr storage;       // keeps the text of a packet with attachments
};

/// Sets the name of an event from its text in the payload: a JSON string or, as in Node, a number,
/// which JavaScript turns into a string. Errors: errc::invalid_payload (reserved),
/// event_name_too_long.
[[nodiscard]] error_code set_event_name(std::string_view raw, packet& p);

}  // namespace gossamer::socketio
