// A whole server on loopback for tests, and Socket.IO clients made by hand.
#pragma once

#include "gateway/include/gossamer/server.hpp"
#include "runtime/base/ids.hpp"
#include "tests/unit/lanes/waiting.hpp"
#include "tests/unit/transport/test_client.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

namespace gossamer::test {

using gossamer::testing::log_lines;
using std::chrono::steady_clock;

inline constexpr std::string_view polling_url = "/socket.io/?EIO=4&transport=polling";
inline constexpr std::string_view websocket_url = "/socket.io/?EIO=4&transport=websocket";

inline std::string with_sid(std::string_view target, std::string_view sid) {
  return std::string(target) + "&sid=" + std::string(sid);
}
/// The Engine.IO id out of an open packet.
inline std::string sid_of(std::string_view open_packet) {
  const auto at = open_packet.find("\"sid\":\"");
  return at == std::string_view::npos ? std::string() : std::string(open_packet.substr(at + 7, 20));
}
inline lane_index lane_of(std::string_view sid) {
  return session_id::parse(sid)->lane();
}

/// Asks again and again, other threads run meanwhile. False if it does not come true in time.
inline bool eventually(const std::function<bool()>& holds,
                       std::chrono::milliseconds at_most = std::chrono::seconds(30)) {
  const auto until = steady_clock::now() + at_most;
  while (!holds()) {
    if (steady_clock::now() > until) return false;
    std::this_thread::yield();
  }
  return true;
}

/// A server that listens on loopback. Register handlers before `listen`.
class loopback_server {
 public:
  template <class Change>
  explicit loopback_server(Change&& change) : io(made_by(change, log)) {}

  loopback_server(const loopback_server&) = delete;
  loopback_server& operator=(const loopback_server&) = delete;
  /// Does not wait long for clients that poll no more.
  ~loopback_server() { (void)io.stop({milliseconds(200)}); }

  std::uint16_t listen(std::optional<http::tls_options> tls = std::nullopt) {
    port = io.listen({"127.0.0.1", 0, std::move(tls)}).value().port;
    return port;
  }

  log_lines log;
  server io;
  std::uint16_t port = 0;

 private:
  template <class Change>
  static options made_by(Change& change, log_lines& log) {
    options made;
    made.lanes = 2;
    made.log = log.make();
    change(made);
    return made;
  }
};

/// A Socket.IO client on a WebSocket, in the main namespace. It answers pings while it reads.
class socket_client {
 public:
  explicit socket_client(std::uint16_t port, bool tls = false) : wire(port) {
    if (tls) wire.start_tls();
    wire.upgrade(websocket_url);
    sid = sid_of(wire.frame());
    wire.text("40");
    const auto joined = next();
    if (!joined.starts_with("40{")) throw std::runtime_error("not joined: " + joined);
  }

  /// `array` is the JSON array of the event.
  void emit(std::string_view array, std::string_view ack_id = {}) const {
    wire.text("42" + std::string(ack_id) + std::string(array));
  }
  /// The next packet that is no ping, without the frame's kind if it is a text.
  std::string next() {
    for (;;) {
      if (auto packet = take(wire.frame())) return *packet;
    }
  }
  /// The same if it has come by now.
  std::optional<std::string> next_by_now() {
    while (auto frame = wire.frame_by_now()) {
      if (auto packet = take(std::move(*frame))) return packet;
    }
    return std::nullopt;
  }
  /// Reads up to the answer to ack id 7; other packets are dropped.
  std::string answer() {
    for (;;) {
      auto packet = next();
      if (packet.starts_with("437")) return packet.substr(3);
    }
  }
  /// One round trip through the handler of `echo`.
  std::string echo(std::string_view text) {
    emit("[\"echo\",\"" + std::string(text) + "\"]", "7");
    return answer();
  }
  [[nodiscard]] lane_index lane() const { return lane_of(sid); }

  test_client wire;
  std::string sid;

 private:
  std::optional<std::string> take(std::string frame) const {
    if (frame == "text:2") {
      wire.text("3");
      return std::nullopt;
    }
    return frame.starts_with("text:") ? frame.substr(5) : frame;
  }
};

}  // namespace gossamer::test
