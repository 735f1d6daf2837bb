// The virtual network: which datagrams arrive, when, and who can reach whom.
#pragma once

#include "runtime/base/random.hpp"
#include "runtime/base/time.hpp"

#include <cstddef>
#include <set>
#include <utility>
#include <vector>

namespace gossamer::simulation {

/// The state of the network; faults change it, healing resets it.
struct conditions {
  double loss = 0;
  double duplication = 0;
  double reordering = 0;   // share of datagrams that are held back
  duration extra_delay{};  // up to this much, for everything
  duration latency_min = std::chrono::microseconds(300);
  duration latency_max = std::chrono::microseconds(1000);
};

class network {
 public:
  explicit network(random_source& random) : random_(random) {}

  conditions now;

  /// A one-way cut: nothing from `from` reaches `to`.
  void cut(std::size_t from, std::size_t to) { cuts_.emplace(from, to); }
  void mend(std::size_t from, std::size_t to) { cuts_.erase({from, to}); }
  /// No datagrams from or to this machine, while links work.
  void block_datagrams(std::size_t machine, bool blocked);
  /// Machines with different numbers cannot reach each other. Empty: all can.
  void set_groups(std::vector<std::size_t> groups) { groups_ = std::move(groups); }
  void heal();

  [[nodiscard]] bool reaches(std::size_t from, std::size_t to) const;
  [[nodiscard]] bool datagram_reaches(std::size_t from, std::size_t to) const;
  [[nodiscard]] bool chance(double probability);
  /// How long something takes from one machine to another.
  [[nodiscard]] duration latency();
  /// The delays of the copies of a datagram that arrive: none, one or two.
  [[nodiscard]] std::vector<duration> fate();

 private:
  [[nodiscard]] duration up_to(duration max);

  random_source& random_;
  std::set<std::pair<std::size_t, std::size_t>> cuts_;
  std::set<std::size_t> without_datagrams_;
  std::vector<std::size_t> groups_;
};

}  // namespace gossamer::simulation
