#include "runtime/membership/codec.hpp"
#include "runtime/membership/probe_order.hpp"
#include "runtime/membership/rumours.hpp"
#include "runtime/membership/suspicion.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace gossamer::membership {
namespace {

using namespace std::chrono_literals;

node_id id(std::uint64_t n) {
  return {1, n};
}

TEST(Rumours, SendsTheLeastOftenSentFirst) {
  rumours queue;
  queue.replace(id(1), "one");
  std::string first;
  EXPECT_EQ(queue.take(first, 100, 10, 3), 1U);
  queue.replace(id(2), "two");
  std::string second;
  EXPECT_EQ(queue.take(second, 3, 10, 3), 1U);
  EXPECT_EQ(second, "two");
}

TEST(Rumours, ForgetsWhatWasSentOftenEnough) {
  rumours queue;
  queue.replace(id(1), "x");
  for (int i = 0; i < 3; ++i) {
    std::string out;
    EXPECT_EQ(queue.take(out, 100, 10, 3), 1U);
  }
  EXPECT_TRUE(queue.empty());
}

TEST(Rumours, ReplacesOlderNewsAboutTheSameMember) {
  rumours queue;
  queue.replace(id(1), "old");
  queue.accuse(id(1), id(2), "accused by 2");
  queue.accuse(id(1), id(3), "accused by 3");
  EXPECT_EQ(queue.size(), 2U);
  queue.replace(id(1), "new");
  std::string out;
  EXPECT_EQ(queue.take(out, 100, 10, 3), 1U);
  EXPECT_EQ(out, "new");
}

TEST(Rumours, StaysWithinItsBoundAndDropsTheMostOftenSent) {
  rumours queue;
  queue.replace(id(0), "a");
  std::string out;
  (void)queue.take(out, 100, 10, 9);
  for (std::uint64_t n = 1; n <= rumours::rumours_max; ++n) queue.replace(id(n), "b");
  EXPECT_EQ(queue.size(), rumours::rumours_max);
  EXPECT_EQ(queue.dropped_count(), 1U);
  std::string all;
  (void)queue.take(all, 1U << 20U, rumours::rumours_max, 1);
  EXPECT_EQ(all.find('a'), std::string::npos);
}

TEST(Rumours, NeverExceedsTheRoomItIsGiven) {
  rumours queue;
  seeded_random random(3);
  for (std::uint64_t n = 0; n < 200; ++n)
    queue.replace(id(n), std::string(1 + random.below(60), 'x'));
  while (!queue.empty()) {
    const std::size_t room = 60 + random.below(200);
    std::string out = "head";
    (void)queue.take(out, room, 10, 2);
    ASSERT_LE(out.size(), room);
  }
}

TEST(Suspicion, CountsEachAccuserOnceAndNotTheFirst) {
  suspicion s(id(1), time_point(1h), {4s, 24s}, 2);
  EXPECT_EQ(s.deadline(), time_point(1h) + 24s);
  EXPECT_FALSE(s.confirm(id(1)));
  EXPECT_TRUE(s.confirm(id(2)));
  EXPECT_FALSE(s.confirm(id(2)));
  EXPECT_TRUE(s.confirm(id(3)));
  EXPECT_FALSE(s.confirm(id(4)));
  EXPECT_EQ(s.deadline(), time_point(1h) + 4s);
}

TEST(Suspicion, IsNotOverBeforeItIsDeferredTo) {
  suspicion s(id(1), time_point(1h), {4s, 24s}, 0);
  s.defer(time_point(1h) + 9s);
  EXPECT_EQ(s.deadline(), time_point(1h) + 9s);
}

TEST(ProbeOrder, ProbesEachMemberOnceARound) {
  seeded_random random(5);
  probe_order order;
  for (std::uint64_t n = 0; n < 20; ++n) order.add(id(n), random);
  for (int round = 0; round < 10; ++round) {
    std::set<node_id> seen;
    for (int i = 0; i < 20; ++i) seen.insert(*order.next(random));
    EXPECT_EQ(seen.size(), 20U);
  }
}

TEST(ProbeOrder, NeverLetsAMemberWaitLongerThanTwoRounds) {
  seeded_random random(6);
  probe_order order;
  std::map<node_id, int> waited;
  std::uint64_t next_id = 0;
  for (int step = 0; step < 20'000; ++step) {
    if (waited.size() < 5 || random.below(10) == 0) {
      if (waited.size() < 30) {
        order.add(id(next_id), random);
        waited[id(next_id++)] = 0;
      }
    } else if (random.below(10) == 0) {
      const auto victim = std::next(waited.begin(), static_cast<long>(random.below(waited.size())));
      order.remove(victim->first);
      waited.erase(victim);
    }
    for (auto& [who, steps] : waited) ASSERT_LE(++steps, 2 * 30 + 2);
    if (const auto next = order.next(random)) waited.at(*next) = 0;
  }
}

}  // namespace
}  // namespace gossamer::membership
