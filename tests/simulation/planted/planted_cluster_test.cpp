// The simulator finds each defect that is planted into what nodes say to each other.
#include "tests/simulation/cluster_scenario.hpp"
#include "tests/simulation/planted/finding.hpp"

namespace gossamer::simulation {
namespace {

std::unique_ptr<scenario> cluster_run() {
  return std::make_unique<cluster_scenario>();
}

class PlantedClusterDefect : public ::testing::TestWithParam<planting> {};

TEST_P(PlantedClusterDefect, IsFoundWithin500Seeds) {
  expect_found(GetParam(), cluster_run, 5, 0.3);
}

INSTANTIATE_TEST_SUITE_P(Cluster, PlantedClusterDefect,
                         ::testing::Values(planting{101, 1}, planting{102, 2}, planting{103, 1},
                                           planting{104, 6}, planting{105, 1}, planting{106, 1},
                                           planting{107, 1}, planting{108, 2}, planting{109, 1},
                                           planting{110, 2}, planting{111, 1}, planting{112, 1}),
                         name_of);

}  // namespace
}  // namespace gossamer::simulation
