#include "gateway/http/listener.hpp"

#include "gateway/http/errc.hpp"
#include "gateway/http/lane_server.hpp"
#include "gateway/http/socket_address.hpp"
#include "gateway/http/tls_filter.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <future>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace gossamer::http {
namespace {

constexpr milliseconds pause_first{100};
constexpr milliseconds pause_longest{3'200};
// Over the limit of connections, so many more are still told 503 rather than cut off.
constexpr std::size_t turned_away_max = 1'000;

error_code last_error() {
  return {errno, boost::system::system_category()};
}

void set_flag(int fd, int level, int name) {
  const int on = 1;
  static_cast<void>(::setsockopt(fd, level, name, &on, sizeof on));
}

// A socket file that nobody listens on any more is in the way of a new start.
void remove_stale_socket(const socket_address& address, const std::string& path) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0 || !S_ISSOCK(found.st_mode)) return;
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (probe < 0) return;
  if (::connect(probe, address.get(), address.size) != 0 && errno == ECONNREFUSED)
    ::unlink(path.c_str());
  ::close(probe);
}

}  // namespace

listener::listener(server& owner, lane& home, std::shared_ptr<tls_context> tls)
    : owner_(owner), home_(home), tls_(std::move(tls)) {}

listener::~listener() {
  close();
}

result<endpoint> listener::bind(const listen_options& where) {
  const auto address = parse_address(where.address, where.port);
  if (!address) return address.error();
  const bool local = address->family() == AF_UNIX;
  if (local) {
    unix_path_ = where.address.substr(where.address.find(':') + 1);
    remove_stale_socket(*address, unix_path_);
  }
  fd_ = ::socket(address->family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return last_error();
  if (!local) set_flag(fd_, SOL_SOCKET, SO_REUSEADDR);
  if (const auto failed = bind_to(*address, local ? where.unix_mode : std::nullopt)) return failed;
  if (::listen(fd_, where.backlog) != 0) return last_error();
  return bound_endpoint(fd_);
}

// The file gets its mode before it exists, less the umask, so that it is never open to more than it
// will be; then what the umask took.
error_code listener::bind_to(const socket_address& address, std::optional<unsigned> mode) {
  if (mode && ::fchmod(fd_, *mode) != 0) return last_error();
  if (::bind(fd_, address.get(), address.size) != 0) {
    const auto why = last_error();
    unix_path_.clear();  // not ours
    return why;
  }
  if (unix_path_.empty()) return {};
  struct stat made {};
  if (::stat(unix_path_.c_str(), &made) != 0) return last_error();
  unix_device_ = made.st_dev;
  unix_inode_ = made.st_ino;
  if (mode && ::chmod(unix_path_.c_str(), *mode) != 0) return last_error();
  return {};
}

// Another server may have put its own there meanwhile.
void listener::remove_unix_path() const {
  struct stat found {};
  if (unix_path_.empty() || ::lstat(unix_path_.c_str(), &found) != 0) return;
  if (found.st_dev == unix_device_ && found.st_ino == unix_inode_) ::unlink(unix_path_.c_str());
}

result<void> listener::start() {
  const auto posted = home_.post([this] {
    const auto ok = home_.watch(fd_, *this, EPOLLIN);
    watched_ = ok.has_value();
    if (!ok) owner_.options().log.error("listener failed reason={}", ok.error().message());
  });
  if (posted != post_result::accepted) return errc::stopped;
  return {};
}

void listener::stop() {
  std::promise<void> done;
  const auto posted = home_.post([this, &done] {
    close();
    done.set_value();
  });
  if (posted == post_result::accepted) return done.get_future().wait();
  close();
}

void listener::close() {
  if (fd_ < 0) return;
  if (std::exchange(watched_, false)) home_.forget(fd_, *this);
  timer::cancel();
  ::close(std::exchange(fd_, -1));
  remove_unix_path();
}

void listener::on_ready(std::uint32_t) {
  for (int i = 0; i < batch_max && fd_ >= 0; ++i) {
    if (!accept_one()) return;
  }
}

bool listener::accept_one() {
  socket_address from;
  from.size = sizeof from.storage;
  detached_connection accepted;
  accepted.fd = ::accept4(fd_, from.get(), &from.size, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (accepted.fd < 0) {
    const bool out_of_something =
        errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
    if (out_of_something) pause(errno);
    // What else can go wrong concerns one client that has left already.
    return !out_of_something && errno != EAGAIN && errno != EWOULDBLOCK;
  }
  pause_ = milliseconds(0);
  if (from.family() != AF_UNIX) set_flag(accepted.fd, IPPROTO_TCP, TCP_NODELAY);
  accepted.peer = peer_address::from(from.get(), from.size);
  hand_out(std::move(accepted));
  return true;
}

void listener::hand_out(detached_connection&& accepted) {
  const std::size_t most = owner_.options().connections_max;
  const std::size_t now = most == 0 ? 0 : owner_.connection_count();
  const bool full = most != 0 && now >= most;
  if (full && (tls_ != nullptr || now >= most + turned_away_max)) {
    owner_.per_lane_.front()->count(refusal::server_full);  // any of them: they are added up
    return;
  }
  // The slot keeps the place until the lane has taken the connection over.
  auto slot = owner_.place_connection();
  lane& chosen = *slot.home();
  auto take = [owner = &owner_, full, tls = tls_, slot = std::move(slot),
               accepted = std::move(accepted)](lane& here) mutable {
    lane_server& part = owner->part_of(here);
    if (full) return part.turn_away(std::move(accepted));
    part.begin(std::move(accepted), tls == nullptr ? nullptr : tls->accept());
  };
  static_cast<void>(
      chosen.post(std::move(take)));  // refused: the lanes stop, the client is cut off
}

void listener::pause(int error) {
  pause_ = std::min(pause_longest, pause_ == milliseconds(0) ? pause_first : pause_ * 2);
  pauses_.fetch_add(1, std::memory_order_relaxed);
  const auto now = home_.now();
  if (logged_ == time_point{} || now - logged_ >= seconds(1)) {
    logged_ = now;
    owner_.options().log.warn("accept paused reason={} pause_ms={}", std::strerror(error),
                              pause_.count());
  }
  if (std::exchange(watched_, false)) home_.forget(fd_, *this);
  home_.arm(*this, now + pause_);
}

void listener::on_timer(time_point) {
  if (fd_ < 0 || watched_) return;
  watched_ = home_.watch(fd_, *this, EPOLLIN).has_value();
  if (!watched_) pause(ENOMEM);
}

}  // namespace gossamer::http
