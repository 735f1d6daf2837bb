#include "actors/callback_scope.hpp"

#include "actors/include/gossamer/detail.hpp"
#include "runtime/lanes/lane.hpp"

namespace gossamer::detail {
namespace {

thread_local lane* acting = nullptr;

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

resumption::resumption() : lane_(acting) {}

void resumption::run(std::function<void()> go_on) const {
  auto* home = static_cast<lane*>(lane_);
  if (home == nullptr || home == acting) return go_on();
  (void)home->post([home, go_on = std::move(go_on)] {
    const callback_scope scope(*home);
    go_on();
  });
}

}  // namespace gossamer::detail
