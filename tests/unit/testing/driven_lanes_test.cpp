// Lanes without threads: whoever calls poll runs them.
#include "runtime/base/random.hpp"
#include "runtime/lanes/lane_group.hpp"
#include "runtime/lanes/manual_clock.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace gossamer {
namespace {

struct note final : timer {
  explicit note(std::function<void()> what) : call(std::move(what)) {}
  void on_timer(time_point) override { call(); }
  std::function<void()> call;
};

struct stepped {
  explicit stepped(std::size_t count) : time(std::make_shared<manual_clock>()) {
    lane_options how;
    how.lanes = count;
    how.drive = lane_drive::stepped;
    how.time = time;
    how.seed = 7;
    lanes = std::make_unique<lane_group>(how);
    lanes->start();
  }
  std::shared_ptr<manual_clock> time;
  std::unique_ptr<lane_group> lanes;
};

TEST(DrivenLanes, RunNothingUnlessPolled) {
  stepped all(2);
  std::vector<int> order;
  for (const int i : {1, 2, 3}) {
    ASSERT_EQ(all.lanes->at(std::size_t{1}).post([&, i] {
      EXPECT_TRUE(all.lanes->at(std::size_t{1}).is_current());
      EXPECT_EQ(lane::current_group(), all.lanes.get());
      order.push_back(i);
    }),
              post_result::accepted);
  }
  EXPECT_TRUE(order.empty());
  while (all.lanes->poll(duration::zero())) {
  }
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(lane::current(), nullptr);
  EXPECT_EQ(lane::current_group(), nullptr);
  EXPECT_TRUE(all.lanes->stop(milliseconds(100)).clean());
}

TEST(DrivenLanes, HaveTheTimeThatTheyAreGiven) {
  stepped all(1);
  auto& home = all.lanes->at(std::size_t{0});
  int fired = 0;
  note later([&] { ++fired; });
  (void)home.post([&] { home.arm(later, seconds(45)); });
  const auto idle = [&] {
    while (all.lanes->poll(duration::zero())) {
    }
  };
  idle();
  const auto due = all.lanes->next_due();
  ASSERT_TRUE(due);
  EXPECT_LE(*due, all.time->now() + seconds(45) + timer_wheel::tick);
  all.time->advance_to(all.time->now() + seconds(44));
  idle();
  EXPECT_EQ(fired, 0);
  all.time->advance_to(all.time->now() + seconds(1) + timer_wheel::tick);
  idle();
  EXPECT_EQ(fired, 1);
  EXPECT_FALSE(all.lanes->next_due());
}

TEST(DrivenLanes, HaveTheSameRandomNumbersEachTime) {
  const auto numbers = [] {
    stepped all(2);
    return std::vector<std::uint64_t>{all.lanes->at(std::size_t{0}).random().next(),
                                      all.lanes->at(std::size_t{1}).random().next()};
  };
  const auto first = numbers();
  EXPECT_EQ(first, numbers());
  EXPECT_NE(first[0], first[1]);
}

TEST(DrivenLanes, FinishWhatIsQueuedWhenTheyStop) {
  stepped all(2);
  std::string order;
  (void)all.lanes->at(std::size_t{0}).post([&] {
    order += "a";
    (void)all.lanes->at(std::size_t{1}).post([&] { order += "b"; });
  });
  EXPECT_TRUE(all.lanes->stop(milliseconds(1'000)).clean());
  EXPECT_EQ(order, "ab");
  EXPECT_FALSE(all.lanes->poll(milliseconds(1)));
  EXPECT_EQ(all.lanes->at(std::size_t{0}).post([&] { order += "c"; }), post_result::closed);
}

// Two threads: one at a time, and neither sees a half-run turn.
TEST(DrivenLanes, AreRunByOneThreadAtATime) {
  lane_options how;
  how.drive = lane_drive::polled;
  lane_group lanes(how);
  EXPECT_EQ(lanes.size(), 1U);
  lanes.start();
  int inside = 0;
  int runs = 0;
  std::vector<std::thread> pollers;
  for (int i = 0; i < 2; ++i) {
    pollers.emplace_back([&] {
      for (int n = 0; n < 500; ++n) {
        (void)lanes.at(std::size_t{0}).post([&] {
          EXPECT_EQ(inside++, 0);
          ++runs;
          --inside;
        });
        (void)lanes.poll(duration::zero());
      }
    });
  }
  for (auto& one : pollers) one.join();
  EXPECT_TRUE(lanes.stop(milliseconds(5'000)).clean());
  EXPECT_EQ(runs, 1'000);
}

}  // namespace
}  // namespace gossamer
