#include "actors/callback_scope.hpp"

#include "actors/include/gossamer/detail.hpp"
#include "runtime/lanes/lane.hpp"

namespace gossamer::detail {
namespace {

thread_local lane* acting = nullptr;
thread_local turn_taking* having_turn = nullptr;

}  // namespace

lane* acting_lane() noexcept {
  return acting;
}

callback_scope::callback_scope(lane& here) noexcept : before_(std::exchange(acting, &here)) {}

callback_scope::~callback_scope() {
  acting = before_;
}

foreign_scope::foreign_scope() noexcept : before_(std::exchange(acting, nullptr)) {}

foreign_scope::~foreign_scope() {
  acting = before_;
}

turn_scope::turn_scope(turn_taking* turns)
    : taken_(turns == having_turn ? nullptr : turns), before_(having_turn) {
  if (taken_ == nullptr) return;
  taken_->mutex_.lock();
  having_turn = taken_;
}

turn_scope::~turn_scope() {
  if (taken_ == nullptr) return;
  having_turn = before_;
  taken_->mutex_.unlock();
}

turn_taking* turn_scope::current() noexcept {
  return having_turn;
}

resumption::resumption()
    : lane_(acting == nullptr ? nullptr : acting->shared_from_this()), turns_(having_turn) {}

void resumption::run(std::function<void()> go_on) const {
  auto* home = lane_.get();
  if (home == nullptr) return go_on();
  if (home == acting) {
    const turn_scope turn(turns_);
    return go_on();
  }
  (void)home->post([home, turns = turns_, go_on = std::move(go_on)] {
    const callback_scope scope(*home);
    const turn_scope turn(turns);
    go_on();
  });
}

}  // namespace gossamer::detail
