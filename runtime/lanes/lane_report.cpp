#include "runtime/lanes/lane_report.hpp"

#include "runtime/lanes/lane_core.hpp"

namespace gossamer {

void slow_handlers::add(std::string_view name) {
  const std::lock_guard lock(mutex_);
  if (!name.empty()) {
    for (auto& [known, count] : counts_) {
      if (known != name) continue;
      ++count;
      return;
    }
    if (counts_.size() < names_max) {
      counts_.emplace_back(name, 1);
      return;
    }
  }
  ++others_;
}

slow_handlers::list slow_handlers::all() const {
  const std::lock_guard lock(mutex_);
  auto copy = counts_;
  if (others_ != 0) copy.emplace_back(std::string(), others_);
  return copy;
}

const turn_times& turns_of(lane& of) {
  return of.core().times;
}

slow_handlers::list slow_handlers_of(lane& of) {
  return of.core().slow_names.all();
}

std::vector<stuck_lane> hanging_lanes(lane_group& of, duration at_least) {
  std::vector<stuck_lane> found;
  const auto now = clock::now();
  for (std::size_t i = 0; i < of.size(); ++i) {
    const auto seen = of.at(i).core().mark.read();
    if (!seen.busy || now - seen.since < at_least) continue;
    found.push_back({of.at(i).index(), std::string(seen.name.text()), now - seen.since});
  }
  return found;
}

}  // namespace gossamer
