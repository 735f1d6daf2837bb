// What a client may do wrong in the WebSocket protocol, and the table of what it gets for it.
#pragma once

#include "gateway/websocket/close_code.hpp"

#include <boost/system/error_code.hpp>
#include <boost/system/is_error_code_enum.hpp>

namespace gossamer::websocket {

enum class errc {
  none = 0,

  // The upgrade request (RFC 6455, 4.2.1): answered with an HTTP status.
  bad_method,        // 405
  bad_http_version,  // 400, below HTTP/1.1
  no_upgrade,        // 400, `Connection` or `Upgrade` lacks its token
  bad_key,           // 400, `Sec-WebSocket-Key` is not the base64 of 16 bytes
  bad_version,       // 426, `Sec-WebSocket-Version` is not 13
  bad_extensions,    // 400, `Sec-WebSocket-Extensions` breaks its grammar

  // Frames (RFC 6455, 5 and 7): answered with a close code.
  reserved_bits,            // 1002; RSV1 is fine on the first frame of a message if negotiated
  bad_opcode,               // 1002
  unmasked_frame,           // 1002
  fragmented_control,       // 1002
  control_too_long,         // 1002
  length_not_minimal,       // 1002
  length_out_of_range,      // 1002, above 63 bits
  unexpected_continuation,  // 1002, no message to continue
  expected_continuation,    // 1002, a new message inside an unfinished one
  bad_close_size,           // 1002, a close payload of one byte
  bad_close_code,           // 1002
  bad_utf8,                 // 1007, in a text message or in a close reason
  message_too_big,          // 1009
  too_many_fragments,       // 1009
  bad_deflate,              // 1007, a deflated message is no deflate data or is cut
};

/// The code of the close frame that answers a frame error.
[[nodiscard]] close_code close_code_for(errc error);

/// The HTTP status that answers a refused upgrade.
[[nodiscard]] unsigned http_status_for(errc error);

[[nodiscard]] const boost::system::error_category& error_category();

[[nodiscard]] inline boost::system::error_code make_error_code(errc error) {
  return {static_cast<int>(error), error_category()};
}

}  // namespace gossamer::websocket

template <>
struct boost::system::is_error_code_enum<gossamer::websocket::errc> : std::true_type {};
