// What can be wrong with a request or a packet, and what the peer is told.
//
// One table maps an error to the Engine.IO error code, the HTTP status and the body. Two forms: an
// HTTP request gets JSON, a WebSocket upgrade gets a bare 400 with the message as its body, also
// for code 4.
#pragma once

#include "runtime/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace gossamer::engineio {

enum class errc : std::uint8_t {
  // Refused requests.
  unknown_transport = 1,      // code 0
  unknown_sid,                // code 1
  bad_handshake_method,       // code 2
  invalid_origin,             // code 3, as all up to protocol_mismatch
  transport_mismatch,         // the session speaks another transport
  transport_handshake_error,  // transport=websocket without an upgrade
  id_generation_error,        // the application's id is not an id, or taken
  middleware_failure,
  protocol_mismatch,    // not the revision that the session was opened with
  forbidden,            // code 4
  unsupported_version,  // code 5
  // Data of a session.
  bad_packet,
  bad_base64,
  too_many_packets,
};

[[nodiscard]] error_code make_error_code(errc error) noexcept;

/// How the refused request came.
enum class request_form : std::uint8_t { http, upgrade };

/// The whole answer to a refused request.
struct refusal {
  unsigned status = 400;
  int code = 3;                   // Engine.IO's error code
  std::string_view message;       // the protocol's text of the code: `Bad request`
  std::string_view context;       // why, for log lines: `TRANSPORT_MISMATCH`
  std::string_view content_type;  // header field Content-Type
  std::string body;
};

/// The answer to a request refused with `error`. `message` replaces the text of code 4 if it is not
/// empty; it may be any bytes.
[[nodiscard]] refusal refuse(errc error, request_form form, std::string_view message = {});

/// `text` as a JSON string with quotes; invalid UTF-8 becomes U+FFFD.
[[nodiscard]] std::string json_string(std::string_view text);

}  // namespace gossamer::engineio

template <>
struct boost::system::is_error_code_enum<gossamer::engineio::errc> : std::true_type {};
