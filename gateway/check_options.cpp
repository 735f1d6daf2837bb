#include "gateway/check_options.hpp"

#include "runtime/base/ids.hpp"

#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>

namespace gossamer {
namespace {

[[noreturn]] void bad_option(const std::string& name, const std::string& allowed) {
  throw std::invalid_argument("option " + name + ": must be " + allowed);
}

void check_positive(const std::string& name, milliseconds given) {
  if (given.count() <= 0) bad_option(name, "a positive time");
}

void check_compression(const options& from) {
  if (from.per_message_deflate && !websocket::valid(*from.per_message_deflate)) {
    bad_option("per_message_deflate",
               "level and memory_level 1 to 9, server_max_window_bits 9 to 15, "
               "client_max_window_bits 8 to 15");
  }
  if (from.http_compression &&
      (from.http_compression->level < 1 || from.http_compression->level > 9)) {
    bad_option("http_compression", "level 1 to 9");
  }
  if (from.cookie && !http::is_cookie_name(from.cookie->name)) {
    bad_option("cookie", "named by a token of RFC 9110");
  }
}

// A longer time would leave what clocks can say.
constexpr milliseconds away_max{std::numeric_limits<std::int32_t>::max()};

void check_recovery(const connection_state_recovery_options& from) {
  const std::string name = "connection_state_recovery.";
  if (from.max_disconnection_duration.count() <= 0 || from.max_disconnection_duration > away_max) {
    bad_option(name + "max_disconnection_duration", "1 to 2147483647 milliseconds");
  }
  if (from.bytes_max == 0) bad_option(name + "bytes_max", "at least 1");
  if (from.sessions_max == 0) bad_option(name + "sessions_max", "at least 1");
  if (from.session_events_max == 0) bad_option(name + "session_events_max", "at least 1");
}

void check_transports(const options& from) {
  if (from.transports.empty()) bad_option("transports", "polling, websocket, or both");
  for (const auto& name : from.transports) {
    if (name != "polling" && name != "websocket") {
      bad_option("transports", "polling, websocket, or both, not '" + name + "'");
    }
  }
}

}  // namespace

void check_options(const options& from) {
  check_compression(from);
  check_transports(from);
  if (from.connection_state_recovery) check_recovery(*from.connection_state_recovery);
  check_positive("lane_hangs_after", from.lane_hangs_after);
  check_positive("ping_interval", from.ping_interval);
  check_positive("ping_timeout", from.ping_timeout);
  check_positive("upgrade_timeout", from.upgrade_timeout);
  check_positive("connect_timeout", from.connect_timeout);
  if (from.lanes > lane_count_max) bad_option("lanes", "0 to 64");
  if (from.polled && from.lanes > 1) bad_option("lanes", "0 or 1 where polled is true");
  if (from.max_http_buffer_size == 0) bad_option("max_http_buffer_size", "at least 1");
  if (!from.path.starts_with('/')) bad_option("path", "a path that starts with /");
  if (from.child_namespaces_max == 0) bad_option("child_namespaces_max", "at least 1");
}

void check_lanes(const options& from, std::size_t lanes, bool polled) {
  const std::string as_configured = ", as gossamer::configure was told for this actor system";
  if (from.lanes != 0 && from.lanes != lanes) {
    bad_option("lanes", "0 or " + std::to_string(lanes) + as_configured);
  }
  if (from.polled && !polled) bad_option("polled", "false" + as_configured);
}

}  // namespace gossamer
