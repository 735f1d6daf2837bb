#include "runtime/membership/probe_order.hpp"

#include <algorithm>
#include <utility>

namespace gossamer::membership {

void probe_order::add(const node_id& id, random_source& random) {
  // Behind the position, so that it is still probed in this round.
  const auto at = position_ + static_cast<std::size_t>(random.below(round_.size() - position_ + 1));
  round_.push_back(id);
  std::swap(round_[at], round_.back());
}

void probe_order::remove(const node_id& id) {
  const auto found = std::find(round_.begin(), round_.end(), id);
  if (found == round_.end()) return;
  if (static_cast<std::size_t>(found - round_.begin()) < position_) --position_;
  round_.erase(found);
}

std::optional<node_id> probe_order::next(random_source& random) {
  if (round_.empty()) return std::nullopt;
  if (position_ >= round_.size()) {
    shuffle(random);
    position_ = 0;
  }
  return round_[position_++];
}

void probe_order::shuffle(random_source& random) {
  for (std::size_t i = round_.size(); i > 1; --i) {
    std::swap(round_[i - 1], round_[random.below(i)]);
  }
}

}  // namespace gossamer::membership
