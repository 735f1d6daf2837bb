// What a program may set of a server. Names and defaults are Socket.IO's, in snake_case.
//
// A bad value makes the constructor of `server` throw std::invalid_argument, which names the option
// and what is allowed.
#pragma once

#include "actors/include/gossamer/parser.hpp"
#include "actors/include/gossamer/recovery.hpp"
#include "actors/ports/connection.hpp"
#include "gateway/http/compression.hpp"
#include "gateway/http/cookie.hpp"
#include "gateway/http/cors.hpp"
#include "gateway/http/request.hpp"
#include "gateway/http/tls.hpp"
#include "gateway/transport/middleware.hpp"
#include "gateway/websocket/deflate_options.hpp"
#include "runtime/base/limits.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gossamer {

/// Says whether a handshake may go on; a refusal's text goes to the client with code 4 (`Forbidden`
/// if it is empty). Any thread; the first call counts.
using handshake_decision = std::function<void(bool allowed, std::string refusal_text)>;

/// Sees each request under the path before the engine does, each poll and upgrade included: answers
/// it by itself, adds fields to whatever the answer will be, or decides later by `engine_next`.
using engine_middleware = transport::middleware;
using engine_next = transport::middleware_next;

/// A request that was refused with one of Engine.IO's error codes.
struct connection_error {
  int code = 3;
  std::string_view message;  // `Bad request`
  std::string_view context;  // `TRANSPORT_MISMATCH`
  std::string_view sid;      // as the request names it, empty if it names none
  /// Null if it was refused where its session lives.
  const http::request* request = nullptr;
};

/// Where operators ask, see docs/operations.md. Not for the public: it has no passwords.
struct ops_options {
  std::string host = "127.0.0.1";  // IPv4, IPv6, or `unix:/path`
  std::uint16_t port = 9464;       // 0: the kernel chooses
};

struct options {
  // -- Socket.IO --------------------------------------------------------------------------------
  std::string path = "/socket.io";
  bool serve_client = true;
  /// Where the browser client's files are (`socket.io.js`, ...); empty: none are served.
  std::string client_dir{};
  /// A client that joined no namespace in this time is closed; one whose middleware does not decide
  /// in this time gets CONNECT_ERROR.
  milliseconds connect_timeout{45'000};
  /// A namespace that a parent namespace has made for a client ends with its last socket, unless a
  /// room of it is held by an actor or by a handle. What was kept of it, as `nsp`, does nothing
  /// then.
  bool cleanup_empty_child_namespaces = false;
  /// How many of them there may be. At the bound those without sockets and rooms are ended,
  /// whatever the option above says; if there are none, a client that asks for one more gets
  /// CONNECT_ERROR `too many namespaces`.
  std::size_t child_namespaces_max = 10'000;
  /// How packets travel, to and from all clients of this server: `msgpack_parser()` or one of your
  /// own (gossamer/parser.hpp). Null: the default format of Socket.IO.
  std::shared_ptr<const gossamer::parser> parser{};
  /// Clients that come back in time go on where they were, see docs/recovery.md. Nothing: off.
  std::optional<connection_state_recovery_options> connection_state_recovery{};

  // -- Engine.IO --------------------------------------------------------------------------------
  milliseconds ping_interval{25'000};
  milliseconds ping_timeout{20'000};
  milliseconds upgrade_timeout{10'000};
  /// Bytes of one POST body or one WebSocket message.
  std::size_t max_http_buffer_size = 1'000'000;
  /// Of "polling" and "websocket".
  std::vector<std::string> transports{"polling", "websocket"};
  bool allow_upgrades = true;
  /// Are clients of Engine.IO revision 3 (Socket.IO 1.x and 2.x) let in? Others are told code 5.
  bool allow_eio3 = false;
  bool add_trailing_slash = true;
  std::optional<std::string> initial_packet{};
  std::optional<http::cors_options> cors{};
  /// Deflated WebSocket messages for clients that offer it (RFC 7692). Messages to clients stand
  /// each for itself, so a broadcast is deflated once for all of them.
  std::optional<websocket::deflate_options> per_message_deflate{};
  /// Answers to polls by gzip or deflate, as the client accepts it.
  std::optional<http::compression_options> http_compression = http::compression_options{};
  /// A cookie with the session id, on the answer to a polling handshake.
  std::optional<http::cookie_options> cookie{};
  /// In this order, behind CORS. Runs on: the connection's lane, several at once, like the rest.
  std::vector<engine_middleware> engine_middlewares{};
  /// Adds header fields to the answer to a handshake.
  std::function<void(const handshake_info&, const session_id&, transport_kind,
                     http::header_fields& more)>
      initial_headers{};
  /// Adds header fields to answers of the engine: handshakes, polls, POSTs, the 101 of a WebSocket.
  std::function<void(const http::request&, http::header_fields& more)> headers{};
  /// Told of refused requests. Also runs on the session's lane.
  std::function<void(const connection_error&)> on_connection_error{};
  /// Asked about each handshake. Runs on: the connection's lane, several at once.
  std::function<void(std::shared_ptr<const handshake_info>, handshake_decision)> allow_request{};
  /// Makes session ids: 20 characters of A-Z a-z 0-9 - _, each new. Runs on: the connection's lane,
  /// several at once.
  std::function<std::string(const handshake_info&)> generate_id{};

  // -- the process ------------------------------------------------------------------------------
  /// Threads for clients; 0: one per core. At most 64.
  std::size_t lanes = 0;
  /// No thread runs handlers but the one that calls `server::poll`: for programs with a loop of
  /// their own. There is one lane then.
  bool polled = false;
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
  /// `/healthz` and `/metrics` on an address of their own, from the first `listen` on. Nothing:
  /// they are not served.
  std::optional<ops_options> ops{};
  /// A lane that is in one turn or handler for so long makes `/healthz` answer 503.
  milliseconds lane_hangs_after{5'000};
  /// Silent unless set.
  logger log{};
};

struct listen_options {
  std::string host = "0.0.0.0";  // IPv4, IPv6, or `unix:/path`
  std::uint16_t port = 3000;     // 0: the kernel chooses
  std::optional<http::tls_options> tls = std::nullopt;
  /// Permissions of a Unix socket's file, as 0660; nothing: what the umask leaves.
  std::optional<unsigned> unix_mode = std::nullopt;
};

/// What was bound.
struct bound_address {
  std::string host;
  std::uint16_t port = 0;
};

}  // namespace gossamer
