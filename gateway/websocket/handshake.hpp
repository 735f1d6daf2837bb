// The opening handshake as a server sees it (RFC 6455, 4.2).
//
// Pure: the HTTP layer has parsed the request (and checked `Host`) and passes the fields on.
// Subprotocols are ignored: the response names none. Extensions: extensions.hpp.
#pragma once

#include "gateway/websocket/errc.hpp"
#include "runtime/base/result.hpp"
#include "runtime/base/shared_frame.hpp"

#include <string>
#include <string_view>

namespace gossamer::websocket {

/// What matters of a request. Repeated fields are joined with ", "; a missing one is empty.
struct upgrade_request {
  std::string_view method;
  unsigned http_version = 11;   // 10 * major + minor
  std::string_view connection;  // Connection
  std::string_view upgrade;     // Upgrade
  std::string_view key;         // Sec-WebSocket-Key
  std::string_view version;     // Sec-WebSocket-Version
};

/// Does the client ask for a WebSocket at all? (`Upgrade` names it.) Such a request is never
/// served as a plain one.
[[nodiscard]] bool wants_websocket(std::string_view upgrade);

/// Errors: the first group of errc; see http_status_for.
[[nodiscard]] result<void> check_upgrade(const upgrade_request& request);

/// Value of Sec-WebSocket-Accept for a client's key.
[[nodiscard]] std::string accept_key(std::string_view key);

/// The 101 response, kind `raw`. `more_fields` are whole lines ("Set-Cookie: ...\r\n") to add.
[[nodiscard]] shared_frame accept_response(std::string_view key, std::string_view more_fields = {});

/// The response to a refused upgrade, kind `raw`; close the connection after it.
[[nodiscard]] shared_frame refusal_response(errc error);

}  // namespace gossamer::websocket
