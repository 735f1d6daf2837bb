#include "runtime/membership/record.hpp"

#include "runtime/membership/member_table.hpp"
#include "runtime/membership/profile.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace gossamer::membership {
namespace {

using namespace std::chrono_literals;

TEST(Precedence, FollowsTheTablePairwise) {
  using enum status;
  struct row {
    status claim;
    std::uint64_t at;
    status known;
    std::uint64_t known_at;
    bool wins;
  };
  const row rows[] = {
      {alive, 2, alive, 1, true},     {alive, 1, alive, 1, false},
      {alive, 1, alive, 2, false},    {alive, 2, suspect, 1, true},
      {alive, 1, suspect, 1, false},  {alive, 2, dead, 1, true},
      {alive, 1, dead, 1, false},     {alive, 9, left, 1, false},
      {suspect, 1, alive, 1, true},   {suspect, 0, alive, 1, false},
      {suspect, 2, suspect, 1, true}, {suspect, 1, suspect, 1, false},
      {suspect, 5, dead, 1, false},   {suspect, 5, left, 1, false},
      {dead, 1, alive, 1, true},      {dead, 0, alive, 1, false},
      {dead, 1, suspect, 1, true},    {dead, 0, suspect, 1, false},
      {dead, 2, dead, 1, false},      {dead, 2, left, 1, false},
      {left, 0, alive, 5, true},      {left, 0, suspect, 5, true},
      {left, 0, dead, 5, true},       {left, 5, left, 0, false},
  };
  for (const row& r : rows) {
    EXPECT_EQ(overrides(r.claim, r.at, r.known, r.known_at), r.wins)
        << text_of(r.claim) << r.at << " over " << text_of(r.known) << r.known_at;
  }
}

TEST(Precedence, NeverLetsTwoClaimsReplaceEachOther) {
  for (int a = 0; a < 4; ++a) {
    for (int b = 0; b < 4; ++b) {
      for (std::uint64_t i = 0; i < 3; ++i) {
        for (std::uint64_t j = 0; j < 3; ++j) {
          EXPECT_FALSE(overrides(status(a), i, status(b), j) &&
                       overrides(status(b), j, status(a), i));
        }
      }
    }
  }
}

TEST(Epoch, FollowsTheWallClockButNeverGoesBack) {
  EXPECT_EQ(next_epoch(0, 500), 500U);
  EXPECT_EQ(next_epoch(499, 500), 500U);
  EXPECT_EQ(next_epoch(900, 500), 901U);
}

TEST(Profile, MatchesTheFormulasOfTheLiterature) {
  const profile p = default_profile();
  EXPECT_EQ(retransmits(p, 3), 8U);
  EXPECT_EQ(retransmits(p, 10), 16U);
  EXPECT_EQ(retransmits(p, 100), 24U);
  EXPECT_EQ(suspicion_times(p, 3).min, 4s);
  EXPECT_EQ(suspicion_times(p, 3).max, 24s);
  EXPECT_EQ(suspicion_times(p, 100).min, 8s);
  EXPECT_EQ(suspicion_times(p, 1000).min, 8000ms);
  EXPECT_EQ(sync_interval(p, 32), 10s);
  EXPECT_EQ(sync_interval(p, 100), 30s);
  EXPECT_EQ(sync_interval(p, 1000), 60s);
}

TEST(Profile, ExpectsFewerConfirmationsInSmallClusters) {
  EXPECT_EQ(expected_confirmations(1), 0U);
  EXPECT_EQ(expected_confirmations(2), 0U);
  EXPECT_EQ(expected_confirmations(3), 1U);
  EXPECT_EQ(expected_confirmations(4), 2U);
  EXPECT_EQ(expected_confirmations(1000), 2U);
}

TEST(Profile, ShortensASuspicionWithEachConfirmation) {
  const suspicion_bounds bounds{4s, 24s};
  EXPECT_EQ(suspicion_timeout(bounds, 0, 2), 24s);
  EXPECT_LT(suspicion_timeout(bounds, 1, 2), 12s);
  EXPECT_EQ(suspicion_timeout(bounds, 2, 2), 4s);
  EXPECT_EQ(suspicion_timeout(bounds, 0, 0), 4s);
}

member_record numbered(std::uint64_t n) {
  member_record r;
  r.id = {1, n};
  r.name = "m";
  r.at = address::v4(static_cast<std::uint32_t>(n), 1);
  return r;
}

TEST(MemberTable, NeverMissesTheOnlyEligibleMember) {
  seeded_random random(1);
  member_table table;
  for (std::uint64_t n = 1; n <= 3; ++n) table.insert(numbered(n), {});
  for (int i = 0; i < 1000; ++i) {
    const auto picked = table.pick(random, 1, [](const member& m) { return m.record.id.low == 2; });
    ASSERT_EQ(picked.size(), 1U);
  }
}

TEST(MemberTable, BoundsTheMemoryOfTheGoneByCountAndAge) {
  const time_point t0{1h};
  member_table table;
  for (std::uint64_t n = 1; n <= 10; ++n) {
    table.set_state(*table.insert(numbered(n), t0), status::dead, t0 + seconds(n));
  }
  table.forget(t0 + 11s, 24h, 4);
  EXPECT_EQ(table.gone_count(), 4U);
  EXPECT_EQ(table.find({1, 6}), nullptr);
  EXPECT_NE(table.find({1, 7}), nullptr);
  table.forget(t0 + 9s + 24h, 24h, 4);
  EXPECT_EQ(table.gone_count(), 1U);
}

/// The table against a naive model: a map of states.
TEST(MemberTable, AgreesWithANaiveModel) {
  seeded_random random(42);
  member_table table;
  std::map<std::uint64_t, status> model;
  for (int step = 0; step < 20'000; ++step) {
    const std::uint64_t n = 1 + random.below(40);
    if (!model.contains(n)) {
      table.insert(numbered(n), {});
      model[n] = status::alive;
    } else {
      const auto state = static_cast<status>(random.below(4));
      if (state == status::suspect || model[n] == status::left) continue;
      table.set_state(*table.find({1, n}), state, {});
      model[n] = state;
    }
    std::set<std::uint64_t> live;
    std::uint64_t digest = 0;
    for (const auto& [id, state] : model) {
      if (state != status::alive) continue;
      live.insert(id);
      digest ^= member_table::digest_of(numbered(id));
    }
    std::set<std::uint64_t> found;
    for (const member* m : table.live()) found.insert(m->record.id.low);
    ASSERT_EQ(found, live);
    ASSERT_EQ(table.digest(), digest);
    ASSERT_EQ(table.gone_count(), model.size() - live.size());
  }
}

}  // namespace
}  // namespace gossamer::membership
