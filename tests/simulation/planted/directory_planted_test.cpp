// The simulator is worth what it finds: each defect planted into the directory within 500 seeds.
#include "tests/simulation/directory_scenario.hpp"
#include "tests/simulation/planted/finding.hpp"

namespace gossamer::simulation {
namespace {

std::unique_ptr<scenario> with_directory() {
  return std::make_unique<directory_scenario>();
}

class PlantedDirectoryDefect : public ::testing::TestWithParam<planting> {};

TEST_P(PlantedDirectoryDefect, IsFoundWithin500Seeds) {
  expect_found(GetParam(), with_directory, 0, 1);
}

INSTANTIATE_TEST_SUITE_P(Directory, PlantedDirectoryDefect,
                         ::testing::Values(planting{101, 1}, planting{102, 1}, planting{103, 1},
                                           planting{104, 56}, planting{105, 1}, planting{106, 1},
                                           planting{107, 1}, planting{108, 1}, planting{109, 1},
                                           planting{110, 1}, planting{111, 52}, planting{112, 1},
                                           planting{113, 1}, planting{114, 1}, planting{115, 1}),
                         name_of);

}  // namespace
}  // namespace gossamer::simulation
