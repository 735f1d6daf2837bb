#include "tests/simulation/network.hpp"

namespace gossamer::simulation {

void network::block_datagrams(std::size_t machine, bool blocked) {
  if (blocked) {
    without_datagrams_.insert(machine);
  } else {
    without_datagrams_.erase(machine);
  }
}

void network::heal() {
  now = conditions{};
  cuts_.clear();
  without_datagrams_.clear();
  groups_.clear();
}

bool network::reaches(std::size_t from, std::size_t to) const {
  if (from < groups_.size() && to < groups_.size() && groups_[from] != groups_[to]) return false;
  return cuts_.empty() || !cuts_.contains({from, to});
}

bool network::datagram_reaches(std::size_t from, std::size_t to) const {
  if (!without_datagrams_.empty() &&
      (without_datagrams_.contains(from) || without_datagrams_.contains(to))) {
    return false;
  }
  return reaches(from, to);
}

bool network::chance(double probability) {
  if (probability <= 0) return false;
  return static_cast<double>(random_.next() >> 11U) * 0x1.0p-53 < probability;
}

duration network::up_to(duration max) {
  return duration(
      static_cast<duration::rep>(random_.below(static_cast<std::uint64_t>(max.count()) + 1)));
}

duration network::latency() {
  return now.latency_min + up_to(now.latency_max - now.latency_min) + up_to(now.extra_delay);
}

std::vector<duration> network::fate() {
  if (chance(now.loss)) return {};
  std::vector<duration> copies{latency()};
  if (chance(now.reordering)) copies[0] += up_to(milliseconds(300));
  if (chance(now.duplication)) copies.push_back(latency() + up_to(milliseconds(300)));
  return copies;
}

}  // namespace gossamer::simulation
