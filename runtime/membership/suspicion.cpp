#include "runtime/membership/suspicion.hpp"

#include <algorithm>

namespace gossamer::membership {

suspicion::suspicion(const node_id& originator, time_point now, suspicion_bounds bounds,
                     std::size_t expected)
    : started_(now),
      not_before_(now),
      bounds_(bounds),
      expected_(std::min(expected, confirmations_max)) {
  accusers_.push_back(originator);
}

bool suspicion::confirm(const node_id& from) {
  if (accusers_.size() > expected_) return false;
  if (std::find(accusers_.begin(), accusers_.end(), from) != accusers_.end()) return false;
  accusers_.push_back(from);
  return true;
}

time_point suspicion::deadline() const {
  return std::max(not_before_,
                  started_ + suspicion_timeout(bounds_, accusers_.size() - 1, expected_));
}

void suspicion::defer(time_point until) {
  not_before_ = std::max(not_before_, until);
}

}  // namespace gossamer::membership
