// Where a client connects from, in 20 bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

struct sockaddr;

namespace gossamer::http {

/// An IPv4 or IPv6 address with port; a Unix socket has neither.
class peer_address {
 public:
  peer_address() = default;
  /// From what accept() or getpeername() gave.
  [[nodiscard]] static peer_address from(const sockaddr* address, std::size_t size);

  /// `127.0.0.1`, `2001:db8::1`; an IPv4 address in IPv6 form keeps `::ffff:` as Node does; empty
  /// for a Unix socket.
  [[nodiscard]] std::string ip() const;
  [[nodiscard]] std::uint16_t port() const { return port_; }
  friend bool operator==(const peer_address&, const peer_address&) = default;

 private:
  std::array<std::uint8_t, 16> address_{};
  std::uint16_t port_ = 0;
  std::uint8_t length_ = 0;  // 0: none, 4, 16
};

}  // namespace gossamer::http
