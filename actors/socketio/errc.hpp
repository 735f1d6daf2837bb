// What can be wrong with a Socket.IO packet or with a request to send one.
//
// The texts are those of Node's socket.io-parser where it has one: they appear in logs and as the
// description of an `error` event.
#pragma once

#include "runtime/base/result.hpp"

#include <type_traits>

namespace gossamer::socketio {

enum class errc {
  unknown_packet_type = 1,  // first character is not 0 to 6, or the message is empty
  illegal_attachments,      // count missing, zero or not a number; placeholder out of range
  too_many_attachments,     // more than the limit
  invalid_payload,          // not JSON, too deep, wrong shape for the type, reserved event name
  text_inside_binary,       // a text message while attachments are missing
  binary_without_header,    // a binary message that no packet announced
  namespace_too_long,
  event_name_too_long,
  reserved_event_name,  // the application wants to emit a reserved name
  too_many_acks,        // the socket waits for as many acks as it may
  ack_id_in_use,
};

[[nodiscard]] const boost::system::error_category& socketio_category() noexcept;
[[nodiscard]] error_code make_error_code(errc code) noexcept;

}  // namespace gossamer::socketio

template <>
struct boost::system::is_error_code_enum<gossamer::socketio::errc> : std::true_type {};
