#include "gateway/transport/relay.hpp"

#include "gateway/http/connection.hpp"
#include "gateway/transport/engine.hpp"

#include <algorithm>
#include <utility>

namespace gossamer::transport {
namespace {

// The far end may be gone: then nobody wants to know.
template <class Call>
void tell_front(const std::shared_ptr<relay>& shared, std::size_t cost, Call call) {
  auto deliver = [shared, call = std::move(call)] {
    if (shared->front != nullptr) call(*shared->front);
  };
  static_cast<void>(shared->front_lane.post(std::move(deliver), cost));
}

template <class Call>
void tell_link(const std::shared_ptr<relay>& shared, std::size_t cost, Call call) {
  auto deliver = [shared, call = std::move(call)]() mutable {
    if (shared->link != nullptr) call(*shared->link);
  };
  static_cast<void>(shared->owner_lane.post(std::move(deliver), cost));
}

constexpr std::size_t small_cost = 128;
constexpr milliseconds close_time{limits::polling_close_ms};

}  // namespace

relay_front::relay_front(http::connection& below, std::shared_ptr<relay> shared)
    : below_(below), shared_(std::move(shared)) {
  shared_->front = this;
}

relay_front::~relay_front() {
  shared_->front = nullptr;
}

void relay_front::on_bytes(std::span<char> data) {
  unread_ += data.size();
  if (unread_ >= relay_unread_max) below_.pause_reading();
  tell_link(shared_, small_cost + data.size(),
            [bytes = std::string(data.data(), data.size())](relayed_link& link) mutable {
              link.received(std::move(bytes));
            });
}

void relay_front::consumed(std::size_t size) {
  unread_ -= std::min(unread_, size);
  if (unread_ <= relay_unread_max / 2) below_.resume_reading();
}

void relay_front::send(const std::vector<shared_frame>& frames) {
  for (const shared_frame& frame : frames) {
    below_.send(frame);
    received_ += frame.size_bytes();
  }
  report_sent();
}

void relay_front::report_sent() {
  const std::size_t queued = below_.queued_bytes();
  const std::uint64_t sent = received_ - std::min<std::uint64_t>(queued, received_);
  if (sent <= reported_) return;
  reported_ = sent;
  tell_link(shared_, small_cost, [sent](relayed_link& link) { link.sent(sent); });
}

void relay_front::end(bool at_once) {
  if (at_once) {
    below_.abort();
  } else {
    below_.close_after_flush(close_time);
  }
}

void relay_front::on_closed(error_code) {
  shared_->front = nullptr;
  auto deliver = [shared = shared_](lane& at) {
    if (shared->link != nullptr) shared->owner_engine->sessions_of(at).relay_closed(*shared->link);
  };
  static_cast<void>(shared_->owner_lane.post(std::move(deliver)));
}

relayed_link::relayed_link(std::shared_ptr<relay> shared, std::size_t message_bytes_max,
                           bool deflate)
    : websocket_link(message_bytes_max, deflate), shared_(std::move(shared)) {
  shared_->link = this;
  last_progress_ = shared_->owner_lane.now();
}

relayed_link::~relayed_link() {
  shared_->link = nullptr;
}

std::size_t relayed_link::send(const shared_frame& frame) {
  if (ended_) return 0;
  if (given_ == sent_) last_progress_ = shared_->owner_lane.now();
  frames_.push_back(frame);
  given_ += frame.size_bytes();
  shared_->owner_lane.mark_dirty(*this);
  return queued_bytes();
}

void relayed_link::flush() {
  if (frames_.empty()) return;
  const std::size_t size = given_ - posted_;
  posted_ = given_;
  tell_front(shared_, small_cost + size,
             [frames = std::exchange(frames_, {})](relay_front& front) { front.send(frames); });
}

void relayed_link::sent(std::uint64_t total) {
  sent_ = total;
  last_progress_ = shared_->owner_lane.now();
  if (sent_ == given_) drained();
}

void relayed_link::received(std::string data) {
  if (held_ || resuming_) {
    kept_ += data;
  } else {
    process(std::move(data));
  }
}

void relayed_link::process(std::string data) {
  consume(data);
  const std::size_t size = data.size() - kept_.size();  // the rest counts when it is released
  tell_front(shared_, small_cost, [size](relay_front& front) { front.consumed(size); });
}

void relayed_link::keep(std::span<char> rest) {
  kept_.append(rest.data(), rest.size());
}

// What was kept is consumed in a call of its own, and before anything that comes meanwhile.
void relayed_link::release() {
  held_ = false;
  if (std::exchange(resuming_, true)) return;
  tell_link(shared_, small_cost, [](relayed_link& link) { link.resume(); });
}

void relayed_link::resume() {
  resuming_ = false;
  if (!held_) process(std::exchange(kept_, {}));
}

void relayed_link::end() {
  post_end(false);
}

void relayed_link::abort() {
  post_end(true);
}

void relayed_link::post_end(bool at_once) {
  if (std::exchange(ended_, true)) return;
  flush();
  tell_front(shared_, small_cost, [at_once](relay_front& front) { front.end(at_once); });
}

}  // namespace gossamer::transport
