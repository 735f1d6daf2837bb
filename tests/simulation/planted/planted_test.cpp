// The simulator is worth what it finds: each planted defect within 500 seeds.
#include "tests/simulation/cluster_scenario.hpp"
#include "tests/simulation/membership_scenario.hpp"
#include "tests/simulation/planted/finding.hpp"

namespace gossamer::simulation {
namespace {

std::unique_ptr<scenario> membership() {
  return std::make_unique<membership_scenario>();
}

std::unique_ptr<scenario> whole_nodes() {
  return std::make_unique<cluster_scenario>();
}

class PlantedDefect : public ::testing::TestWithParam<planting> {};

// By membership alone, whose runs are short.
TEST_P(PlantedDefect, IsFoundWithin500Seeds) {
  const bool by_membership = GetParam().defect < 100;
  expect_found(GetParam(), by_membership ? membership : whole_nodes, 0, by_membership ? 1 : 0.5);
}

INSTANTIATE_TEST_SUITE_P(Membership, PlantedDefect,
                         ::testing::Values(planting{1, 2}, planting{2, 2}, planting{3, 1},
                                           planting{4, 14}, planting{5, 6}, planting{6, 1},
                                           planting{7, 2}, planting{8, 3}, planting{9, 1},
                                           planting{10, 5}, planting{11, 6}, planting{12, 1},
                                           planting{13, 2}, planting{14, 5}, planting{15, 1},
                                           planting{16, 2}),
                         name_of);

INSTANTIATE_TEST_SUITE_P(Directory, PlantedDefect,
                         ::testing::Values(planting{101, 1}, planting{102, 2}, planting{103, 1},
                                           planting{104, 66}, planting{106, 1}, planting{107, 1},
                                           planting{108, 1}, planting{109, 1}, planting{110, 1},
                                           planting{111, 84}, planting{112, 1}, planting{113, 1},
                                           planting{114, 2}, planting{115, 1}, planting{116, 1},
                                           planting{117, 3}),
                         name_of);

INSTANTIATE_TEST_SUITE_P(Cluster, PlantedDefect,
                         ::testing::Values(planting{201, 1}, planting{202, 1}, planting{203, 1},
                                           planting{204, 2}, planting{205, 1}, planting{206, 4},
                                           planting{207, 1}, planting{208, 2}, planting{209, 1},
                                           planting{210, 2}, planting{211, 2}, planting{212, 1}),
                         name_of);

TEST(PlantedDefects, AreAsleepUntilWoken) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    EXPECT_TRUE(run(draw_plan(seed, 0, 1), membership, false).ok()) << seed;
    EXPECT_TRUE(run(draw_plan(seed, 0, 0.5), whole_nodes, false).ok()) << seed;
  }
}

}  // namespace
}  // namespace gossamer::simulation
