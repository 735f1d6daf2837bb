// What an application may set of an Engine.IO server beside the protocol's own options.
#pragma once

#include "actors/ports/connection.hpp"
#include "gateway/engineio/errc.hpp"
#include "gateway/engineio/options.hpp"
#include "gateway/http/compression.hpp"
#include "gateway/http/cookie.hpp"
#include "gateway/http/request.hpp"
#include "gateway/http/response.hpp"
#include "gateway/transport/middleware.hpp"
#include "gateway/websocket/deflate_options.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/limits.hpp"
#include "runtime/base/log.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gossamer::transport {

/// The application's answer to `allow_request`. A refusal's text goes to the client with code 4;
/// empty: `Forbidden`. Any thread; the first call counts, later ones do nothing.
using decision = std::function<void(bool allowed, std::string refusal_text)>;

/// A request that the engine refused.
struct refused_request {
  engineio::refusal why;
  /// Null if it was refused where its session lives, or would: an unknown sid, a wrong transport.
  const http::request* request = nullptr;
  std::string_view sid = {};  // empty: none
};

struct engine_options : engineio::options {
  /// Deflated WebSocket messages, for clients that offer it. Nothing: never.
  std::optional<websocket::deflate_options> per_message_deflate;
  /// Compressed answers to polls. Nothing: never.
  std::optional<http::compression_options> http_compression = http::compression_options{};
  /// A cookie with the session id, on the answer to a polling handshake only.
  std::optional<http::cookie_options> cookie;

  /// Asked about each handshake, not about later requests. Runs on: the connection's lane. If the
  /// decision is never called, the client waits until it gives up or the engine closes.
  std::function<void(std::shared_ptr<const handshake_info>, decision)> allow_request;

  /// Makes the id of a new session. It must be shaped like a session id and new, else the client is
  /// refused with code 3. Runs on: the connection's lane, several at once.
  std::function<std::string(const handshake_info&)> generate_id;

  /// They see every request before any check of the engine, each poll and upgrade included (an HTTP
  /// answer ends a refused upgrade). CORS is one of them. May be null.
  std::shared_ptr<middleware_list> middlewares;

  /// Header fields of the answer to a handshake, behind the cookie. Same lane.
  std::function<void(const handshake_info&, const session_id&, transport_kind,
                     http::header_fields& more)>
      initial_headers;

  /// Header fields of any answer of the engine that is no refusal at once: handshakes, polls,
  /// POSTs, the 101 of a WebSocket; behind those of `initial_headers`. Same lane.
  std::function<void(const http::request&, http::header_fields& more)> headers;

  /// Told about each request that is refused with one of the codes of Engine.IO, before the answer.
  /// Runs on: the lane of the connection, or of the session.
  std::function<void(const refused_request&)> connection_error;

  /// Outgoing bytes of one client (architecture 3): see limits.hpp.
  std::size_t send_soft_bytes = limits::send_soft_bytes;
  std::size_t send_hard_bytes = limits::send_hard_bytes;
  std::size_t send_cap_bytes = limits::send_cap_bytes;
  milliseconds send_stall{limits::send_stall_ms};

  /// Bits that say in an id which node made it.
  node_tag tag;
  logger log;
};

}  // namespace gossamer::transport
