// What a session that does nothing costs: opens many, waits past a ping round, reads the server's
// memory.
//
//   sessions websocket|polling|tls --port P --pid SERVER [--connections N] [--hold S]
//
// websocket and tls: Engine.IO 4 over WebSocket with the mandatory headers only. polling: the
// session's long poll waits. Each session joins `/` and answers its pings. Prints one line:
// resident bytes per session, and live bytes on the heap if SERVER_OUTPUT names the file that the
// server's output goes to (it prints HEAP at SIGUSR2). Exit code 1 if a session was lost.
#include "tests/bench/compare/frames.hpp"
#include "tests/bench/compare/server_process.hpp"
#include "tests/bench/compare/settings.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <vector>

namespace compare {
namespace {

enum class kind { websocket, polling, tls };

/// A connection that blocks, with TLS or without.
class stream {
 public:
  stream(std::uint16_t port, SSL_CTX* tls) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{10, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      fail(std::string("connect: ") + std::strerror(errno));
    }
    if (tls == nullptr) return;
    ssl_ = SSL_new(tls);
    SSL_set_fd(ssl_, fd_);
    if (SSL_connect(ssl_) != 1) fail("no TLS handshake");
  }
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;
  ~stream() {
    SSL_free(ssl_);
    ::close(fd_);
  }

  void write(std::string_view data) const {
    const auto size = static_cast<int>(data.size());
    const auto done = ssl_ != nullptr
                          ? SSL_write(ssl_, data.data(), size)
                          : static_cast<int>(::send(fd_, data.data(), data.size(), MSG_NOSIGNAL));
    if (done != size) fail("a write was cut short");
  }

  /// Appends what is there, at least a byte; false at the end of the stream.
  bool read(std::string& into) const {
    char room[4096];
    const auto got = ssl_ != nullptr ? SSL_read(ssl_, room, sizeof room)
                                     : static_cast<int>(::recv(fd_, room, sizeof room, 0));
    if (got > 0) into.append(room, static_cast<std::size_t>(got));
    return got > 0;
  }

  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
  SSL* ssl_ = nullptr;
};

struct session {
  std::unique_ptr<stream> wire;
  std::string sid;
  std::string in;
};

std::string request(std::string_view method, const std::string& query, std::string_view body) {
  std::string text{method};
  text += " /socket.io/?EIO=4&transport=" + query + " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
  if (query == "websocket") {
    text +=
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: "
        "dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Version: 13\r\n";
  }
  if (method == "POST")
    text += "Content-Type: text/plain\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
  return text.append("\r\n").append(body);
}

/// Takes one whole response off the front of `in`; false where it is not all there.
bool take_response(std::string& in, std::string& body) {
  const auto end = in.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  const auto at = in.find("Content-Length: ");
  const std::size_t size = at < end ? std::stoul(in.substr(at + 16)) : 0;
  if (in.size() < end + 4 + size) return false;
  if (!in.starts_with("HTTP/1.1 200") && !in.starts_with("HTTP/1.1 101")) fail(in.substr(0, end));
  body = in.substr(end + 4, size);
  in.erase(0, end + 4 + size);
  return true;
}

class holder {
 public:
  holder(kind what, const settings& s) : what_(what), settings_(s) {
    if (what == kind::tls) tls_ = SSL_CTX_new(TLS_client_method());
    if (what == kind::tls) SSL_CTX_set_session_cache_mode(tls_, SSL_SESS_CACHE_OFF);
  }

  int run() {
    const auto before = measure();
    for (std::size_t i = 0; i < settings_.connections; ++i) {
      sessions_.push_back(open());
      if (i % 100 == 0) answer_for(seconds(0));
    }
    answer_for(settings_.hold);
    const auto after = measure();
    const auto count = static_cast<double>(settings_.connections);
    std::printf("connections=%.0f rss_per_connection=%.0f", count,
                (after.resident - before.resident) / count);
    if (after.heap > 0)
      std::printf(" heap_per_connection=%.0f", (after.heap - before.heap) / count);
    std::printf(" pings=%zu errors=%zu\n", pings_, lost_);
    return lost_ == 0 && pings_ >= settings_.connections ? 0 : 1;
  }

 private:
  struct memory {
    double resident = 0;
    double heap = 0;
  };

  memory measure() {
    if (kill(settings_.pid, SIGUSR2) != 0) fail("no process to measure");
    answer_for(seconds(1));
    memory now{.resident = resident_bytes(settings_.pid)};
    if (const char* file = std::getenv("SERVER_OUTPUT")) {
      std::ifstream output(file);
      for (std::string line; std::getline(output, line);) {
        if (line.starts_with("HEAP ")) now.heap = std::stod(line.substr(5));
      }
    }
    return now;
  }

  std::string exchange(session& s, const std::string& text) const {
    s.wire->write(text);
    std::string body;
    while (!take_response(s.in, body)) {
      if (!s.wire->read(s.in)) fail("closed while a response was due");
    }
    return body;
  }

  session open() const {
    session s{.wire = std::make_unique<stream>(settings_.port, tls_), .sid = {}, .in = {}};
    if (what_ != kind::polling) {
      exchange(s, request("GET", "websocket", ""));
      read_frame(s);  // the handshake
      s.wire->write(client_frame(1, "40"));
      if (!read_frame(s).starts_with("40{")) fail("the namespace was not joined");
      return s;
    }
    const auto open = exchange(s, request("GET", "polling", ""));
    const auto at = open.find("\"sid\":\"") + 7;
    s.sid = open.substr(at, open.find('"', at) - at);
    exchange(s, request("POST", "polling&sid=" + s.sid, "40"));
    if (!exchange(s, request("GET", "polling&sid=" + s.sid, "")).starts_with("40{"))
      fail("the namespace was not joined");
    s.wire->write(request("GET", "polling&sid=" + s.sid, ""));
    return s;
  }

  static std::string read_frame(session& s) {
    for (;;) {
      std::string_view data = s.in;
      server_frame frame;
      if (take_frame(data, frame)) {
        std::string payload(frame.payload);
        s.in.erase(0, s.in.size() - data.size());
        return payload;
      }
      if (!s.wire->read(s.in)) fail("closed while a frame was due");
    }
  }

  void answer(session& s) {
    if (what_ != kind::polling) {
      if (read_frame(s) != "2") return lose();
      s.wire->write(client_frame(1, "3"));
    } else {
      std::string body;
      while (!take_response(s.in, body)) {
        if (!s.wire->read(s.in)) return lose();
      }
      if (body != "2") return lose();
      exchange(s, request("POST", "polling&sid=" + s.sid, "3"));
      s.wire->write(request("GET", "polling&sid=" + s.sid, ""));
    }
    ++pings_;
  }

  void lose() {
    if (lost_++ < 3) std::fprintf(stderr, "sessions: not a ping\n");
  }

  void answer_for(seconds time) {
    const auto end = clock_type::now() + time;
    do {
      waited_.resize(sessions_.size());
      for (std::size_t i = 0; i < sessions_.size(); ++i)
        waited_[i] = {sessions_[i].wire->fd(), POLLIN, 0};
      if (::poll(waited_.data(), waited_.size(), time.count() > 0 ? 100 : 0) <= 0) continue;
      for (std::size_t i = 0; i < waited_.size(); ++i) {
        if (waited_[i].revents != 0) answer(sessions_[i]);
      }
    } while (clock_type::now() < end);
  }

  kind what_;
  settings settings_;
  SSL_CTX* tls_ = nullptr;
  std::vector<session> sessions_;
  std::vector<pollfd> waited_;
  std::size_t pings_ = 0;
  std::size_t lost_ = 0;
};

}  // namespace
}  // namespace compare

int main(int argc, char** argv) {
  using namespace compare;
  const std::string_view what = argc > 1 ? argv[1] : "";
  if (what != "websocket" && what != "polling" && what != "tls")
    fail("the kind is websocket, polling or tls");
  std::string mode_name = "idle";
  argv[1] = mode_name.data();
  const settings s = read_arguments(argc, argv);
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  signal(SIGPIPE, SIG_IGN);
  return holder(what == "polling" ? kind::polling
                : what == "tls"   ? kind::tls
                                  : kind::websocket,
                s)
      .run();
}
