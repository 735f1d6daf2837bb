// Backpressure between lanes: who feeds a full queue stops reading from its clients.
//
// The feeder enters itself in the full lane's list and looks at the queue again; the full lane
// first counts down its bytes and then looks at the list. So one of them always sees the other.
#include "runtime/lanes/lane_core.hpp"

#include <algorithm>

namespace gossamer {

void lane_core::pause_for(lane_core& full) noexcept {
  if (!full.add_waiting(*this)) return;
  ++paused_on;
  pauses.add();
  paused_now.store(true);
}

bool lane_core::add_waiting(lane_core& feeder) noexcept {
  const std::lock_guard lock(waiting_mutex);
  if (std::find(waiting.begin(), waiting.end(), &feeder) != waiting.end()) return false;
  waiting.push_back(&feeder);
  any_waiting.store(true);
  if (!box.relaxed() && !box_closed.load()) return true;
  waiting.pop_back();
  any_waiting.store(!waiting.empty());
  return false;
}

void lane_core::release_bytes(std::size_t cost_bytes) noexcept {
  if (box.release(cost_bytes) && any_waiting.load()) wake_waiting();
}

// Others may have filled the queue since it was down to half. Then nobody is woken, or each would
// bring another burst to a full queue; what filled it will be released too and comes back here.
void lane_core::wake_waiting() noexcept {
  const std::lock_guard lock(waiting_mutex);
  if (!box.relaxed() && !box_closed.load()) return;
  for (lane_core* feeder : waiting) {
    feeder->resumes.fetch_add(1);
    feeder->wake();
  }
  waiting.clear();
  any_waiting.store(false);
}

void lane_core::take_resumes() noexcept {
  if (resumes.load(std::memory_order_relaxed) == 0) return;
  paused_on -= resumes.exchange(0);
  if (paused_on != 0) return;
  paused_now.store(false);
  fds_ready = true;  // what became ready meanwhile may have been reported already
}

}  // namespace gossamer
