#include "runtime/lanes/inbox.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace gossamer {
namespace {

struct numbered final : delivery {
  numbered(std::size_t from, std::size_t number, std::size_t cost,
           std::atomic<int>* alive = nullptr)
      : producer(from), sequence(number), alive_count(alive) {
    cost_bytes = cost;
    if (alive_count != nullptr) ++*alive_count;
  }
  ~numbered() override {
    if (alive_count != nullptr) --*alive_count;
  }
  void run(lane&) noexcept override {}
  std::size_t producer;
  std::size_t sequence;
  std::atomic<int>* alive_count;
};

inbox::pushed push(inbox& box, std::size_t sequence, std::size_t cost,
                   post_kind kind = post_kind::data, inbox::sender from = inbox::sender::other) {
  std::unique_ptr<delivery> entry = std::make_unique<numbered>(0, sequence, cost);
  return box.push(entry, kind, from);
}

std::vector<std::size_t> sequences(delivery_list list) {
  std::vector<std::size_t> all;
  while (auto next = list.pop_front()) all.push_back(static_cast<numbered&>(*next).sequence);
  return all;
}

TEST(Inbox, GivesDeliveriesInTheOrderOfPushing) {
  inbox box(1000);
  for (std::size_t i = 0; i < 5; ++i) {
    ASSERT_EQ(push(box, i, 10).result, post_result::accepted);
  }
  EXPECT_EQ(sequences(box.take()), (std::vector<std::size_t>{0, 1, 2, 3, 4}));
  EXPECT_TRUE(box.take().empty());
}

TEST(Inbox, AsksForOneWakePerBatchAndOnlyWhenAsleep) {
  inbox box(1000);
  EXPECT_FALSE(push(box, 0, 1).wake) << "the consumer is awake";
  EXPECT_FALSE(box.try_sleep()) << "something is queued";
  static_cast<void>(box.take());
  ASSERT_TRUE(box.try_sleep());
  EXPECT_TRUE(push(box, 1, 1).wake);
  EXPECT_FALSE(push(box, 2, 1).wake);
  static_cast<void>(box.take());
  EXPECT_FALSE(push(box, 3, 1).wake);
}

TEST(Inbox, InterruptWakesASleeperOnce) {
  inbox box(1000);
  EXPECT_FALSE(box.interrupt());
  ASSERT_TRUE(box.try_sleep());
  EXPECT_TRUE(box.interrupt());
  EXPECT_FALSE(box.interrupt());
  EXPECT_FALSE(push(box, 0, 1).wake);
}

TEST(Inbox, AtTheBoundForeignSendersAreTold) {
  inbox box(100);
  ASSERT_EQ(push(box, 0, 100).result, post_result::accepted);
  EXPECT_EQ(push(box, 1, 1).result, post_result::full);
  EXPECT_EQ(box.refused()[static_cast<std::size_t>(post_kind::data)], 1U);
  EXPECT_EQ(box.bytes(), 100U);
}

TEST(Inbox, AtTheBoundVolatileIsDroppedForLanesToo) {
  inbox box(100);
  ASSERT_EQ(push(box, 0, 100).result, post_result::accepted);
  EXPECT_EQ(push(box, 1, 1, post_kind::volatile_data, inbox::sender::lane).result,
            post_result::full);
  EXPECT_EQ(box.refused()[static_cast<std::size_t>(post_kind::volatile_data)], 1U);
}

TEST(Inbox, AtTheBoundControlIsAccepted) {
  inbox box(100);
  ASSERT_EQ(push(box, 0, 1000).result, post_result::accepted) << "one large one on an empty queue";
  EXPECT_EQ(push(box, 1, 50, post_kind::control).result, post_result::accepted);
  EXPECT_EQ(sequences(box.take()), (std::vector<std::size_t>{0, 1}));
}

TEST(Inbox, AtTheBoundLanesAreSlowedAndAtFourTimesRefused) {
  inbox box(100);
  ASSERT_EQ(push(box, 0, 100).result, post_result::accepted);
  const auto second = push(box, 1, 299, post_kind::data, inbox::sender::lane);
  EXPECT_EQ(second.result, post_result::accepted);
  EXPECT_TRUE(second.congested);
  EXPECT_TRUE(push(box, 2, 1, post_kind::data, inbox::sender::lane).congested);
  EXPECT_EQ(push(box, 3, 1, post_kind::data, inbox::sender::lane).result, post_result::full);
}

TEST(Inbox, IsRelaxedAtHalfOfTheBound) {
  inbox box(100);
  static_cast<void>(push(box, 0, 60));
  static_cast<void>(push(box, 1, 60));
  EXPECT_TRUE(box.congested());
  EXPECT_FALSE(box.release(60));
  EXPECT_FALSE(box.relaxed());
  EXPECT_TRUE(box.release(60));
  EXPECT_EQ(box.bytes(), 0U);
}

TEST(Inbox, ClosedGateRefusesOthersButNotLanes) {
  inbox box(100);
  box.close_gate();
  EXPECT_EQ(push(box, 0, 1, post_kind::control).result, post_result::closed);
  EXPECT_EQ(push(box, 1, 1, post_kind::control, inbox::sender::lane).result, post_result::accepted);
}

TEST(Inbox, RefusedDeliveryStaysWithItsSender) {
  inbox box(100);
  static_cast<void>(box.close());
  std::unique_ptr<delivery> entry = std::make_unique<numbered>(0, 0, 1);
  EXPECT_EQ(box.push(entry, post_kind::control, inbox::sender::lane).result, post_result::closed);
  EXPECT_NE(entry, nullptr);
  EXPECT_EQ(box.bytes(), 0U);
}

TEST(Inbox, DestroysWhatNobodyTook) {
  std::atomic<int> alive{0};
  {
    inbox box(100);
    for (std::size_t i = 0; i < 3; ++i) {
      std::unique_ptr<delivery> entry = std::make_unique<numbered>(0, i, 1, &alive);
      ASSERT_EQ(box.push(entry, post_kind::data, inbox::sender::other).result,
                post_result::accepted);
    }
    EXPECT_EQ(alive, 3);
  }
  EXPECT_EQ(alive, 0);
}

// Producers push, a consumer takes and sleeps: nothing lost, order kept, and no sleep without a
// wake (the consumer waits for wakes only; a lost one would hang the test).
TEST(Inbox, KeepsTheOrderOfEachProducerAndLosesNoWake) {
  constexpr std::size_t producers = 4;
  constexpr std::size_t each = 50'000;
  inbox box(std::size_t{1} << 40U);
  std::atomic<std::uint32_t> wakes{0};
  std::vector<std::jthread> threads;
  for (std::size_t p = 0; p < producers; ++p) {
    threads.emplace_back([&, p] {
      for (std::size_t i = 0; i < each; ++i) {
        std::unique_ptr<delivery> entry = std::make_unique<numbered>(p, i, 8);
        if (box.push(entry, post_kind::data, inbox::sender::other).wake) {
          ++wakes;
          wakes.notify_one();
        }
      }
    });
  }
  std::vector<std::size_t> next(producers, 0);
  std::size_t taken = 0;
  std::uint32_t sleeps = 0;
  while (taken < producers * each) {
    auto list = box.take();
    while (auto entry = list.pop_front()) {
      auto& got = static_cast<numbered&>(*entry);
      ASSERT_EQ(got.sequence, next[got.producer]++);
      box.release(got.cost_bytes);
      ++taken;
    }
    if (taken < producers * each && box.try_sleep()) {
      wakes.wait(sleeps);
      ++sleeps;
    }
  }
  EXPECT_EQ(wakes.load(), sleeps);
  EXPECT_EQ(box.bytes(), 0U);
}

}  // namespace
}  // namespace gossamer
