// Why a session ended, finer than what applications are told: for log lines and counters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gossamer::engineio {

enum class close_cause : std::uint8_t {
  none,              // not closed
  client_closed,     // packet `1`
  websocket_closed,  // the WebSocket connection ended
  websocket_error,   // the client broke RFC 6455, or a message was too big
  poll_aborted,      // the waiting GET was given up by the client
  poll_overlap,      // a second GET while one waits
  post_overlap,      // a second POST while one is read
  post_aborted,
  bad_content,      // a POST of type application/octet-stream
  wrong_heartbeat,  // a ping from a client of revision 4, a pong from one of revision 3
  bad_packet,
  ping_timeout,
  slow_client,    // over its byte budget
  application,    // closed from above
  shutting_down,  // the server stops
};
inline constexpr std::size_t close_cause_count = 15;

[[nodiscard]] constexpr std::string_view text(close_cause cause) {
  constexpr std::string_view names[close_cause_count] = {
      "none",         "client_closed", "websocket_closed", "websocket_error", "poll_aborted",
      "poll_overlap", "post_overlap",  "post_aborted",     "bad_content",     "wrong_heartbeat",
      "bad_packet",   "ping_timeout",  "slow_client",      "application",     "shutting_down"};
  const auto index = static_cast<std::size_t>(cause);
  return index < close_cause_count ? names[index] : names[0];
}

}  // namespace gossamer::engineio
