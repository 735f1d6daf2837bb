// Port between the actors and the gateway: an Engine.IO session as the Socket.IO side sees it.
//
// The gateway implements `connection`, the actors implement `client` and `session_acceptor`. All
// calls in both directions run on the session's lane, and none of them may block.
#pragma once

#include "runtime/base/bytes.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/shared_frame.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gossamer {

class lane;

enum class transport_kind : std::uint8_t { polling, websocket };

/// Why a session ended; `text()` gives Socket.IO's word for it.
enum class close_reason : std::uint8_t {
  transport_error,
  transport_close,
  forced_close,  // the application or the Socket.IO layer closed the session
  ping_timeout,
  parse_error,  // an illegal Engine.IO packet
  server_shutting_down,
  forced_server_close,
};
[[nodiscard]] constexpr std::string_view text(close_reason reason) {
  switch (reason) {
    case close_reason::transport_error: return "transport error";
    case close_reason::transport_close: return "transport close";
    case close_reason::forced_close: return "forced close";
    case close_reason::ping_timeout: return "ping timeout";
    case close_reason::parse_error: return "parse error";
    case close_reason::server_shutting_down: return "server shutting down";
    case close_reason::forced_server_close: return "forced server close";
  }
  return "transport error";
}

/// What the client's first request said. Immutable, shared by the session's sockets, kept compact:
/// fields are looked up in the request head when somebody asks. Any thread.
class handshake_info {
 public:
  virtual ~handshake_info() = default;
  /// Target of the first request with its query, e.g. `/socket.io/?EIO=4&transport=websocket`.
  [[nodiscard]] virtual std::string_view url() const = 0;
  /// A header field of the first request, name in any case; repeated fields joined with ", ".
  [[nodiscard]] virtual std::optional<std::string> header(std::string_view name) const = 0;
  /// A query parameter, percent-decoded; of several with this name the last one, as in Node.
  [[nodiscard]] virtual std::optional<std::string> query(std::string_view name) const = 0;
  /// Calls `visit(name, value)` for each header field (names lower case) or query parameter, in
  /// order.
  using visitor = void (*)(void* context, std::string_view name, std::string_view value);
  virtual void each_header(visitor visit, void* context) const = 0;
  virtual void each_query(visitor visit, void* context) const = 0;
  /// The peer's IP address, without port.
  [[nodiscard]] virtual std::string_view address() const = 0;
  [[nodiscard]] virtual bool secure() const = 0;
  /// Was there an Origin header?
  [[nodiscard]] virtual bool xdomain() const = 0;
  /// Wall clock of the handshake, milliseconds since 1970.
  [[nodiscard]] virtual std::int64_t issued_ms() const = 0;
};

/// What became of frames given to `send`.
enum class send_status : std::uint8_t {
  queued,      // goes out at the end of this loop turn, or with the next poll
  over_limit,  // queued too, but the client is over its byte budget: call check_budget() after the
               // loop
  closed,      // the session is gone; nothing was queued
};

/// One Engine.IO session. Lives until `client::on_close` has returned.
class connection {
 public:
  [[nodiscard]] virtual lane& home() const = 0;
  [[nodiscard]] virtual const session_id& id() const = 0;
  /// Engine.IO revision: 4 (3 for clients 1.x and 2.x).
  [[nodiscard]] virtual int revision() const = 0;
  [[nodiscard]] virtual transport_kind transport() const = 0;
  [[nodiscard]] virtual std::shared_ptr<const handshake_info> handshake() const = 0;

  /// Queues one message's frames: a text frame, then its attachments. Never closes and never calls
  /// back.
  virtual send_status send(std::span<const shared_frame> frames) = 0;
  /// May a volatile packet be sent now? WebSocket: no byte of an earlier loop turn is unsent and
  /// the soft limit is not reached; polling: a GET waits.
  [[nodiscard]] virtual bool ready_for_volatile() const = 0;
  [[nodiscard]] virtual std::size_t queued_bytes() const = 0;
  /// Applies the budget policy: closes a client that is over the hard limit and took no byte for
  /// the stall time, or over the absolute cap.
  virtual void check_budget() = 0;
  /// Ends the session after what is queued has gone out (bounded by the polling close time).
  /// `on_close` follows, perhaps before this returns. Repeated calls do nothing.
  virtual void close(close_reason reason) = 0;

 protected:
  ~connection() = default;
};

/// The Socket.IO side of a session.
class client {
 public:
  virtual ~client() = default;
  /// A text message from the client (without the Engine.IO type). The view is valid until return.
  virtual void on_text(std::string_view message) = 0;
  virtual void on_binary(bytes message) = 0;
  /// All queued bytes are with the kernel or answered to a poll.
  virtual void on_drain() {}
  /// The last call. The client object is destroyed afterwards by the connection.
  virtual void on_close(close_reason reason) = 0;
};

/// Makes the Socket.IO side of a new session (or the echo of a bare Engine.IO server).
class session_acceptor {
 public:
  /// The open packet has been queued. Runs on: the session's lane.
  [[nodiscard]] virtual std::unique_ptr<client> on_session(connection& session) = 0;

 protected:
  ~session_acceptor() = default;
};

}  // namespace gossamer
