// How packets travel: the contract of a parser, which an application may implement.
//
// A server has one parser, and all of its clients speak it. Without one it speaks the default
// format of Socket.IO, whose code is called directly; `msgpack_parser()` is the other official one.
//
// Between the application and a parser a packet is always the same: a type, a namespace, perhaps an
// id, and its payload as JSON text with binaries beside it. So handlers, typed arguments, rooms and
// other nodes do not depend on the parser.
//
//     application -> JSON text, binaries -> encode() -> messages, shared by all recipients
//     message -> decode_text() / decode_binary() -> JSON text, binaries -> application
//
// The payload: an object of the client's or ours for `connect`, an array with the event's name
// first for `event`, an array for `ack`, an object for `connect_error`, nothing for `disconnect`.
// In it binaries stand as `{"_placeholder":true,"num":i}`, i being the index into `attachments`;
// values that JSON does not have are marked in white space, see json_marks.hpp.
//
// What `encode` makes of an event `decode` must understand: whoever watches outgoing events gets
// them by that.
//
// Runs on: any thread, several at once; a parser has no state of its own. Errors: a message that
// does not decode, or for which the parser throws, closes the connection; a packet for which
// `encode` throws is not sent.
#pragma once

#include "actors/socketio/packet.hpp"
#include "runtime/base/bytes.hpp"
#include "runtime/base/result.hpp"
#include "runtime/base/shared_frame.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gossamer {

using socketio::ack_id;
using socketio::packet_type;

/// One packet to encode. Valid until `encode` returns.
struct outgoing_packet {
  packet_type type = packet_type::event;
  std::string_view nsp = "/";
  std::optional<ack_id> id;
  std::string_view json;  // the payload; empty if there is none
  std::span<const bytes> attachments;
};

/// One packet as `decode` found it. What is wrong with its parts (bad JSON, a reserved event name,
/// placeholders without binaries, sizes) is checked by the server.
struct incoming_packet {
  packet_type type = packet_type::event;
  std::string nsp = "/";
  std::optional<ack_id> id;
  std::string json;
  std::vector<bytes> attachments;
};

/// Takes the messages of one packet, in order.
class message_list {
 public:
  void text(std::string_view message) { add(frame_kind::text, message); }
  void binary(std::string_view message) { add(frame_kind::binary, message); }
  [[nodiscard]] std::vector<shared_frame> take() { return std::move(frames_); }

 private:
  void add(frame_kind kind, std::string_view message);
  std::vector<shared_frame> frames_;
};

/// What a connection keeps of a packet that needs several messages. Most formats need none.
class parser_memory {
 public:
  virtual ~parser_memory() = default;
};
using parser_memory_ptr = std::unique_ptr<parser_memory>;

class parser {
 public:
  virtual ~parser() = default;

  /// Encodes a packet, once for all recipients: gives `out` at least one message.
  virtual void encode(const outgoing_packet& packet, message_list& out) const = 0;

  /// Takes in a message of one connection: a packet, nothing yet, or an error. `memory` is that
  /// connection's, empty at first, and freed with it.
  [[nodiscard]] virtual result<std::optional<incoming_packet>> decode_text(
      std::string_view message, parser_memory_ptr& memory) const = 0;
  [[nodiscard]] virtual result<std::optional<incoming_packet>> decode_binary(
      const bytes& message, parser_memory_ptr& memory) const = 0;
};

/// The parser of socket.io-msgpack-parser 3: one binary message for each packet.
[[nodiscard]] std::shared_ptr<const parser> msgpack_parser();

namespace socketio {

/// What one connection sends, by a parser: a checked packet. The packet owns its text.
[[nodiscard]] result<std::optional<packet>> decode_text(const parser& with,
                                                        std::string_view message,
                                                        parser_memory_ptr& memory);
[[nodiscard]] result<std::optional<packet>> decode_binary(const parser& with, const bytes& message,
                                                          parser_memory_ptr& memory);
/// The checks alone. Errors: errc::invalid_payload, illegal_attachments, namespace_too_long,
/// event_name_too_long.
[[nodiscard]] result<packet> checked(incoming_packet found);

}  // namespace socketio
}  // namespace gossamer
