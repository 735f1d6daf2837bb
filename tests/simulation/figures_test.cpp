// What docs/membership.md promises, measured in small.
#include "tests/simulation/figures.hpp"

#include <gtest/gtest.h>

namespace gossamer::simulation {
namespace {

TEST(SimulationFigures, CrashIsKnownInTime) {
  const auto p99 = [](std::size_t nodes, std::size_t trials) {
    return measure_detection(nodes, trials, 0, membership::default_profile()).all_know.p99;
  };
  EXPECT_LE(p99(3, 60), 8);
  EXPECT_LE(p99(5, 60), 9);
  EXPECT_LE(p99(10, 40), 10);
  EXPECT_LE(p99(100, 4), 15);
}

TEST(SimulationFigures, JoinIsKnownWithinASecond) {
  EXPECT_LE(measure_join(3, 20, 0).max, 1);
  EXPECT_LE(measure_join(10, 20, 0).max, 1);
}

TEST(SimulationFigures, NobodyDiesOfLoss) {
  EXPECT_EQ(measure_false_deaths(3, 0.2, 1, true), 0U);
  EXPECT_EQ(measure_false_deaths(5, 0.2, 0.5, true), 0U);
  EXPECT_EQ(measure_false_deaths(10, 0.2, 0.25, true), 0U);
}

TEST(SimulationFigures, AShortPauseIsForgiven) {
  for (const std::size_t nodes : {3, 5, 10}) {
    EXPECT_EQ(measure_pause(nodes, 20, seconds(3), membership::default_profile()).false_deaths, 0U);
  }
}

TEST(SimulationFigures, ALongPauseIsNoticedAndRepaired) {
  const pause_result r = measure_pause(10, 10, seconds(20), membership::default_profile());
  EXPECT_EQ(r.false_deaths, 90U);
  EXPECT_EQ(r.accused, 0U);
  EXPECT_LE(r.back_alive.max, 2);
}

TEST(SimulationFigures, APartitionHeals) {
  EXPECT_LE(measure_heal(5, 10).max, 30);
}

TEST(SimulationFigures, AnIdleClusterIsQuiet) {
  EXPECT_LE(measure_traffic(30, 0), 4000);
}

}  // namespace
}  // namespace gossamer::simulation
