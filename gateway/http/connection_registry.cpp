#include "gateway/http/connection_registry.hpp"

#include "gateway/http/tls_filter.hpp"
#include "runtime/base/check.hpp"

#include <sys/epoll.h>
#include <unistd.h>

namespace gossamer::http {

connection_registry::connection_registry(lane& home) : home_(home) {}

connection_registry::~connection_registry() {
  for (auto& left : all_) {
    left->finish(errc::server_stopping, false);
    home_.remove_connection();
  }
}

connection& connection_registry::adopt(detached_connection&& from,
                                       std::unique_ptr<tls_filter> tls) {
  home_.check();
  const int fd = std::exchange(from.fd, -1);
  all_.push_back(std::make_unique<connection>(*this, fd, from.peer, std::move(tls)));
  connection& made = *all_.back();
  made.index_ = static_cast<std::uint32_t>(all_.size() - 1);
  home_.add_connection();
  counters_.opened.fetch_add(1, std::memory_order_relaxed);
  const auto watched = home_.watch(fd, made, EPOLLIN);
  if (!watched) {
    made.finish(watched.error());
    return made;
  }
  made.watches_in_ = true;
  if (!from.unread.empty()) made.unread(from.unread);
  return made;
}

void connection_registry::flush() {
  const auto old = std::exchange(retired_, {});
  deliver_unread();
  report_ended();
}

void connection_registry::retire(std::unique_ptr<protocol> old) {
  if (old == nullptr) return;
  retired_.push_back(std::move(old));
  wake();
}

void connection_registry::keep_unread(connection& of, std::span<const char> data) {
  of.has_unread_ = true;
  wake();
  for (auto& kept : unread_) {
    if (kept.of != &of) continue;
    kept.data.append(data.data(), data.size());
    return;
  }
  unread_.push_back({&of, std::string(data.data(), data.size())});
}

std::string connection_registry::take_unread(connection& of) {
  of.has_unread_ = false;
  for (auto& kept : unread_) {
    if (kept.of != &of) continue;
    std::string data = std::move(kept.data);
    kept = std::move(unread_.back());
    unread_.pop_back();
    return data;
  }
  return {};
}

// Delivering may add to the list, so it goes by connection and looks each of them up again.
void connection_registry::deliver_unread() {
  std::vector<connection*> due;
  for (const auto& kept : unread_) {
    if (kept.of->open() && kept.of->reading_) due.push_back(kept.of);
  }
  for (connection* which : due) {
    try {
      which->deliver_unread();
    } catch (...) {
      home_.report_exception();
      which->on_failed();
    }
  }
}

void connection_registry::ended(connection& which, error_code why, bool tell) {
  ended_.push_back({&which, why, tell});
  counters_.closed.fetch_add(1, std::memory_order_relaxed);
  wake();
}

void connection_registry::report_ended() {
  for (const auto& report : std::exchange(ended_, {})) {
    const auto owned = take_out(*report.which);
    if (!report.tell || owned->protocol_ == nullptr) continue;
    try {
      owned->protocol_->on_closed(report.why);
    } catch (...) {
      home_.report_exception();
    }
  }
}

std::unique_ptr<connection> connection_registry::take_out(connection& which) {
  const std::size_t index = which.index_;
  GOSSAMER_CHECK(index < all_.size() && all_[index].get() == &which);
  auto owned = std::move(all_[index]);
  all_[index] = std::move(all_.back());
  all_.pop_back();
  if (index < all_.size()) all_[index]->index_ = static_cast<std::uint32_t>(index);
  home_.remove_connection();
  return owned;
}

}  // namespace gossamer::http
