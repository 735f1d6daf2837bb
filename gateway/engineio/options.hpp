// What an application may set of an Engine.IO server; the defaults are Socket.IO's.
#pragma once

#include "runtime/base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace gossamer::engineio {

/// A transport as a request names it.
enum class transport_name : std::uint8_t { polling, websocket };

struct transport_set {
  bool polling = true;
  bool websocket = true;
  [[nodiscard]] bool contains(transport_name name) const {
    return name == transport_name::polling ? polling : websocket;
  }
};

struct options {
  std::string path = "/socket.io";
  bool add_trailing_slash = true;
  milliseconds ping_interval{25'000};
  milliseconds ping_timeout{20'000};
  milliseconds upgrade_timeout{10'000};
  /// Bytes of one POST body or one WebSocket message; told to clients as `maxPayload`.
  std::size_t max_http_buffer_size = 1'000'000;
  transport_set transports;
  bool allow_upgrades = true;
  /// Are clients of revision 3 (Socket.IO 1.x and 2.x) let in?
  bool allow_eio3 = false;
  /// A message that every client gets right after the open packet.
  std::optional<std::string> initial_packet;
};

/// What a request's path starts with: `path` with one trailing slash, or none.
[[nodiscard]] std::string mount_path(const options& settings);

/// Is WebSocket offered to a session that starts on `transport`?
[[nodiscard]] bool offers_upgrade(const options& settings, transport_name transport);

}  // namespace gossamer::engineio
