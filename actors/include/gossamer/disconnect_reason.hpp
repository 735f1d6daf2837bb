// Why a socket left its namespace, in Socket.IO's words.
#pragma once

#include <cstdint>
#include <string_view>

namespace gossamer {

enum class disconnect_reason : std::uint8_t {
  transport_error,
  transport_close,
  forced_close,
  ping_timeout,
  parse_error,
  server_shutting_down,
  forced_server_close,
  client_namespace_disconnect,
  server_namespace_disconnect,
};

/// E.g. `transport close`, as handlers of Node's `disconnect` event see it.
[[nodiscard]] constexpr std::string_view text(disconnect_reason reason) {
  switch (reason) {
    case disconnect_reason::transport_error: return "transport error";
    case disconnect_reason::transport_close: return "transport close";
    case disconnect_reason::forced_close: return "forced close";
    case disconnect_reason::ping_timeout: return "ping timeout";
    case disconnect_reason::parse_error: return "parse error";
    case disconnect_reason::server_shutting_down: return "server shutting down";
    case disconnect_reason::forced_server_close: return "forced server close";
    case disconnect_reason::client_namespace_disconnect: return "client namespace disconnect";
    case disconnect_reason::server_namespace_disconnect: return "server namespace disconnect";
  }
  return "transport error";
}

}  // namespace gossamer
