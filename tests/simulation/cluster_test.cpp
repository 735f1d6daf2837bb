// Membership and exchange together, under the plans of a few seeds.
#include "tests/simulation/cluster_scenario.hpp"

#include <gtest/gtest.h>

namespace gossamer::simulation {
namespace {

std::unique_ptr<scenario> cluster_run() {
  return std::make_unique<cluster_scenario>();
}

TEST(ClusterSimulation, IsTheSameForTheSameSeed) {
  const plan p = draw_plan(7, 5, 0.2);
  const outcome first = run(p, cluster_run, true);
  EXPECT_FALSE(first.transcript.empty());
  EXPECT_EQ(first.transcript, run(p, cluster_run, true).transcript);
}

TEST(ClusterSimulation, NodesDoTalk) {
  std::uint64_t heard = 0;
  const plan p = draw_plan(3, 5, 0.2);
  {
    cluster_scenario counted;
    world w(p.seed, p.machines,
            [&](environment& env, const boot_info& boot) { return counted.make(env, boot); });
    counted.begin(w, p);
    schedule(p, w);
    w.run_for(p.faults_end + counted.settle_time() + counted.calm_time());
    counted.end(w);
    heard = counted.broadcasts_heard();
    EXPECT_TRUE(counted.violations().empty());
  }
  EXPECT_GT(heard, 1000U);
}

TEST(ClusterSimulation, FindsNothingWrongWithMessages) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const plan p = draw_plan(seed, 0, 0.2);
    const outcome got = run(p, cluster_run, false);
    ASSERT_TRUE(got.ok()) << report(minimise(p, cluster_run));
  }
}

}  // namespace
}  // namespace gossamer::simulation
