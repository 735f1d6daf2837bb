#include "gateway/delayed_calls.hpp"

#include "actors/callback_scope.hpp"
#include "gateway/include/gossamer/pending_call.hpp"
#include "runtime/lanes/lane.hpp"
#include "runtime/lanes/lane_group.hpp"

namespace gossamer {
namespace detail {

delayed_call::delayed_call(delayed_calls& holder, lane& home, std::function<void()> what)
    : holder_(holder),
      home_(home.shared_from_this()),
      turns_(turn_scope::current()),
      what_(std::move(what)) {}

void delayed_call::start(time_point when) {
  if (what_) home_->arm(*this, when);
}

void delayed_call::cancel() {
  const auto on_lane = [self = shared_from_this()] { self->drop(); };
  if (home_->is_current()) return on_lane();
  (void)home_->post(on_lane);
}

void delayed_call::drop() {
  const auto self = shared_from_this();
  timer::cancel();
  what_ = nullptr;
  const std::lock_guard lock(holder_.mutex_);
  holder_.waiting_.erase(self);
}

void delayed_call::on_timer(time_point) {
  const auto what = std::move(what_);
  const auto home = home_;
  auto* const turns = turns_;
  const bool closed = holder_.closed_;
  drop();  // may destroy this
  if (closed) return;
  const callback_scope scope(*home);
  const turn_scope turn(turns);
  const handler_scope named(*home, "after");
  if (what) what();
}

std::shared_ptr<delayed_call> delayed_calls::add(lane_group& lanes, milliseconds delay,
                                                 std::function<void()> what) {
  auto* acting = acting_lane();
  auto& home = acting != nullptr ? *acting : lanes.at(std::size_t{0});
  auto call = std::make_shared<delayed_call>(*this, home, std::move(what));
  {
    const std::lock_guard lock(mutex_);
    waiting_.insert(call);
  }
  if (acting != nullptr) {
    call->start(home.now() + delay);
  } else {
    (void)home.post([call, delay](lane& here) { call->start(here.now() + delay); });
  }
  return call;
}

}  // namespace detail

void pending_call::cancel() const {
  if (const auto call = call_.lock()) call->cancel();
}

}  // namespace gossamer
