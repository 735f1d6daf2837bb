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
                         ::testing::ValuesIn(plantings({{101, 1},
                                                        {102, 11},
                                                        {103, 1},
                                                        {104, 56},
                                                        {105, 1},
                                                        {106, 1},
                                                        {107, 1},
                                                        {110, 1},
                                                        {111, 52},
                                                        {113, 1},
                                                        {114, 8},
                                                        {115, 1}},
                                                       {{108, 1}, {109, 1}, {112, 1}})),
                         name_of);

}  // namespace
}  // namespace gossamer::simulation
