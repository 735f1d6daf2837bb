#include "gateway/http/peer_address.hpp"

#include <arpa/inet.h>
#include <cstring>
#include <netinet/in.h>
#include <sys/socket.h>

namespace gossamer::http {

peer_address peer_address::from(const sockaddr* address, std::size_t size) {
  peer_address made;
  if (address == nullptr || size < sizeof(sa_family_t)) return made;
  if (address->sa_family == AF_INET && size >= sizeof(sockaddr_in)) {
    sockaddr_in v4;
    std::memcpy(&v4, address, sizeof v4);
    std::memcpy(made.address_.data(), &v4.sin_addr, 4);
    made.port_ = ntohs(v4.sin_port);
    made.length_ = 4;
  } else if (address->sa_family == AF_INET6 && size >= sizeof(sockaddr_in6)) {
    sockaddr_in6 v6;
    std::memcpy(&v6, address, sizeof v6);
    std::memcpy(made.address_.data(), &v6.sin6_addr, 16);
    made.port_ = ntohs(v6.sin6_port);
    made.length_ = 16;
  }
  return made;
}

std::string peer_address::ip() const {
  if (length_ == 0) return {};
  char text[INET6_ADDRSTRLEN] = {};
  const int family = length_ == 4 ? AF_INET : AF_INET6;
  return ::inet_ntop(family, address_.data(), text, sizeof text) == nullptr ? "" : text;
}

}  // namespace gossamer::http
