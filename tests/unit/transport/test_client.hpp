// Blocking clients for loopback tests: bytes over a socket, HTTP answers, WebSocket frames.
//
// A read that takes longer than `patience` throws, so that a broken server fails a test instead of
// hanging it.
#pragma once

#include "gateway/websocket/client_frames.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace gossamer::test {

inline constexpr int patience_s = 20;

struct http_answer {
  unsigned status = 0;
  std::string head;
  std::string body;
  [[nodiscard]] std::string header(std::string_view name) const {
    const auto at = head.find("\r\n" + std::string(name) + ": ");
    if (at == std::string::npos) return {};
    const auto from = at + 4 + name.size();
    return head.substr(from, head.find("\r\n", from) - from);
  }
};

class test_client {
 public:
  explicit test_client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval patience{patience_s, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
      throw std::runtime_error("cannot connect");
    }
  }
  test_client(test_client&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)),
        tls_(std::move(other.tls_)),
        received_(std::move(other.received_)) {}
  test_client(const test_client&) = delete;
  test_client& operator=(const test_client&) = delete;
  ~test_client() { hang_up(); }

  void hang_up() {
    tls_.reset();
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  /// From now on everything goes over TLS.
  void start_tls() {
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(
        SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    tls_.reset(SSL_new(context.get()));
    SSL_set_fd(tls_.get(), fd_);
    if (SSL_connect(tls_.get()) != 1) throw std::runtime_error("no TLS");
  }
  void send(std::string_view data) const {
    while (!data.empty()) {
      const ssize_t sent = tls_ != nullptr
                               ? SSL_write(tls_.get(), data.data(), static_cast<int>(data.size()))
                               : ::send(fd_, data.data(), data.size(), MSG_NOSIGNAL);
      if (sent <= 0) throw std::runtime_error("cannot send");
      data.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  [[nodiscard]] int fd() const { return fd_; }

  // ---- HTTP ----
  void request(std::string_view method, std::string_view target, std::string_view body = {},
               std::string_view fields = {}) const {
    std::string head(method);
    head.append(" ").append(target).append(" HTTP/1.1\r\nHost: localhost\r\n").append(fields);
    if (method == "POST") {
      head += "Content-Type: text/plain;charset=UTF-8\r\nContent-Length: " +
              std::to_string(body.size()) + "\r\n";
    }
    send(head + "\r\n" + std::string(body));
  }
  http_answer answer() {
    while (received_.find("\r\n\r\n") == std::string::npos) receive();
    http_answer got;
    const auto end = received_.find("\r\n\r\n") + 4;
    got.head = received_.substr(0, end);
    received_.erase(0, end);
    got.status = static_cast<unsigned>(std::stoul(got.head.substr(9, 3)));
    std::string length = got.header("Content-Length");
    const std::size_t size = length.empty() ? 0 : std::stoul(length);
    while (received_.size() < size) receive();
    got.body = received_.substr(0, size);
    received_.erase(0, size);
    return got;
  }
  http_answer get(std::string_view target, std::string_view fields = {}) {
    request("GET", target, {}, fields);
    return answer();
  }
  http_answer post(std::string_view target, std::string_view body) {
    request("POST", target, body);
    return answer();
  }

  // ---- WebSocket ----
  static std::string upgrade_request(std::string_view target, std::string_view fields = {}) {
    return "GET " + std::string(target) +
           " HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
           std::string(fields) + "\r\n";
  }
  http_answer upgrade(std::string_view target, std::string_view fields = {}) {
    send(upgrade_request(target, fields));
    return answer();
  }
  void text(std::string_view payload) const {
    send(websocket::encode({.code = websocket::opcode::text, .payload = payload}));
  }
  void binary(std::string_view payload) const {
    send(websocket::encode({.code = websocket::opcode::binary, .payload = payload}));
  }
  /// The next frame: `text:...`, `binary:...`, `deflated:...`, `close:<code>`, `ping:...`,
  /// `pong:...`.
  std::string frame() {
    for (;;) {
      std::string_view rest = received_;
      if (const auto next = websocket::take_server_frame(rest)) {
        std::string described = describe(*next);
        received_.erase(0, received_.size() - rest.size());
        return described;
      }
      receive();
    }
  }
  /// The same if it is there by now; not over TLS.
  std::optional<std::string> frame_by_now() {
    for (;;) {
      std::string_view rest = received_;
      if (websocket::take_server_frame(rest)) return frame();
      char buffer[65536];
      const auto size = ::recv(fd_, buffer, sizeof buffer, MSG_DONTWAIT);
      if (size <= 0) return std::nullopt;
      received_.append(buffer, static_cast<std::size_t>(size));
    }
  }
  /// True once the server has ended the stream; what came before is dropped.
  bool ended() {
    char buffer[4096];
    ssize_t size = 1;
    while (size > 0) size = read(buffer, sizeof buffer);
    return size == 0 || errno == ECONNRESET;
  }

 private:
  static std::string describe(const websocket::server_frame& frame) {
    using websocket::opcode;
    const std::string payload(frame.payload);
    if (frame.deflated) return "deflated:" + payload;
    switch (frame.code) {
      case opcode::text: return "text:" + payload;
      case opcode::binary: return "binary:" + payload;
      case opcode::ping: return "ping:" + payload;
      case opcode::pong: return "pong:" + payload;
      case opcode::close: break;
      case opcode::continuation: return "continuation";
    }
    if (payload.size() < 2) return "close:1005";
    return "close:" + std::to_string(static_cast<unsigned char>(payload[0]) * 256 +
                                     static_cast<unsigned char>(payload[1]));
  }
  ssize_t read(char* into, std::size_t size) const {
    if (tls_ == nullptr) return ::recv(fd_, into, size, 0);
    const int got = SSL_read(tls_.get(), into, static_cast<int>(size));
    return SSL_get_error(tls_.get(), got) == SSL_ERROR_ZERO_RETURN ? 0 : got;
  }
  void receive() {
    char buffer[65536];
    const auto size = read(buffer, sizeof buffer);
    if (size == 0) throw std::runtime_error("the server ended the stream");
    if (size < 0) throw std::runtime_error("nothing came");
    received_.append(buffer, static_cast<std::size_t>(size));
  }

  struct free_tls {
    void operator()(SSL* tls) const { SSL_free(tls); }
  };
  int fd_;
  std::unique_ptr<SSL, free_tls> tls_;
  std::string received_;
};

}  // namespace gossamer::test
