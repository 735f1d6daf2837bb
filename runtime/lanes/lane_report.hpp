// What operators want to know of lanes: how long turns take, which handlers are slow, who hangs
// now.
//
// Runs on: any thread.
#pragma once

#include "runtime/base/time.hpp"
#include "runtime/lanes/lane_counter.hpp"
#include "runtime/lanes/lane_group.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gossamer {

/// How many turns took how long. Bucket i has those of at most 64 us * 4^i; the last one the rest.
class turn_times {
 public:
  static constexpr std::size_t buckets = 10;
  [[nodiscard]] static constexpr duration upper_bound(std::size_t bucket) {
    return std::chrono::microseconds(std::int64_t{64} << (2 * bucket));
  }
  [[nodiscard]] static constexpr std::size_t bucket_of(duration took) {
    const auto ns = took.count();
    if (ns <= 0) return 0;
    const auto above = static_cast<std::uint64_t>(ns - 1) / 64'000;
    const auto bucket = static_cast<std::size_t>(std::bit_width(above) + 1) / 2;
    return bucket < buckets ? bucket : buckets - 1;
  }

  /// Runs on: the lane.
  void add(duration took) noexcept {
    counts_[bucket_of(took)].add();
    if (took.count() > 0) sum_ns_.add(static_cast<std::uint64_t>(took.count()));
  }
  [[nodiscard]] std::uint64_t count(std::size_t bucket) const { return counts_[bucket].get(); }
  [[nodiscard]] duration sum() const { return duration(sum_ns_.get()); }

 private:
  std::array<lane_counter, buckets> counts_;
  lane_counter sum_ns_;
};

/// How often each handler was too slow. Limits: `names_max` names; later ones are counted as one,
/// without a name.
class slow_handlers {
 public:
  static constexpr std::size_t names_max = 32;
  using list = std::vector<std::pair<std::string, std::uint64_t>>;
  void add(std::string_view name);
  [[nodiscard]] list all() const;

 private:
  mutable std::mutex mutex_;
  list counts_;
  std::uint64_t others_ = 0;
};

[[nodiscard]] const turn_times& turns_of(lane& of);
/// Those of one lane; the empty name stands for turns and handlers without one.
[[nodiscard]] slow_handlers::list slow_handlers_of(lane& of);
/// Clients' lanes that have been in one turn or handler for at least that long.
[[nodiscard]] std::vector<stuck_lane> hanging_lanes(lane_group& of, duration at_least);

}  // namespace gossamer
