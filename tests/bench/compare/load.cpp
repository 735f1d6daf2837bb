// A load generator for Socket.IO servers that run the `load` profile: Engine.IO 4 over plain
// WebSocket, one thread.
//
//   load port                                   prints a free port
//   load MODE --port P [--pid SERVER] [options]
//     echo       N clients, W outstanding echo events each
//     broadcast  N clients, the first one publishes, W broadcasts on their way at once
//     churn      W clients at a time connect, join the main namespace and go
//     idle       N clients do nothing but answer pings
//   --connections N  --in-flight W  --seconds S  --warm-up S  --hold S (idle)  --bytes B (payload)
//
// Prints key=value pairs. Every frame is compared with what must come next for its client; exit
// code 1 if anything was lost, doubled, out of order or unexpected. The server's CPU time is user
// plus system time of /proc/PID/stat.
#include "tests/bench/compare/frames.hpp"
#include "tests/bench/compare/server_process.hpp"
#include "tests/bench/compare/settings.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <deque>
#include <memory>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace compare {
namespace {

// ---- clients ----

struct client {
  int fd = -1;
  std::size_t index = 0;
  bool upgraded = false;
  bool ready = false;
  std::uint32_t sent = 0;      // echo: events sent
  std::uint32_t expected = 0;  // number of the next event to come
  std::string in;
  std::string out;
};

class load {
 public:
  explicit load(const settings& s) : settings_(s), epoll_(epoll_create1(EPOLL_CLOEXEC)) {}

  int run() {
    switch (settings_.what) {
      case mode::idle: idle(); break;
      case mode::churn: churn(); break;
      default: exchange(); break;
    }
    std::printf(" errors=%zu\n", errors_);
    return errors_ == 0 ? 0 : 1;
  }

 private:
  static constexpr std::size_t handshakes_max = 100;

  void error(const char* what, std::string_view detail = "") {
    if (errors_++ < 5) {
      std::fprintf(stderr, "load: %s %.*s\n", what,
                   static_cast<int>(std::min<std::size_t>(detail.size(), 200)), detail.data());
    }
  }

  // -- connecting --

  void connect(client& c) {
    c.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c.fd < 0) fail(std::string("socket: ") + std::strerror(errno));
    const int on = 1;
    setsockopt(c.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(settings_.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(c.fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
        errno != EINPROGRESS) {
      fail(std::string("connect: ") + std::strerror(errno));
    }
    c.upgraded = c.ready = false;
    c.in.clear();
    c.out =
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: "
        "websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: "
        "dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLET;
    event.data.ptr = &c;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, c.fd, &event);
    ++connecting_;
  }

  void close(client& c) {
    if (c.fd < 0) return;
    ::close(c.fd);
    if (!c.ready) --connecting_;
    if (c.ready) --ready_;
    c.fd = -1;
    c.ready = false;
  }

  void connect_all() {
    for (std::size_t i = 0; i < settings_.connections; ++i) {
      clients_.push_back(std::make_unique<client>());
      clients_.back()->index = i;
      while (connecting_ >= handshakes_max) turn(10);
      connect(*clients_.back());
    }
    const auto deadline = clock_type::now() + std::chrono::seconds(60);
    while (ready_ < settings_.connections) {
      turn(10);
      if (clock_type::now() > deadline)
        fail("only " + std::to_string(ready_) + " clients connected");
    }
  }

  // -- reading and writing --

  /// Goes out with `flush`: what a client answers in one turn is one write.
  static void send(client& c, std::string_view frame) { c.out.append(frame); }

  static void flush(client& c) {
    if (c.fd < 0 || c.out.empty()) return;
    const auto done = ::send(c.fd, c.out.data(), c.out.size(), MSG_NOSIGNAL);
    if (done > 0) c.out.erase(0, static_cast<std::size_t>(done));
  }

  /// One turn of the loop: waits at most that long.
  void turn(int wait_ms) {
    epoll_event events[512];
    const int count = epoll_wait(epoll_, events, 512, wait_ms);
    for (int i = 0; i < count; ++i) {
      auto& c = *static_cast<client*>(events[i].data.ptr);
      if (c.fd < 0) continue;
      read(c);
      flush(c);  // what is left goes with the next EPOLLOUT
    }
    for (client* c : finished_) {
      close(*c);
      ++cycles_;
      if (churning_) connect(*c);
    }
    finished_.clear();
  }

  void read(client& c) {
    for (;;) {
      const auto got = recv(c.fd, buffer_.data(), buffer_.size(), 0);
      if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
      if (got <= 0) {
        error("a connection was closed by the server");
        close(c);
        return;
      }
      std::string_view data(buffer_.data(), static_cast<std::size_t>(got));
      if (!c.in.empty()) {
        c.in.append(data);
        data = c.in;
      }
      const auto whole = data.size();
      parse(c, data);
      if (c.fd < 0) return;
      if (c.in.empty()) {
        c.in.assign(data);
      } else {
        c.in.erase(0, whole - data.size());
      }
      if (static_cast<std::size_t>(got) < buffer_.size()) return;
    }
  }

  void parse(client& c, std::string_view& data) {
    if (!c.upgraded) {
      const auto end = data.find("\r\n\r\n");
      if (end == std::string_view::npos) return;
      if (!data.starts_with("HTTP/1.1 101"))
        fail("no upgrade: " + std::string(data.substr(0, end)));
      c.upgraded = true;
      data.remove_prefix(end + 4);
    }
    for (server_frame frame; take_frame(data, frame);) {
      if (frame.opcode == 9) {
        send(c, client_frame(10, frame.payload));
      } else if (frame.opcode != 1 || !frame.final) {
        error("an unexpected frame");
      } else {
        text(c, frame.payload);
      }
    }
  }

  void text(client& c, std::string_view packet) {
    if (packet.starts_with("42")) return event(c, packet);
    if (packet == "2") return send(c, client_frame(1, "3"));
    if (packet.starts_with("0{")) return send(c, client_frame(1, "40"));
    if (!packet.starts_with("40{") || c.ready) return error("an unexpected packet", packet);
    c.ready = true;
    --connecting_;
    ++ready_;
    if (settings_.what == mode::churn) finished_.push_back(&c);
  }

  // -- events --

  /// The packet of event `number`: always the same length, so that it can be compared as it is.
  const std::string& packet(std::uint32_t number) {
    static constexpr char digits[] = "0123456789abcdef";
    for (std::size_t i = 0; i < 8; ++i)
      packet_[number_at_ + i] = digits[(number >> (28 - 4 * i)) & 15U];
    return packet_;
  }

  void prepare_packet() {
    packet_ = settings_.what == mode::echo ? "42[\"echo\",\"" : "42[\"broadcast\",\"";
    number_at_ = packet_.size();
    packet_.append(std::max<std::size_t>(settings_.bytes, 8), 'x').append("\"]");
  }

  void event(client& c, std::string_view got) {
    if (got != packet(c.expected)) return error("not the event that comes next:", got);
    ++deliveries_;
    if (settings_.what == mode::echo) {
      ++c.expected;
      if (sending_) publish(c);
      return;
    }
    const auto place = c.expected++ - first_open_;
    ++open_[place];
    while (!open_.empty() && open_.front() == clients_.size()) {  // everybody has it
      open_.pop_front();
      ++first_open_;
      if (sending_) publish(*clients_.front());
    }
    flush(*clients_.front());
  }

  void publish(client& c) {
    if (settings_.what == mode::broadcast) open_.push_back(0);
    send(c, client_frame(1, packet(c.sent++)));
  }

  // -- modes --

  void spin_for(seconds time) {
    const auto end = clock_type::now() + time;
    while (clock_type::now() < end) turn(0);
  }

  std::uint64_t missing() const {
    std::uint64_t count = 0;
    for (const auto& c : clients_) {
      const auto& publisher = settings_.what == mode::echo ? *c : *clients_.front();
      count += publisher.sent - c->expected;
    }
    return count;
  }

  void exchange() {
    prepare_packet();
    connect_all();
    const std::size_t publishers = settings_.what == mode::echo ? clients_.size() : 1;
    for (std::size_t i = 0; i < publishers; ++i) {
      for (std::size_t k = 0; k < settings_.in_flight; ++k) publish(*clients_[i]);
      flush(*clients_[i]);
    }
    spin_for(settings_.warm_up);
    const auto begin = clock_type::now();
    const auto before = deliveries_;
    const double cpu = settings_.pid ? cpu_seconds(settings_.pid) : 0;
    spin_for(settings_.run);
    const double used = settings_.pid ? cpu_seconds(settings_.pid) - cpu : 0;
    const double took = seconds(clock_type::now() - begin).count();
    const auto count = static_cast<double>(deliveries_ - before);
    sending_ = false;
    const auto deadline = clock_type::now() + std::chrono::seconds(5);
    while (missing() != 0 && clock_type::now() < deadline) turn(1);
    if (missing() != 0 || count == 0) error("events are missing");
    std::printf("deliveries=%.0f per_second=%.0f cpu_us_per_unit=%.4f missing=%llu", count,
                count / took, count > 0 ? used * 1e6 / count : 0,
                static_cast<unsigned long long>(missing()));
  }

  void churn() {
    churning_ = true;
    for (std::size_t i = 0; i < settings_.in_flight; ++i) {
      clients_.push_back(std::make_unique<client>());
      connect(*clients_.back());
    }
    spin_for(settings_.warm_up);
    const auto begin = clock_type::now();
    const auto before = cycles_;
    const double cpu = settings_.pid ? cpu_seconds(settings_.pid) : 0;
    spin_for(settings_.run);
    const double used = settings_.pid ? cpu_seconds(settings_.pid) - cpu : 0;
    const auto count = static_cast<double>(cycles_ - before);
    if (count == 0) error("no cycle was completed");
    std::printf("cycles=%.0f per_second=%.0f cpu_us_per_unit=%.4f", count,
                count / seconds(clock_type::now() - begin).count(),
                count > 0 ? used * 1e6 / count : 0);
  }

  void rest(seconds time) {
    const auto end = clock_type::now() + time;
    while (clock_type::now() < end) turn(20);
  }

  /// The server's resident memory after it was asked (SIGUSR2) to give back what it does not need.
  double trimmed_bytes() {
    if (kill(settings_.pid, SIGUSR2) != 0) fail("no process to measure");
    rest(seconds(1));
    return resident_bytes(settings_.pid);
  }

  void idle() {
    if (!settings_.pid) fail("idle needs --pid");
    const double before = trimmed_bytes();
    const auto begin = clock_type::now();
    const double cpu = cpu_seconds(settings_.pid);
    connect_all();
    const double connected = seconds(clock_type::now() - begin).count();
    const double used = cpu_seconds(settings_.pid) - cpu;
    rest(settings_.hold);
    const double after = trimmed_bytes();
    const auto count = static_cast<double>(settings_.connections);
    if (ready_ != settings_.connections) error("clients were lost");
    std::printf(
        "connections=%.0f per_second=%.0f connect_cpu_us=%.1f rss_before=%.0f rss=%.0f "
        "cpu_us_per_unit=%.1f rss_per_connection=%.0f",
        count, count / connected, used * 1e6 / count, before, after, used * 1e6 / count,
        (after - before) / count);
  }

  settings settings_;
  int epoll_;
  std::vector<std::unique_ptr<client>> clients_;
  std::vector<client*> finished_;
  std::vector<char> buffer_ = std::vector<char>(256 * 1024);
  std::string packet_;
  std::size_t number_at_ = 0;
  std::size_t connecting_ = 0;
  std::size_t ready_ = 0;
  std::uint64_t deliveries_ = 0;
  std::uint64_t cycles_ = 0;
  std::deque<std::size_t> open_;  // broadcasts on their way: how many clients have each
  std::uint32_t first_open_ = 0;
  bool sending_ = true;
  bool churning_ = false;
  std::size_t errors_ = 0;
};

int print_free_port() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), size) != 0) fail("no free port");
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  close(fd);
  std::printf("%d\n", ntohs(address.sin_port));
  return 0;
}

}  // namespace
}  // namespace compare

int main(int argc, char** argv) {
  using namespace compare;
  if (argc == 2 && std::string_view(argv[1]) == "port") return print_free_port();
  const settings s = read_arguments(argc, argv);
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  return load(s).run();
}
