// The simulator is worth what it finds: each planted defect within 500 seeds.
#include "tests/simulation/planted/planted.hpp"

#include "tests/simulation/membership_scenario.hpp"

#include <gtest/gtest.h>

namespace gossamer::simulation {
namespace {

std::unique_ptr<scenario> membership() {
  return std::make_unique<membership_scenario>();
}

class PlantedDefect : public ::testing::TestWithParam<int> {
 protected:
  void SetUp() override { planted_defect = GetParam(); }
  void TearDown() override { planted_defect = 0; }
};

TEST_P(PlantedDefect, IsFoundWithin500Seeds) {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    const outcome got = run(draw_plan(seed, 0, 1), membership, false);
    if (got.ok()) continue;
    RecordProperty("seed", static_cast<int>(seed));
    std::printf("found by seed %d: %s\n", static_cast<int>(seed), got.violations[0].c_str());
    return;
  }
  FAIL() << "not found";
}

INSTANTIATE_TEST_SUITE_P(Membership, PlantedDefect, ::testing::Range(1, planted_defects + 1));

TEST(PlantedDefects, AreAsleepUntilWoken) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    EXPECT_TRUE(run(draw_plan(seed, 0, 1), membership, false).ok()) << seed;
  }
}

}  // namespace
}  // namespace gossamer::simulation
