// How well this node itself is doing, as far as it can tell (Lifeguard's local health).
//
// A node that hears few answers may be the slow one: it then probes more rarely and waits longer,
// instead of accusing the others.
#pragma once

#include "runtime/base/time.hpp"

#include <algorithm>
#include <cstddef>

namespace gossamer::membership {

class local_health {
 public:
  explicit local_health(std::size_t levels) : worst_(levels == 0 ? 0 : levels - 1) {}

  [[nodiscard]] std::size_t score() const { return score_; }
  void improve() { score_ -= score_ == 0 ? 0 : 1; }
  void worsen(std::size_t by) { score_ = std::min(worst_, score_ + by); }
  /// After a pause: nothing is known about the others.
  void set_worst() { score_ = worst_; }

  [[nodiscard]] duration scaled(duration d) const {
    return d * static_cast<duration::rep>(score_ + 1);
  }

 private:
  std::size_t worst_;
  std::size_t score_ = 0;
};

}  // namespace gossamer::membership
