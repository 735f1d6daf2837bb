#include "gateway/http/connection.hpp"

#include "gateway/http/connection_registry.hpp"
#include "gateway/http/tls_filter.hpp"

#include <array>
#include <cerrno>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace gossamer::http {
namespace {

constexpr std::size_t vectors_max = 64;              // per system call
constexpr std::size_t writes_per_turn = 16;          // then others have their turn
constexpr std::size_t sealed_at_once = 128U << 10U;  // plaintext turned into one backlog
constexpr std::uint8_t linger_reads_max = 200;       // of at most 64 KiB
constexpr milliseconds linger_time{2'000};

error_code last_error() {
  return {errno, boost::system::system_category()};
}

bool try_again(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

}  // namespace

detached_connection::detached_connection(detached_connection&& other) noexcept
    : fd(std::exchange(other.fd, -1)), peer(other.peer), unread(std::move(other.unread)) {}

detached_connection& detached_connection::operator=(detached_connection&& other) noexcept {
  std::swap(fd, other.fd);
  std::swap(peer, other.peer);
  std::swap(unread, other.unread);
  return *this;
}

detached_connection::~detached_connection() {
  if (fd >= 0) ::close(fd);
}

connection::connection(connection_registry& owner, int fd, peer_address peer,
                       std::unique_ptr<tls_filter> tls)
    : fd_(fd),
      peer_(peer),
      owner_(&owner),
      tls_(std::move(tls)),
      last_progress_(owner.home().now()) {}

connection::~connection() {
  if (state_ != state::closed) finish(errc::aborted, false);
}

lane& connection::home() const {
  return owner_->home();
}

void connection::become(std::unique_ptr<protocol> next) {
  owner_->retire(std::exchange(protocol_, std::move(next)));
}

void connection::unread(std::span<const char> data) {
  if (state_ == state::open && !data.empty()) owner_->keep_unread(*this, data);
}

void connection::send(const shared_frame& frame) {
  if (state_ != state::open || frame.size_bytes() == 0) return;
  if (queue_.empty()) last_progress_ = home().now();
  queue_.push(frame, owner_->chunks_);
  drain_wanted_ = true;
  if (!blocked_) home().mark_dirty(*this);
}

void connection::close_after_flush(milliseconds at_most, errc why) {
  if (state_ != state::open) return;
  state_ = state::flushing;
  end_reason_ = why;
  reading_ = false;
  if (has_unread_) static_cast<void>(owner_->take_unread(*this));
  home().arm(*this, home().now() + at_most);
  update_interest();
  if (!blocked_) home().mark_dirty(*this);
}

void connection::abort(error_code why) {
  if (state_ != state::closed) finish(why);
}

void connection::stopping() {
  if (state_ == state::open && protocol_ != nullptr) protocol_->on_stopping();
}

void connection::pause_reading() {
  if (state_ != state::open || !reading_) return;
  reading_ = false;
  update_interest();
}

void connection::resume_reading() {
  if (state_ != state::open || reading_) return;
  reading_ = true;
  if (has_unread_) owner_->wake();
  update_interest();
}

void connection::wake_at(time_point when) {
  if (state_ == state::open) home().arm(*this, when);
}

void connection::cancel_wake() {
  if (state_ == state::open) timer::cancel();
}

detached_connection connection::detach() {
  detached_connection out;
  if (state_ != state::open || tls_ != nullptr || !queue_.empty()) return out;
  home().forget(fd_, *this);
  out.peer = peer_;
  if (has_unread_) out.unread = owner_->take_unread(*this);
  out.fd = std::exchange(fd_, -1);
  finish(errc::closed_by_us, false);
  owner_->ended(*this, {}, false);
  return out;
}

void connection::on_ready(std::uint32_t events) {
  if (state_ == state::closed) return;
  if ((events & EPOLLOUT) != 0) write_some();
  if (state_ == state::closed) return;
  if (state_ == state::lingering) return drain_some();
  if ((events & EPOLLIN) != 0 && reading_) return read_some();
  // Nobody reads, but both directions are gone: the event cannot be masked.
  if ((events & (EPOLLHUP | EPOLLERR)) != 0) finish(errc::closed_by_peer);
}

void connection::on_failed() noexcept {
  if (state_ != state::closed) finish(errc::aborted);
}

void connection::flush() {
  if (state_ != state::closed && !blocked_) write_some();
}

void connection::on_timer(time_point now) {
  switch (state_) {
    case state::open:
      if (tls_ != nullptr && tls_->handshaking()) return finish(errc::tls_timeout);
      if (protocol_ != nullptr) protocol_->on_timer(now);
      return;
    case state::flushing: return finish(errc::close_timeout);
    case state::lingering: return finish(end_reason_);
    case state::closed: return;
  }
}

void connection::read_some() {
  if (has_unread_) deliver_unread();
  if (state_ != state::open || !reading_) return;
  const auto buffer = home().read_buffer();
  const auto size = ::recv(fd_, buffer.data(), buffer.size(), 0);
  if (size == 0) return end_of_stream();
  if (size < 0) {
    if (!try_again(errno)) finish(last_error());
    return;
  }
  const auto data = buffer.first(static_cast<std::size_t>(size));
  owner_->counters_.bytes_in.fetch_add(data.size(), std::memory_order_relaxed);
  if (tls_ == nullptr) return deliver(data);
  read_tls(data);
}

// The lane's buffer holds the ciphertext, so the plaintext needs one of its own: at most a record.
void connection::read_tls(std::span<char> sealed) {
  static thread_local std::array<char, 16U << 10U> plain;
  tls_->feed(sealed);
  while (state_ == state::open) {
    const auto [size, what] = tls_->read(plain);
    if (what == tls_filter::outcome::data) {
      deliver(std::span(plain).first(size));
      continue;
    }
    if ((!tls_->backlog().empty() || !queue_.empty()) && !blocked_) home().mark_dirty(*this);
    if (what == tls_filter::outcome::more) return;
    if (what == tls_filter::outcome::closed) return end_of_stream();
    queue_.clear(owner_->chunks_);
    owner_->counters_.tls_failures.fetch_add(1, std::memory_order_relaxed);
    return close_after_flush(linger_time, errc::tls_failed);
  }
}

void connection::drain_some() {
  const auto buffer = home().read_buffer();
  const auto size = ::recv(fd_, buffer.data(), buffer.size(), 0);
  if (size < 0 && try_again(errno)) return;
  if (size <= 0 || ++linger_reads_ > linger_reads_max) finish(end_reason_);
}

void connection::deliver(std::span<char> data) {
  if (has_unread_) return owner_->keep_unread(*this, data);
  if (protocol_ != nullptr) protocol_->on_bytes(data);
}

void connection::deliver_unread() {
  std::string data = owner_->take_unread(*this);
  if (!data.empty()) deliver(data);
}

void connection::end_of_stream() {
  peer_done_ = true;
  if (protocol_ != nullptr) protocol_->on_half_closed();
  close_after_flush(linger_time, errc::closed_by_peer);
  update_interest();
}

void connection::write_some() {
  const bool still_there = tls_ == nullptr ? write_plain() : write_tls();
  if (!still_there) return;
  if (queue_.empty() && tls_backlog_bytes() == 0) {
    all_sent();
  } else if (!blocked_ && (tls_ == nullptr || !tls_->handshaking())) {
    home().mark_dirty(*this);  // the kernel takes more, but others wait too
  }
}

bool connection::write_plain() {
  std::array<iovec, vectors_max> vectors;
  bool full = false;
  for (std::size_t round = 0; round < writes_per_turn && !queue_.empty() && !full; ++round) {
    msghdr message{};
    message.msg_iov = vectors.data();
    message.msg_iovlen = queue_.gather(vectors.data(), vectors.size());
    std::size_t wanted = 0;
    for (std::size_t i = 0; i < message.msg_iovlen; ++i) wanted += vectors[i].iov_len;
    const auto sent = ::sendmsg(fd_, &message, MSG_NOSIGNAL);
    if (sent < 0 && !try_again(errno)) {
      finish(last_error());
      return false;
    }
    const std::size_t taken = sent < 0 ? 0 : static_cast<std::size_t>(sent);
    queue_.consume(taken, owner_->chunks_);
    progressed(taken);
    full = taken != wanted;
  }
  set_blocked(full);
  return true;
}

bool connection::write_tls() {
  set_blocked(false);
  for (std::size_t round = 0; round < writes_per_turn; ++round) {
    if (!push_backlog()) return false;
    if (blocked_ || tls_->handshaking() || queue_.empty()) return true;
    std::size_t sealed = 0;
    while (!queue_.empty() && sealed < sealed_at_once) {
      const auto plain = queue_.front().substr(0, sealed_at_once);
      if (!tls_->write(plain)) {
        finish(errc::tls_failed);
        return false;
      }
      sealed += plain.size();
      queue_.consume(plain.size(), owner_->chunks_);
    }
  }
  return push_backlog();
}

bool connection::push_backlog() {
  const auto backlog = tls_->backlog();
  if (backlog.empty()) return true;
  const auto sent = ::send(fd_, backlog.data(), backlog.size(), MSG_NOSIGNAL);
  if (sent < 0 && !try_again(errno)) {
    finish(last_error());
    return false;
  }
  const std::size_t taken = sent < 0 ? 0 : static_cast<std::size_t>(sent);
  const bool all = taken == backlog.size();
  tls_->consume_backlog(taken);
  progressed(taken);
  if (!all) set_blocked(true);
  return true;
}

void connection::progressed(std::size_t taken) {
  if (taken == 0) return;
  last_progress_ = home().now();
  owner_->counters_.bytes_out.fetch_add(taken, std::memory_order_relaxed);
  owner_->counters_.writes.fetch_add(1, std::memory_order_relaxed);
}

void connection::all_sent() {
  if (state_ == state::flushing) return begin_linger();
  if (state_ != state::open || !drain_wanted_) return;
  drain_wanted_ = false;
  if (protocol_ != nullptr) protocol_->on_drained();
}

void connection::begin_linger() {
  if (tls_ != nullptr && !tls_->handshaking()) {
    tls_->shut_down();  // the alert leaves as far as the kernel takes it
    if (!push_backlog()) return;
  }
  if (peer_done_) return finish(end_reason_);
  ::shutdown(fd_, SHUT_WR);
  state_ = state::lingering;
  home().arm(*this, home().now() + linger_time);
  update_interest();
}

void connection::set_blocked(bool blocked) {
  if (blocked_ == blocked) return;
  blocked_ = blocked;
  update_interest();
}

void connection::update_interest() {
  if (state_ == state::closed) return;
  const bool reads = (state_ == state::open && reading_) || state_ == state::lingering;
  const bool wants_in = reads && !peer_done_;
  if (wants_in == watches_in_ && blocked_ == watches_out_) return;
  watches_in_ = wants_in;
  watches_out_ = blocked_;
  const std::uint32_t wanted = (wants_in ? EPOLLIN : 0U) | (blocked_ ? EPOLLOUT : 0U);
  const auto changed = home().modify(fd_, *this, wanted);
  if (!changed) finish(changed.error());
}

void connection::finish(error_code why, bool tell) {
  state_ = state::closed;
  reading_ = blocked_ = false;
  timer::cancel();
  if (has_unread_) static_cast<void>(owner_->take_unread(*this));
  queue_.clear(owner_->chunks_);
  tls_.reset();
  if (fd_ >= 0) {
    home().forget(fd_, *this);
    ::close(std::exchange(fd_, -1));
  }
  if (tell) owner_->ended(*this, why, true);
}

std::size_t connection::tls_backlog_bytes() const {
  return tls_ == nullptr ? 0 : tls_->backlog().size();
}

}  // namespace gossamer::http
