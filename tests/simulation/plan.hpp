// What goes wrong in a run, and when: drawn from a seed, or made by hand, or made smaller.
#pragma once

#include "tests/simulation/world.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gossamer::simulation {

enum class fault_kind : std::uint8_t {
  loss,
  delay,
  duplication,
  reordering,
  one_way_cut,
  isolation,
  halves,
  islands,
  datagrams_blocked,
  pause,
  crash,
  restart,
  leave,
  clock_step,
  slow,
  full_buffer,
  junk,
  mass_restart,
  reinstall,
};
inline constexpr std::size_t fault_kinds = 19;
[[nodiscard]] std::string_view text_of(fault_kind kind);

struct fault {
  fault_kind kind = fault_kind::loss;
  duration begins{};  // since the start of the run
  duration lasts{};
  std::size_t machine = 0;
  std::size_t other = 0;
  double share = 0;           // of loss, duplication, reordering
  duration amount{};          // of delay and slowness
  std::int64_t step = 0;      // of a clock, in microseconds
  std::uint64_t pattern = 0;  // which machine is on which side

  [[nodiscard]] std::string text() const;
};

struct plan {
  std::uint64_t seed = 0;
  std::size_t machines = 5;
  duration boots_within = seconds(2);
  /// All boot at once and know each other: in a run of 1,000 machines joining would cost most.
  bool joined = false;
  duration faults_end = seconds(60);
  /// Only faults that must not make anybody dead, one at a time.
  bool gentle = false;
  std::vector<fault> faults;
};

/// A plan for `machines` machines (0: 5 to 15, drawn) with faults for `minutes`.
[[nodiscard]] plan draw_plan(std::uint64_t seed, std::size_t machines, double minutes);

/// Hands the faults to the world; at `faults_end` everything is healed and every machine that
/// should run does (crashed ones stay down with even odds, decided by the plan's seed).
void schedule(const plan& p, world& w);

}  // namespace gossamer::simulation
