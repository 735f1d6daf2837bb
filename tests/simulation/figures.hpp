// Measures what docs/membership.md promises: how fast a crash or a join is known, how often a
// living node is declared dead, what an idle cluster sends.
#pragma once

#include "tests/simulation/membership_node.hpp"
#include "tests/simulation/world.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gossamer::simulation {

/// A cluster whose members know each other from the start, without faults.
class steady_cluster {
 public:
  steady_cluster(std::uint64_t seed, std::size_t nodes, membership_options options);

  [[nodiscard]] world& sim() { return world_; }
  [[nodiscard]] membership_node* at(std::size_t machine);
  /// Running members whose view of `id` is not live.
  [[nodiscard]] std::size_t without(const node_id& id);
  /// Running members that believe `id` alive.
  [[nodiscard]] std::size_t believing(const node_id& id);

  // Counted from the notices, since the last `reset`.
  struct tally {
    node_id watched;
    std::uint64_t deaths = 0;        // of the watched one
    std::uint64_t false_deaths = 0;  // of any process that runs
    std::uint64_t ups = 0;
    time_point first_suspicion = time_point::max();  // of the watched one
    time_point first_death = time_point::max();
  };
  [[nodiscard]] const tally& counted() const { return tally_; }
  void reset(const node_id& watched = {}) { tally_ = tally{watched}; }

 private:
  void noticed(const membership::notice& n);

  membership_options options_;
  tally tally_;
  world world_;
};

struct quantiles {
  double p50 = 0;
  double p99 = 0;
  double max = 0;
};
[[nodiscard]] quantiles quantiles_of(std::vector<double> values);

struct detection {
  quantiles first_suspect;
  quantiles first_dead;
  quantiles all_know;
  quantiles spread;
};
[[nodiscard]] detection measure_detection(std::size_t nodes, std::size_t trials, double loss,
                                          const membership::profile& timing);
/// Seconds until all others know a new member.
[[nodiscard]] quantiles measure_join(std::size_t nodes, std::size_t trials, double loss);
/// Views that wrongly held a member dead, in this many virtual hours.
[[nodiscard]] std::uint64_t measure_false_deaths(std::size_t nodes, double loss, double hours,
                                                 bool link_pings);
/// Bits per second that a node of an idle cluster sends.
[[nodiscard]] double measure_traffic(std::size_t nodes, double loss);

struct pause_result {
  std::uint64_t false_deaths = 0;  // of the paused node
  std::uint64_t accused = 0;       // healthy nodes declared dead
  quantiles back_alive;            // seconds after it goes on, until all believe it alive
};
[[nodiscard]] pause_result measure_pause(std::size_t nodes, std::size_t trials, duration length,
                                         const membership::profile& timing);
/// Seconds from the end of a 60 s partition until every view is whole.
[[nodiscard]] quantiles measure_heal(std::size_t nodes, std::size_t trials);

/// A table as Markdown: crash, join, false, traffic, pause, heal; or all of them.
[[nodiscard]] std::string measure(std::string_view which, bool quick);

}  // namespace gossamer::simulation
