// Runs of a few seeds: determinism, that nodes do talk, and nothing wrong. Thousands of seeds are
// run by the program (fast/CMakeLists.txt).
#include "tests/simulation/cluster_scenario.hpp"
#include "tests/simulation/membership_scenario.hpp"

#include <gtest/gtest.h>

namespace gossamer::simulation {
namespace {

std::unique_ptr<scenario> membership() {
  return std::make_unique<membership_scenario>();
}

std::unique_ptr<scenario> whole_nodes() {
  return std::make_unique<cluster_scenario>();
}

class Simulation : public ::testing::TestWithParam<scenario_factory> {};

TEST_P(Simulation, IsTheSameForTheSameSeed) {
  const plan p = draw_plan(7, 6, 0.3);
  const outcome first = run(p, GetParam(), true);
  const outcome second = run(p, GetParam(), true);
  EXPECT_FALSE(first.transcript.empty());
  EXPECT_EQ(first.transcript, second.transcript);
  EXPECT_NE(first.transcript, run(draw_plan(8, 6, 0.3), GetParam(), true).transcript);
}

TEST_P(Simulation, FindsNothingWrong) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const plan p = draw_plan(seed, 0, 0.3);
    const outcome got = run(p, GetParam(), false);
    ASSERT_TRUE(got.ok()) << report(minimise(p, GetParam()));
  }
}

INSTANTIATE_TEST_SUITE_P(Of, Simulation, ::testing::Values(membership, whole_nodes));

TEST(WholeNodes, DoTalk) {
  const plan p = draw_plan(3, 5, 0.2);
  cluster_scenario counted;
  world w(p.seed, p.machines,
          [&](environment& env, const boot_info& boot) { return counted.make(env, boot); });
  counted.begin(w, p);
  schedule(p, w);
  w.run_for(p.faults_end + counted.settle_time());
  counted.settled(w);
  w.run_for(counted.calm_time());
  counted.end(w);
  EXPECT_TRUE(counted.violations().empty());
  EXPECT_GT(counted.broadcasts_heard(), 1000U);
}

}  // namespace
}  // namespace gossamer::simulation
