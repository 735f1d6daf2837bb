#include "gateway/testing/memory_link.hpp"

#include <utility>

namespace gossamer::testing::detail {

memory_link::memory_link(connection_slot on, std::size_t message_bytes_max)
    : websocket_link(message_bytes_max, false),
      home_(on.home()->shared_from_this()),
      slot_(std::move(on)) {}

std::vector<shared_frame> memory_link::taken() {
  return std::exchange(arrived_, {});
}

void memory_link::set_taking(bool on) {
  taking_ = on;
  if (!on) return;
  (void)home_->post([self = shared_from_this()] { self->flush(); });
}

void memory_link::receive(std::string data) {
  if (ended_ || ending_) return;
  if (held_) {
    kept_ += data;
  } else {
    consume(data);
  }
}

void memory_link::break_off() {
  if (ended_) return;
  give_up();
  lost();
}

std::size_t memory_link::send(const shared_frame& frame) {
  if (ended_ || ending_) return 0;
  if (queue_.empty()) last_progress_ = home_->now();
  queue_.push_back(frame);
  queued_bytes_ += frame.size_bytes();
  home_->mark_dirty(*this);
  return queued_bytes_;
}

void memory_link::flush() {
  if (ended_) return;
  blocked_ = !taking_ && !queue_.empty();
  if (blocked_) return;
  const bool progress = !queue_.empty();
  arrived_.insert(arrived_.end(), queue_.begin(), queue_.end());
  queue_.clear();
  queued_bytes_ = 0;
  if (progress) last_progress_ = home_->now();
  if (ending_) return give_up();
  if (progress) drained();
}

void memory_link::release() {
  held_ = false;
  (void)home_->post([self = shared_from_this()] {
    if (!self->held_) self->receive(std::exchange(self->kept_, {}));
  });
}

void memory_link::end() {
  if (std::exchange(ending_, true)) return;
  home_->mark_dirty(*this);
}

void memory_link::abort() {
  give_up();
}

void memory_link::give_up() {
  ended_ = true;
  queue_.clear();
  queued_bytes_ = 0;
  slot_ = connection_slot();
}

}  // namespace gossamer::testing::detail
