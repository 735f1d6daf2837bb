// In which order members are probed: a shuffled round in which each comes once, so that nobody
// waits longer than two rounds. A new member enters at a random place.
#pragma once

#include "runtime/base/ids.hpp"
#include "runtime/base/random.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace gossamer::membership {

class probe_order {
 public:
  void add(const node_id& id, random_source& random);
  void remove(const node_id& id);
  /// The next to be probed; nothing if there is nobody. Shuffles when a round ends.
  [[nodiscard]] std::optional<node_id> next(random_source& random);
  [[nodiscard]] std::size_t size() const { return round_.size(); }

 private:
  void shuffle(random_source& random);

  std::vector<node_id> round_;
  std::size_t position_ = 0;
};

}  // namespace gossamer::membership
