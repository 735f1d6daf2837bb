#include "gateway/http/socket_address.hpp"

#include "gateway/http/errc.hpp"
#include "gateway/http/peer_address.hpp"

#include <arpa/inet.h>
#include <cstddef>
#include <cstring>
#include <netinet/in.h>
#include <string_view>
#include <sys/un.h>

namespace gossamer::http {
namespace {

constexpr std::string_view unix_prefix = "unix:";

template <class Address>
socket_address stored(const Address& address, std::size_t size) {
  socket_address made;
  std::memcpy(&made.storage, &address, sizeof address);
  made.size = static_cast<socklen_t>(size);
  return made;
}

result<socket_address> unix_address(std::string_view path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) return errc::bad_address;
  std::memcpy(address.sun_path, path.data(), path.size());
  return stored(address, offsetof(sockaddr_un, sun_path) + path.size() + 1);
}

}  // namespace

result<socket_address> parse_address(const std::string& text, std::uint16_t port) {
  if (text.starts_with(unix_prefix))
    return unix_address(std::string_view(text).substr(unix_prefix.size()));
  sockaddr_in v4{};
  if (::inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    return stored(v4, sizeof v4);
  }
  sockaddr_in6 v6{};
  if (::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    return stored(v6, sizeof v6);
  }
  return errc::bad_address;
}

endpoint bound_endpoint(int fd) {
  socket_address bound;
  bound.size = sizeof bound.storage;
  if (::getsockname(fd, bound.get(), &bound.size) != 0) return {};
  if (bound.family() == AF_UNIX) {
    sockaddr_un address{};
    std::memcpy(&address, &bound.storage, sizeof address);
    return {std::string(unix_prefix) + address.sun_path, 0};
  }
  const auto where = peer_address::from(bound.get(), bound.size);
  return {where.ip(), where.port()};
}

}  // namespace gossamer::http
