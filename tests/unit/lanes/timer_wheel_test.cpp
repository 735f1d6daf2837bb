#include "runtime/lanes/timer_wheel.hpp"

#include "runtime/base/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace gossamer {
namespace {

using std::chrono::hours;

struct probe final : timer {
  void on_timer(time_point now) override { fired.push_back(now); }
  std::vector<time_point> fired;
};

const time_point start{seconds(1000)};

std::size_t fire_all(timer_wheel& wheel, time_point now) {
  std::size_t count = 0;
  while (timer* due = wheel.pop_expired(now)) {
    due->on_timer(now);
    ++count;
  }
  return count;
}

TEST(TimerWheel, EntryTakesAtMost32Bytes) {
  EXPECT_LE(sizeof(timer), 32U);
}

TEST(TimerWheel, FiresNotBeforeItsTimeAndAtMostOneTickLate) {
  timer_wheel wheel(start);
  probe p;
  wheel.arm(p, start + milliseconds(25));
  EXPECT_EQ(fire_all(wheel, start + milliseconds(24)), 0U);
  EXPECT_EQ(fire_all(wheel, start + milliseconds(25)), 0U);
  EXPECT_TRUE(p.armed());
  EXPECT_EQ(fire_all(wheel, start + milliseconds(35)), 1U);
  EXPECT_FALSE(p.armed());
}

TEST(TimerWheel, ArmedInThePastFiresWithTheNextCall) {
  timer_wheel wheel(start);
  static_cast<void>(wheel.pop_expired(start + seconds(5)));
  probe p;
  wheel.arm(p, time_point::min());
  ASSERT_TRUE(wheel.next_due());
  EXPECT_LE(*wheel.next_due(), start + seconds(5));
  EXPECT_EQ(fire_all(wheel, start + seconds(5)), 1U);
}

TEST(TimerWheel, DestroyedTimerIsCancelled) {
  timer_wheel wheel(start);
  probe other;
  wheel.arm(other, start + seconds(1));
  {
    probe p;
    wheel.arm(p, start + seconds(1));
  }
  EXPECT_EQ(fire_all(wheel, start + seconds(2)), 1U);
}

TEST(TimerWheel, DestroyedWheelDisarmsItsTimers) {
  probe p;
  {
    timer_wheel wheel(start);
    wheel.arm(p, start + hours(1));
  }
  EXPECT_FALSE(p.armed());
}

TEST(TimerWheel, ArmingAgainMovesTheTimer) {
  timer_wheel wheel(start);
  probe p;
  wheel.arm(p, start + seconds(1));
  wheel.arm(p, start + seconds(3));
  EXPECT_EQ(fire_all(wheel, start + seconds(2)), 0U);
  EXPECT_EQ(fire_all(wheel, start + seconds(3)), 1U);
}

TEST(TimerWheel, TimesBeyondItsRangeAreCutNotWrapped) {
  timer_wheel wheel(start);
  probe p;
  wheel.arm(p, time_point::max());
  EXPECT_EQ(fire_all(wheel, start + hours(24 * 365 * 20)), 0U);
  EXPECT_TRUE(p.armed());
  EXPECT_EQ(fire_all(wheel, start + hours(24 * 365 * 22)), 1U);
}

TEST(TimerWheel, NextDueIsEmptyWithoutTimersAndAfterCancel) {
  timer_wheel wheel(start);
  EXPECT_FALSE(wheel.next_due());
  probe p;
  wheel.arm(p, start + seconds(30));
  EXPECT_TRUE(wheel.next_due());
  p.cancel();
  EXPECT_FALSE(wheel.next_due());
}

TEST(TimerWheel, LongTimerCostsAtMostFiveEarlyWakes) {
  timer_wheel wheel(start);
  probe p;
  const auto when = start + hours(100) + milliseconds(12345670);
  wheel.arm(p, when);
  int wakes = 0;
  while (p.armed()) {
    const auto due = wheel.next_due();
    ASSERT_TRUE(due);
    ++wakes;
    fire_all(wheel, *due);
  }
  EXPECT_LE(wakes, 6);
  ASSERT_EQ(p.fired.size(), 1U);
  EXPECT_GE(p.fired[0], when);
  EXPECT_LT(p.fired[0], when + timer_wheel::tick);
}

// A timer whose callback arms, cancels and destroys timers that are due in the same tick.
TEST(TimerWheel, CallbackMayDestroyOthersOfTheSameTick) {
  struct killer final : timer {
    void on_timer(time_point) override { victims.clear(); }
    std::vector<std::unique_ptr<probe>> victims;
  };
  timer_wheel wheel(start);
  killer k;
  wheel.arm(k, start + seconds(1));
  for (int i = 0; i < 3; ++i) {
    k.victims.push_back(std::make_unique<probe>());
    wheel.arm(*k.victims.back(), start + seconds(1));
  }
  EXPECT_EQ(fire_all(wheel, start + seconds(1)), 1U);
  EXPECT_FALSE(wheel.next_due());
}

TEST(TimerWheel, CallbackThatArmsItselfForNowDoesNotStarveTheCaller) {
  struct again final : timer {
    explicit again(timer_wheel& w) : wheel(w) {}
    void on_timer(time_point now) override { wheel.arm(*this, now + milliseconds(1)); }
    timer_wheel& wheel;
  };
  timer_wheel wheel(start);
  again a(wheel);
  wheel.arm(a, start + seconds(1));
  EXPECT_EQ(fire_all(wheel, start + seconds(1)), 1U);
  EXPECT_TRUE(a.armed());
}

// Random arms, moves, cancels and steps of time against a sorted list.
class timer_wheel_model : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(timer_wheel_model, AgreesWithASortedList) {
  seeded_random random(GetParam());
  timer_wheel wheel(start);
  std::deque<probe> timers(64);
  std::map<timer*, time_point> model;  // armed timers and their times
  time_point now = start;
  const auto random_span = [&] {
    return milliseconds(random.next() >> (24 + random.below(40)));  // from ms to 34 years
  };
  for (int step = 0; step < 4000; ++step) {
    auto& t = timers[random.below(timers.size())];
    const auto what = random.below(10);
    if (what < 5) {
      const auto when = now + std::min<milliseconds>(random_span(), hours(24 * 365 * 15));
      wheel.arm(t, when);
      model[&t] = when;
    } else if (what < 7) {
      t.cancel();
      model.erase(&t);
    } else {
      const auto due = wheel.next_due();
      ASSERT_EQ(due.has_value(), !model.empty());
      if (due && random.below(2) == 0) {
        now = std::max(now, *due);
      } else {
        now += std::min<milliseconds>(random_span(), seconds(100));
      }
      time_point last = time_point::min();
      while (timer* fired = wheel.pop_expired(now)) {
        const auto found = model.find(fired);
        ASSERT_NE(found, model.end()) << "fired though it was not armed";
        ASSERT_LE(found->second, now) << "fired early";
        ASSERT_GT(found->second + timer_wheel::tick, last) << "out of order";
        last = found->second;
        model.erase(found);
      }
      for (const auto& [left, when] : model) {
        ASSERT_GT(when + timer_wheel::tick, now) << "overdue";
        ASSERT_TRUE(left->armed());
      }
      const auto next = wheel.next_due();
      for (const auto& [left, when] : model) ASSERT_LT(*next, when + timer_wheel::tick);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, timer_wheel_model, ::testing::Range<std::uint64_t>(1, 33));

TEST(Jitter, StaysWithinTheFractionAndSpreads) {
  seeded_random random(7);
  auto low = duration::max();
  auto high = duration::min();
  for (int i = 0; i < 10'000; ++i) {
    const auto drawn = jittered(seconds(100), 0.1, random);
    low = std::min(low, drawn);
    high = std::max(high, drawn);
  }
  EXPECT_GE(low, seconds(90));
  EXPECT_LE(high, seconds(110));
  EXPECT_LT(low, seconds(91));
  EXPECT_GT(high, seconds(109));
  EXPECT_EQ(jittered(seconds(5), 0.0, random), seconds(5));
}

}  // namespace
}  // namespace gossamer
