// TLS between the socket and the protocol of one connection, without a socket of its own.
//
// Ciphertext goes in with feed(), plaintext comes out of read(); write() puts ciphertext into the
// backlog, which the connection sends. Runs on: the connection's lane. Limits: the backlog grows by
// what write() is given; the connection stops writing while it is not empty.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace gossamer::http {

class tls_filter {
 public:
  virtual ~tls_filter() = default;

  enum class outcome : std::uint8_t {
    data,    // bytes were read
    more,    // wants more ciphertext
    closed,  // the peer ended the stream properly
    failed,  // refused; the backlog may hold an alert
  };
  struct read_result {
    std::size_t size;
    outcome what;
  };

  /// Ciphertext for the following read() calls: call them until the outcome is not `data`. All of
  /// it is consumed then.
  virtual void feed(std::span<const char> sealed) = 0;
  [[nodiscard]] virtual read_result read(std::span<char> into) = 0;
  /// Seals everything. False if the stream is broken. Not while handshaking.
  [[nodiscard]] virtual bool write(std::string_view plain) = 0;
  /// Puts the closing alert into the backlog, once.
  virtual void shut_down() = 0;
  [[nodiscard]] virtual bool handshaking() const = 0;

  [[nodiscard]] virtual std::string_view backlog() const = 0;
  virtual void consume_backlog(std::size_t count) = 0;
};

/// Certificates and settings that a listener's connections share. Any thread.
class tls_context {
 public:
  virtual ~tls_context() = default;
  /// The server's side of a handshake to come.
  [[nodiscard]] virtual std::unique_ptr<tls_filter> accept() = 0;
};

}  // namespace gossamer::http
