#include "tests/unit/http/test_client.hpp"

#include "gateway/http/header_fields.hpp"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace gossamer::http::test {
namespace {

void give_time(int fd) {
  const timeval limit{20, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

}  // namespace

unsigned answer::status() const {
  return head.size() < 12 ? 0 : static_cast<unsigned>(std::atoi(head.c_str() + 9));
}

std::string answer::field(std::string_view name) const {
  std::string_view rest = head;
  while (!rest.empty()) {
    const auto end = rest.find("\r\n");
    const auto line = rest.substr(0, end);
    const auto colon = line.find(": ");
    if (colon != std::string_view::npos && equal_ignoring_case(line.substr(0, colon), name)) {
      return std::string(line.substr(colon + 2));
    }
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 2);
  }
  return {};
}

client::client(std::uint16_t port, int receive_buffer) {
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (receive_buffer != 0) {
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  }
  give_time(fd_);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0) << std::strerror(errno);
}

client::client(client&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), reset_(other.reset_), buffer_(std::move(other.buffer_)) {}

client::~client() {
  close();
}

client client::to_unix(const std::string& path) {
  client made;
  made.fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  give_time(made.fd_);
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  std::strncpy(to.sun_path, path.c_str(), sizeof to.sun_path - 1);
  EXPECT_EQ(::connect(made.fd_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  return made;
}

void client::write(std::string_view data) {
  EXPECT_TRUE(try_write(data)) << std::strerror(errno);
}

bool client::try_write(std::string_view data) {
  while (!data.empty()) {
    const auto sent = ::send(fd_, data.data(), data.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    data.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool client::fill() {
  char piece[16384];
  const auto size = ::recv(fd_, piece, sizeof piece, 0);
  if (size > 0) {
    buffer_.append(piece, static_cast<std::size_t>(size));
    return true;
  }
  if (size < 0 && errno == ECONNRESET) reset_ = true;
  if (size < 0 && errno != ECONNRESET) ADD_FAILURE() << "no answer: " << std::strerror(errno);
  return false;
}

answer client::read_answer(bool to_head) {
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!fill()) {
      ADD_FAILURE() << "end of stream instead of an answer, got: " << buffer_;
      return {};
    }
  }
  answer got;
  got.head = buffer_.substr(0, end + 4);
  buffer_.erase(0, end + 4);
  const auto length = got.field("Content-Length");
  if (!to_head && !length.empty()) got.body = read(std::stoul(length));
  return got;
}

std::string client::read(std::size_t size) {
  while (buffer_.size() < size && fill()) {
  }
  std::string got = buffer_.substr(0, size);
  buffer_.erase(0, got.size());
  return got;
}

std::string client::read_all() {
  while (fill()) {
  }
  return std::exchange(buffer_, {});
}

void client::finish_writing() {
  ::shutdown(fd_, SHUT_WR);
}

void client::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void client::reset() {
  const linger now{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close();
}

}  // namespace gossamer::http::test
