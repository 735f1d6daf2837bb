#include "tests/simulation/directory_scenario.hpp"

#include <gtest/gtest.h>

namespace gossamer::simulation {
namespace {

std::unique_ptr<scenario> with_directory() {
  return std::make_unique<directory_scenario>();
}

TEST(DirectorySimulation, IsTheSameForTheSameSeed) {
  const plan p = draw_plan(7, 6, 0.5);
  const outcome first = run(p, with_directory, true);
  EXPECT_FALSE(first.transcript.empty());
  EXPECT_EQ(first.transcript, run(p, with_directory, true).transcript);
}

TEST(DirectorySimulation, FindsNothingWrongWithTheDirectory) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const plan p = draw_plan(seed, 0, 1);
    const outcome got = run(p, with_directory, false);
    ASSERT_TRUE(got.ok()) << report(minimise(p, with_directory));
  }
}

}  // namespace
}  // namespace gossamer::simulation
