#include "runtime/lanes/lane.hpp"

#include "runtime/lanes/lane_asio.hpp"
#include "tests/unit/lanes/lane_fixture.hpp"

#include <boost/asio/post.hpp>

#include <atomic>
#include <cerrno>
#include <memory>
#include <stdexcept>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <thread>
#include <vector>

namespace gossamer {
namespace {

using testing::countdown;
using testing::log_lines;
using testing::on_lane;
using testing::pipe_fd;
using testing::reader;
using testing::started_group;
using namespace std::chrono_literals;

TEST(Lane, RunsAPostedFunctionOnItsThread) {
  started_group lanes(2);
  EXPECT_EQ(lane::current(), nullptr);
  EXPECT_EQ(on_lane(lanes[0], [] { return lane::current(); }), &lanes[0]);
  EXPECT_EQ(on_lane(lanes[1], [] { return lane::current(); }), &lanes[1]);
  EXPECT_EQ(on_lane(lanes.group.service(), [] { return lane::current(); }), &lanes.group.service());
  lanes.finish();
}

TEST(Lane, KeepsTheOrderOfEveryProducer) {
  constexpr std::size_t each = 20'000;
  started_group lanes(2);
  std::array<std::size_t, 4> next{};
  std::atomic<int> inversions{0};
  countdown done(next.size() * each);
  const auto feed = [&](std::size_t producer) {
    for (std::size_t i = 0; i < each; ++i) {
      ASSERT_EQ(lanes[0].post([&, producer, i] {
        if (next[producer]++ != i) ++inversions;
        done.arrive();
      }),
                post_result::accepted);
    }
  };
  std::vector<std::jthread> threads;
  for (std::size_t p = 0; p < 2; ++p) threads.emplace_back(feed, p);
  ASSERT_EQ(lanes[1].post([&] { feed(2); }), post_result::accepted);
  ASSERT_EQ(lanes[0].post([&] { feed(3); }), post_result::accepted);
  EXPECT_TRUE(done.wait());
  EXPECT_EQ(inversions, 0);
  lanes.finish();
}

TEST(Lane, WakesOncePerBatch) {
  started_group lanes(1);
  std::promise<void> entered;
  std::promise<void> release;
  ASSERT_EQ(lanes[0].post([&] {
    entered.set_value();
    release.get_future().wait();
  }),
            post_result::accepted);
  entered.get_future().wait();
  const auto before = lanes[0].stats().wakes;
  countdown done(1000);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(lanes[0].post([&] { done.arrive(); }), post_result::accepted);
  }
  EXPECT_EQ(lanes[0].stats().wakes, before) << "a lane that is awake needs no wake";
  release.set_value();
  EXPECT_TRUE(done.wait());
  lanes.finish();
}

TEST(Lane, PostedExceptionIsLoggedWithItsNameAndHarmsNobody) {
  log_lines lines;
  started_group lanes(lane_options{.lanes = 1, .log = lines.make()});
  ASSERT_EQ(lanes[0].post([](lane& here) {
    const handler_scope scope(here, "order");
    throw std::runtime_error("out of stock");
  }),
            post_result::accepted);
  EXPECT_EQ(on_lane(lanes[0], [] { return 1; }), 1);
  EXPECT_NE(lines.wait_for("handler 'order' on lane 0 threw: out of stock"), "");
  EXPECT_EQ(lanes[0].stats().exceptions, 1U);
  lanes.finish();
}

TEST(Lane, AsioHandlerThatThrowsIsContained) {
  log_lines lines;
  started_group lanes(lane_options{.lanes = 1, .log = lines.make()});
  boost::asio::post(context(lanes[0]), [] { throw std::runtime_error("boom"); });
  EXPECT_NE(lines.wait_for("threw: boom"), "");
  EXPECT_EQ(on_lane(lanes[0], [] { return 1; }), 1);
  lanes.finish();
}

TEST(Lane, TimerFiresOnTheLaneNotEarly) {
  struct once final : timer {
    void on_timer(time_point now) override { fired.set_value({now, lane::current()}); }
    std::promise<std::pair<time_point, lane*>> fired;
  };
  started_group lanes(1);
  once t;
  const auto due = on_lane(lanes[0], [&] {
    const auto when = lanes[0].now() + 30ms;
    lanes[0].arm(t, when);
    return when;
  });
  auto fired = t.fired.get_future();
  ASSERT_EQ(fired.wait_for(testing::patience), std::future_status::ready);
  const auto [now, where] = fired.get();
  EXPECT_GE(now, due);
  EXPECT_EQ(where, &lanes[0]);
  lanes.finish();
}

TEST(Lane, IdleLaneTakesNoTurns) {
  struct never final : timer {
    void on_timer(time_point) override {}
  };
  struct later final : timer {
    void on_timer(time_point) override { fired.set_value(); }
    std::promise<void> fired;
  };
  started_group lanes(2);
  never hour;
  later soon;
  on_lane(lanes[0], [&] { lanes[0].arm(hour, std::chrono::hours(1)); });
  on_lane(lanes[0], [] {});
  const auto before = lanes[0].stats().turns;
  on_lane(lanes[1], [&] { lanes[1].arm(soon, 300ms); });
  ASSERT_EQ(soon.fired.get_future().wait_for(testing::patience), std::future_status::ready);
  EXPECT_LE(lanes[0].stats().turns - before, 4U) << "about 30 ticks have passed";
  on_lane(lanes[0], [&] { hour.cancel(); });
  lanes.finish();
}

TEST(Lane, ReportsReadinessAndForgets) {
  started_group lanes(1);
  pipe_fd pipe;
  int calls = 0;
  countdown third(1);
  reader r([&](std::uint32_t events) {
    EXPECT_TRUE(events & EPOLLIN);
    if (++calls < 3) return;  // level-triggered: asked again until it is read
    pipe.empty();
    third.arrive();
  });
  on_lane(lanes[0], [&] { EXPECT_TRUE(lanes[0].watch(pipe.ends[0], r, EPOLLIN)); });
  pipe.fill();
  EXPECT_TRUE(third.wait());
  on_lane(lanes[0], [&] {
    lanes[0].forget(pipe.ends[0], r);
    pipe.fill();
  });
  on_lane(lanes[0], [] {});
  EXPECT_EQ(on_lane(lanes[0], [&] { return calls; }), 3);
  lanes.finish();
}

TEST(Lane, WatchOfABadFdIsAnError) {
  started_group lanes(1);
  reader r([](std::uint32_t) {});
  on_lane(lanes[0], [&] {
    const auto watched = lanes[0].watch(-1, r, EPOLLIN);
    ASSERT_FALSE(watched);
    EXPECT_EQ(watched.error().value(), EBADF);
  });
  lanes.finish();
}

// Both are ready in one batch; whoever is called first destroys the other.
TEST(Lane, ForgottenPollableIsNotCalledFromTheSameBatch) {
  started_group lanes(1);
  pipe_fd a;
  pipe_fd b;
  std::unique_ptr<reader> first;
  std::unique_ptr<reader> second;
  int calls = 0;
  countdown called(1);
  const auto drop = [&](std::unique_ptr<reader>& self, pipe_fd& mine,
                        std::unique_ptr<reader>& other, pipe_fd& others) {
    ++calls;
    lanes[0].forget(others.ends[0], *other);
    other.reset();
    mine.empty();
    lanes[0].forget(mine.ends[0], *self);
    called.arrive();
  };
  on_lane(lanes[0], [&] {
    first = std::make_unique<reader>([&](std::uint32_t) { drop(first, a, second, b); });
    second = std::make_unique<reader>([&](std::uint32_t) { drop(second, b, first, a); });
    a.fill();
    b.fill();
    EXPECT_TRUE(lanes[0].watch(a.ends[0], *first, EPOLLIN));
    EXPECT_TRUE(lanes[0].watch(b.ends[0], *second, EPOLLIN));
  });
  EXPECT_TRUE(called.wait());
  EXPECT_EQ(on_lane(lanes[0], [&] { return calls; }), 1);
  lanes.finish();
}

TEST(Lane, PollableThatThrowsIsToldAndOthersGoOn) {
  log_lines lines;
  started_group lanes(lane_options{.lanes = 1, .log = lines.make()});
  pipe_fd bad_pipe;
  pipe_fd good_pipe;
  countdown good_called(1);
  reader bad([&](std::uint32_t) {
    bad_pipe.empty();
    const handler_scope scope(lanes[0], "say");
    throw std::logic_error("bad");
  });
  reader good([&](std::uint32_t) {
    good_pipe.empty();
    good_called.arrive();
  });
  on_lane(lanes[0], [&] {
    EXPECT_TRUE(lanes[0].watch(bad_pipe.ends[0], bad, EPOLLIN));
    EXPECT_TRUE(lanes[0].watch(good_pipe.ends[0], good, EPOLLIN));
    bad_pipe.fill();
    good_pipe.fill();
  });
  EXPECT_TRUE(good_called.wait());
  EXPECT_NE(lines.wait_for("handler 'say' on lane 0 threw: bad"), "");
  EXPECT_EQ(on_lane(lanes[0], [&] { return bad.failures; }), 1);
  on_lane(lanes[0], [&] {
    lanes[0].forget(bad_pipe.ends[0], bad);
    lanes[0].forget(good_pipe.ends[0], good);
  });
  lanes.finish();
}

struct counted_flush final : flushable {
  void flush() override {
    ++count;
    if (body) body();
  }
  int count = 0;
  std::function<void()> body;
};

TEST(Lane, FlushesOncePerTurnWhoeverMarks) {
  started_group lanes(1);
  counted_flush out;
  on_lane(lanes[0], [&] {
    for (int i = 0; i < 5; ++i) lanes[0].mark_dirty(out);
    EXPECT_TRUE(out.flush_marked());
    EXPECT_EQ(out.count, 0) << "not before the end of the turn";
  });
  EXPECT_EQ(on_lane(lanes[0], [&] { return out.count; }), 1);
  std::promise<void> posted;
  boost::asio::post(context(lanes[0]), [&] {
    lanes[0].mark_dirty(out);
    posted.set_value();
  });
  posted.get_future().wait();
  on_lane(lanes[0], [] {});
  EXPECT_EQ(on_lane(lanes[0], [&] { return out.count; }), 2);
  lanes.finish();
}

TEST(Lane, MarkingDuringFlushIsForTheNextTurn) {
  started_group lanes(1);
  counted_flush out;
  countdown flushed(3);
  out.body = [&] {
    flushed.arrive();
    if (out.count < 3) lanes[0].mark_dirty(out);
  };
  const auto before = on_lane(lanes[0], [&] {
    lanes[0].mark_dirty(out);
    return lanes[0].stats().turns;
  });
  EXPECT_TRUE(flushed.wait());
  EXPECT_GE(on_lane(lanes[0], [&] { return lanes[0].stats().turns; }), before + 3);
  lanes.finish();
}

TEST(Lane, DestroyedWhileMarkedIsNotFlushed) {
  started_group lanes(1);
  on_lane(lanes[0], [&] {
    auto out = std::make_unique<counted_flush>();
    lanes[0].mark_dirty(*out);
  });
  EXPECT_EQ(on_lane(lanes[0], [&] { return lanes[0].stats().flushes; }), 0U);
  lanes.finish();
}

}  // namespace
}  // namespace gossamer
