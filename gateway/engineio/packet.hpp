// Engine.IO packets: one character for the type, then the data.
//
//                              revision 4              revision 3
//     text, WebSocket or poll  4hello                  4hello
//     binary, WebSocket        the bytes               0x04, the bytes
//     binary, in a text poll   b + base64              b4 + base64
#pragma once

#include "gateway/engineio/options.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace gossamer::engineio {

enum class packet_type : std::uint8_t { open, close, ping, pong, message, upgrade, noop };

/// One packet as it came in. `data` points into what was decoded.
struct packet {
  enum class form : std::uint8_t {
    text,
    base64,  // a binary message inside text: `data` is still base64
    binary,  // a WebSocket binary frame: `data` is the message
  };
  packet_type type = packet_type::noop;
  form as = form::text;
  std::string_view data;
  bool operator==(const packet&) const = default;
};

/// Reads the text of one packet: part of a payload, or a WebSocket text frame.
/// Errors: `errc::bad_packet` if it is empty or has no known type.
[[nodiscard]] result<packet> decode_packet(std::string_view text);

/// The same in revision 3, where `b` is followed by a type. As in the reference implementation
/// binary data of an unknown type is no error but nothing: it comes out as a noop.
[[nodiscard]] result<packet> decode_packet_v3(std::string_view text);
/// A WebSocket binary frame or a binary part of a payload of revision 3: the type as a byte, then
/// the data.
[[nodiscard]] packet decode_binary_v3(std::string_view data);

/// A WebSocket binary frame of revision 4 is a message without a type character.
[[nodiscard]] inline packet binary_message(std::string_view data) {
  return {packet_type::message, packet::form::binary, data};
}

[[nodiscard]] constexpr char type_character(packet_type type) {
  return static_cast<char>('0' + static_cast<int>(type));
}

/// `0{"sid":…}`: the first packet of a session that starts on `transport`. Exactly the keys sid,
/// upgrades, pingInterval, pingTimeout, maxPayload.
[[nodiscard]] std::string open_packet(const options& settings, std::string_view sid,
                                      transport_name transport);

}  // namespace gossamer::engineio
