// The parts that need no server.
#include "gateway/ops/bounded_names.hpp"
#include "gateway/ops/health.hpp"
#include "gateway/ops/process_stats.hpp"
#include "runtime/lanes/lane_report.hpp"
#include "tests/unit/ops/exposition.hpp"

#include <gmock/gmock.h>

namespace gossamer::test {
namespace {

using namespace std::chrono_literals;
using ops::bounded_names;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(BoundedNames, KeepsTheFirstNamesForEver) {
  bounded_names names(2);
  EXPECT_EQ(names.admit("a"), "a");
  EXPECT_EQ(names.admit("b"), "b");
  EXPECT_EQ(names.admit("c"), "(other)");
  EXPECT_EQ(names.admit("a"), "a");
  EXPECT_EQ(names.admit("c"), "(other)");
}

TEST(BoundedNames, RepairsWhatIsNotUtf8) {
  bounded_names names(2);
  EXPECT_EQ(names.admit("caf\xc3"), "caf\xef\xbf\xbd");
  EXPECT_EQ(names.admit("caf\xc3\xa9"), "caf\xc3\xa9");
}

TEST(TurnTimes, HasEachTurnInTheBucketOfItsBound) {
  for (std::size_t i = 0; i + 1 < turn_times::buckets; ++i) {
    const auto bound = turn_times::upper_bound(i);
    EXPECT_EQ(turn_times::bucket_of(bound), i);
    EXPECT_EQ(turn_times::bucket_of(bound + 1ns), i + 1);
  }
  EXPECT_EQ(turn_times::upper_bound(0), 64us);
  EXPECT_EQ(turn_times::bucket_of(0ns), 0U);
  EXPECT_EQ(turn_times::bucket_of(-1ns), 0U);
  EXPECT_EQ(turn_times::bucket_of(24h), turn_times::buckets - 1);
}

TEST(TurnTimes, AddsUp) {
  turn_times times;
  times.add(10us);
  times.add(10us);
  times.add(100us);
  EXPECT_EQ(times.count(0), 2U);
  EXPECT_EQ(times.count(1), 1U);
  EXPECT_EQ(times.sum(), 120us);
}

TEST(SlowHandlers, CountsByNameWithinItsBound) {
  slow_handlers slow;
  for (int i = 0; i < 1000; ++i) slow.add("name" + std::to_string(i));
  slow.add("name0");
  slow.add("");
  const auto all = slow.all();
  ASSERT_THAT(all, SizeIs(slow_handlers::names_max + 1));
  EXPECT_EQ(all.front(), std::pair(std::string("name0"), std::uint64_t{2}));
  EXPECT_EQ(all.back(), std::pair(std::string(), std::uint64_t{1001 - slow_handlers::names_max}));
}

TEST(ProcessStats, ReadsALineOfTheKernel) {
  const auto read = ops::parse_proc_stat(
      "42 (a b) c) S 1 2 3 4 5 6 7 8 9 10 111 222 13 14 15 16 17 18 1900 20000 300 22\n");
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->user_ticks, 111U);
  EXPECT_EQ(read->system_ticks, 222U);
  EXPECT_EQ(read->start_ticks, 1900U);
  EXPECT_EQ(read->virtual_bytes, 20000U);
  EXPECT_EQ(read->resident_pages, 300U);
  EXPECT_FALSE(ops::parse_proc_stat("42 (a) S 1 2").has_value());
  EXPECT_FALSE(ops::parse_proc_stat("").has_value());
  EXPECT_FALSE(
      ops::parse_proc_stat("42 (a) S 1 2 3 4 5 6 7 8 9 10 x 222 13 14 15 16 17 18 1900 2 3 4")
          .has_value());
}

TEST(ProcessStats, KnowsThisProcess) {
  const auto now = ops::read_process_stats();
  EXPECT_GT(now.resident_bytes, 1U << 20U);
  EXPECT_GT(now.virtual_bytes, now.resident_bytes);
  EXPECT_GE(now.open_fds, 3U);
  EXPECT_GE(now.fds_max, now.open_fds);
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  const auto age = std::chrono::duration<double>(wall).count() - now.start_time_seconds;
  EXPECT_GT(age, -2);
  EXPECT_LT(age, 3600);
}

TEST(HealthReport, SaysWhatIsWrong) {
  ops::health fine;
  EXPECT_EQ(fine.http_status(), 200U);
  EXPECT_EQ(fine.json(), R"({"status":"ok"})");
  ops::health draining{true, {}};
  EXPECT_EQ(draining.http_status(), 503U);
  EXPECT_EQ(draining.json(), R"({"status":"draining"})");
  ops::health hanging{true, {{lane_index{3}, "say \"x\"\xc3", 5300ms}}};
  EXPECT_EQ(hanging.http_status(), 503U);
  EXPECT_EQ(
      hanging.json(),
      "{\"status\":\"hanging\",\"lanes\":[{\"lane\":3,\"handler\":\"say \\\"x\\\"\xef\xbf\xbd\""
      ",\"held_ms\":5300}]}");
}

TEST(Exposition, TheReaderOfTheseTestsIsStrict) {
  const auto good = read_exposition(
      "# HELP a_total x\n# TYPE a_total counter\na_total{b=\"c\\\"\\\\\\n\"} 1\na_total 2\n");
  EXPECT_THAT(good.complaints, IsEmpty());
  EXPECT_EQ(good.at("a_total"), 2);
  for (const auto* bad : {
           "# TYPE a_total counter\na_total 1",
           "# TYPE a_total counter\na_total 1\na_total 1\n",
           "# TYPE a_total counter\n# TYPE a_total counter\n",
           "# HELP a x\n# HELP a x\n",
           "# TYPE a counter\na 1\n",
           "# TYPE a_total gauge\n",
           "# TYPE 1a gauge\n",
           "# TYPE a gauge\nb 1\n",
           "# TYPE a gauge\na{b} 1\n",
           "# TYPE a gauge\na{b=\"\\x\"} 1\n",
           "# TYPE a gauge\na{b=\"1\",b=\"2\"} 1\n",
           "# TYPE a gauge\na one\n",
           "# TYPE a gauge\na{b=\"\xff\"} 1\n",
           "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_sum 1\nh_count 1\n",
           "# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count "
           "1\n",
       }) {
    EXPECT_FALSE(read_exposition(bad).complaints.empty()) << bad;
  }
}

}  // namespace
}  // namespace gossamer::test
