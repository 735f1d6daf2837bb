// Why a WebSocket connection is closed, as a number on the wire (RFC 6455, 7.4, and the registry
// that it founds).
#pragma once

#include <cstdint>

namespace gossamer::websocket {

enum class close_code : std::uint16_t {
  normal = 1000,
  going_away = 1001,
  protocol_error = 1002,
  unsupported_data = 1003,
  no_status = 1005,  // never sent: stands for a close frame without a code
  abnormal = 1006,   // never sent: stands for a connection that ended without a close frame
  bad_payload = 1007,
  policy_violation = 1008,
  too_big = 1009,
  extension_required = 1010,
  internal_error = 1011,
  service_restart = 1012,
  try_again_later = 1013,
  bad_gateway = 1014,
};

/// May the code stand in a close frame? The codes assigned for it, 3000-3999 (registered by
/// libraries) and 4000-4999 (private); nothing else.
[[nodiscard]] constexpr bool allowed_on_wire(close_code code) {
  const auto value = static_cast<std::uint16_t>(code);
  if (value >= 3000 && value <= 4999) return true;
  return value >= 1000 && value <= 1014 && value != 1004 && value != 1005 && value != 1006;
}

}  // namespace gossamer::websocket
