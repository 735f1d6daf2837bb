// Text of an address to what bind() takes, and back.
#pragma once

#include "gateway/http/server.hpp"
#include "runtime/base/result.hpp"

#include <cstdint>
#include <string>
#include <sys/socket.h>

namespace gossamer::http {

struct socket_address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  [[nodiscard]] int family() const { return storage.ss_family; }
};

/// `127.0.0.1`, `::1`, `::`, or `unix:/path`. Names are not looked up. Errors: errc::bad_address.
[[nodiscard]] result<socket_address> parse_address(const std::string& text, std::uint16_t port);
/// The address that a socket is bound to.
[[nodiscard]] endpoint bound_endpoint(int fd);

}  // namespace gossamer::http
