// One WebSocket connection as its session sees it: decodes what comes in, sends frames.
//
// Runs on: the session's lane. Belongs to a session until either side lets go; then it only ends
// the connection. It is the probe of an upgrade first, or the transport from the start: the session
// knows which.
//
//     websocket_link   decoding, close handshake, ping and pong of RFC 6455
//       plain_link       its connection lives on this lane
//       relayed_link     its connection lives on another lane (TLS)
#pragma once

#include "gateway/http/protocol.hpp"
#include "gateway/websocket/close_code.hpp"
#include "gateway/websocket/frame_decoder.hpp"
#include "runtime/base/shared_frame.hpp"
#include "runtime/base/time.hpp"

#include <cstddef>
#include <span>

namespace gossamer::http {
class connection;
}

namespace gossamer::transport {

class session_driver;

class websocket_link {
 public:
  websocket_link(const websocket_link&) = delete;
  websocket_link& operator=(const websocket_link&) = delete;

  void attach(session_driver& session) { session_ = &session; }
  /// The session is told nothing more.
  void detach() { session_ = nullptr; }

  /// Queues the frame; returns how many bytes are queued then.
  virtual std::size_t send(const shared_frame& frame) = 0;
  [[nodiscard]] virtual std::size_t queued_bytes() const = 0;
  [[nodiscard]] virtual bool unsent_from_earlier_turn() const = 0;
  [[nodiscard]] virtual time_point last_progress() const = 0;
  /// Does the client take deflated messages?
  [[nodiscard]] bool deflates() const { return decoder_.deflate(); }
  /// Stops and starts reading; nothing is lost or overtaken.
  virtual void hold() = 0;
  virtual void release() = 0;
  /// Sends a close frame behind what is queued, then ends the connection.
  void close(websocket::close_code code);
  /// Ends it when everything queued is sent.
  virtual void end() = 0;
  /// Ends it now.
  virtual void abort() = 0;

 protected:
  websocket_link(std::size_t message_bytes_max, bool deflate);
  virtual ~websocket_link();

  /// Decodes bytes of the client. What is left after `hold` goes to `keep`.
  void consume(std::span<char> data);
  void lost();     // the connection is gone
  void drained();  // everything queued is with the kernel
  virtual void keep(std::span<char> rest) = 0;
  [[nodiscard]] virtual bool held() const = 0;

 private:
  void handle(const websocket::event& event);

  session_driver* session_ = nullptr;
  websocket::frame_decoder decoder_;
};

class plain_link final : public http::protocol, public websocket_link {
 public:
  plain_link(http::connection& below, std::size_t message_bytes_max, bool deflate);
  /// Makes it the connection's protocol.
  static plain_link& put_on(http::connection& below, std::size_t message_bytes_max, bool deflate);

  std::size_t send(const shared_frame& frame) override;
  [[nodiscard]] std::size_t queued_bytes() const override;
  [[nodiscard]] bool unsent_from_earlier_turn() const override;
  [[nodiscard]] time_point last_progress() const override;
  void hold() override;
  void release() override;
  void end() override;
  void abort() override;

  void on_bytes(std::span<char> data) override { consume(data); }
  void on_closed(error_code why) override;
  void on_drained() override;

 private:
  void keep(std::span<char> rest) override;
  [[nodiscard]] bool held() const override;

  http::connection& below_;
};

}  // namespace gossamer::transport
