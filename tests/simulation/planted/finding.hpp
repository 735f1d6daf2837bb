// Looks for a seed that shows a planted defect.
//
// The search begins with the seed that found it when the list was made, so that it is short while
// nothing changes what runs do. GOSSAMER_PLANTED_FROM (environment) begins elsewhere; 1 finds the
// first of all.
#pragma once

#include "tests/simulation/planted/planted.hpp"
#include "tests/simulation/scenario.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ostream>
#include <string>

namespace gossamer::simulation {

struct planting {
  int defect;
  std::uint64_t found_by;
};
inline void PrintTo(const planting& p, std::ostream* out) {
  *out << "defect " << p.defect;
}
inline std::string name_of(const ::testing::TestParamInfo<planting>& p) {
  return "Defect" + std::to_string(p.param.defect);
}

inline constexpr std::uint64_t planted_seeds = 500;

/// A run that also fails without the defect has not found it.
inline bool fails_only_with(int defect, const plan& p, const scenario_factory& make) {
  planted_defect = defect;
  const bool found = !run(p, make, false).ok();
  planted_defect = 0;
  return found && run(p, make, false).ok();
}

/// Tries each of the seeds 1 to 500 once, with runs of so many machines (0: 5 to 15) and minutes.
inline void expect_found(const planting& planted, const scenario_factory& make,
                         std::size_t machines, double minutes) {
  const char* told = std::getenv("GOSSAMER_PLANTED_FROM");
  const std::uint64_t first = told == nullptr ? planted.found_by : std::strtoull(told, nullptr, 10);
  for (std::uint64_t tried = 0; tried < planted_seeds; ++tried) {
    const std::uint64_t seed = 1 + (first - 1 + tried) % planted_seeds;
    if (!fails_only_with(planted.defect, draw_plan(seed, machines, minutes), make)) continue;
    std::printf("found by seed %d\n", static_cast<int>(seed));
    return;
  }
  ADD_FAILURE() << "defect " << planted.defect << " is not found by 500 seeds";
}

}  // namespace gossamer::simulation
