// What a program may set of a server. Names and defaults are Socket.IO's, in snake_case.
//
// A bad value makes the constructor of `server` throw std::invalid_argument, which names the option
// and what is allowed.
#pragma once

#include "actors/ports/connection.hpp"
#include "gateway/http/cors.hpp"
#include "gateway/http/tls.hpp"
#include "runtime/base/limits.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gossamer {

/// Says whether a handshake may go on; a refusal's text goes to the client with code 4 (`Forbidden`
/// if it is empty). Any thread; the first call counts.
using handshake_decision = std::function<void(bool allowed, std::string refusal_text)>;

struct options {
  // -- Socket.IO --------------------------------------------------------------------------------
  std::string path = "/socket.io";
  bool serve_client = true;
  /// Where the browser client's files are (`socket.io.js`, ...); empty: none are served.
  std::string client_dir;
  /// A client that joined no namespace in this time is closed; one whose middleware does not decide
  /// in this time gets CONNECT_ERROR.
  milliseconds connect_timeout{45'000};

  // -- Engine.IO --------------------------------------------------------------------------------
  milliseconds ping_interval{25'000};
  milliseconds ping_timeout{20'000};
  milliseconds upgrade_timeout{10'000};
  /// Bytes of one POST body or one WebSocket message.
  std::size_t max_http_buffer_size = 1'000'000;
  /// Of "polling" and "websocket".
  std::vector<std::string> transports{"polling", "websocket"};
  bool allow_upgrades = true;
  bool add_trailing_slash = true;
  std::optional<std::string> initial_packet;
  std::optional<http::cors_options> cors;
  /// Asked about each handshake. Runs on: the connection's lane, several at once.
  std::function<void(std::shared_ptr<const handshake_info>, handshake_decision)> allow_request;
  /// Makes session ids: 20 characters of A-Z a-z 0-9 - _, each new. Runs on: the connection's lane,
  /// several at once.
  std::function<std::string(const handshake_info&)> generate_id;

  // -- the process ------------------------------------------------------------------------------
  /// Threads for clients; 0: one per core. At most 64.
  std::size_t lanes = 0;
  bool pin_cpus = false;
  std::size_t lane_inbox_bytes_max = limits::lane_inbox_bytes_max;
  /// A handler that runs longer is logged.
  milliseconds slow_handler{100};
  /// Outgoing bytes of one client, see limits.hpp.
  std::size_t send_soft_bytes = limits::send_soft_bytes;
  std::size_t send_hard_bytes = limits::send_hard_bytes;
  std::size_t send_cap_bytes = limits::send_cap_bytes;
  /// Over it, new connections are answered 503. 0: no limit.
  std::size_t connections_max = 0;
  /// Silent unless set.
  logger log;
};

struct listen_options {
  std::string host = "0.0.0.0";  // IPv4, IPv6, or `unix:/path`
  std::uint16_t port = 3000;     // 0: the kernel chooses
  std::optional<http::tls_options> tls = std::nullopt;
};

/// What was bound.
struct bound_address {
  std::string host;
  std::uint16_t port = 0;
};

}  // namespace gossamer
