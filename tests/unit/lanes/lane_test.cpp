#include "runtime/lanes/lane.hpp"

#include "runtime/lanes/lane_asio.hpp"
#include "runtime/lanes/lane_group.hpp"
#include "tests/unit/lanes/waiting.hpp"

#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <functional>
#include <memory>
#include <stdexcept>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace gossamer {
namespace {

using testing::countdown;
using testing::log_lines;
using testing::on_lane;
using namespace std::chrono_literals;

/// A group that is stopped at the end and must then be clean.
struct started_group {
  explicit started_group(lane_options options) : group(std::move(options)) { group.start(); }
  explicit started_group(std::size_t lanes) : started_group(lane_options{.lanes = lanes}) {}
  ~started_group() { finish(); }
  /// Ends the lanes. At the end of a test, before the locals that lanes use are gone.
  void finish() {
    if (std::exchange(finished, true)) return;
    EXPECT_TRUE(group.stop(30s).clean());
  }
  lane& operator[](std::size_t i) { return group.at(i); }
  lane_group group;
  bool finished = false;
};

struct pipe_fd {
  pipe_fd() { EXPECT_EQ(::pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC), 0); }
  ~pipe_fd() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  void fill() const { EXPECT_EQ(::write(ends[1], "x", 1), 1); }
  void empty() const {
    char c = 0;
    EXPECT_EQ(::read(ends[0], &c, 1), 1);
  }
  std::array<int, 2> ends{};
};

struct reader final : pollable {
  explicit reader(std::function<void(std::uint32_t)> f) : body(std::move(f)) {}
  void on_ready(std::uint32_t events) override { body(events); }
  void on_failed() noexcept override { ++failures; }
  std::function<void(std::uint32_t)> body;
  int failures = 0;
};

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

// -- bounds -----------------------------------------------------------------------------------

/// Keeps a lane in a delivery until `open` is called.
struct held_lane {
  explicit held_lane(lane& where) {
    auto entered = std::make_shared<std::promise<void>>();
    auto is_in = entered->get_future();
    EXPECT_EQ(where.post(
                  [entered, opened = gate.get_future().share()] {
                    entered->set_value();
                    opened.wait();
                  },
                  0),
              post_result::accepted);
    is_in.wait();
  }
  void open() { gate.set_value(); }
  std::promise<void> gate;
};

TEST(LaneBounds, ForeignThreadIsToldFullAndVolatileIsCounted) {
  started_group lanes(lane_options{.lanes = 1, .inbox_bytes_max = 1000});
  held_lane held(lanes[0]);
  EXPECT_EQ(lanes[0].post([] {}, 1000, post_kind::data), post_result::accepted);
  EXPECT_EQ(lanes[0].post([] {}, 1, post_kind::data), post_result::full);
  EXPECT_EQ(lanes[0].post([] {}, 1, post_kind::volatile_data), post_result::full);
  EXPECT_EQ(lanes[0].post([] {}, 1, post_kind::control), post_result::accepted);
  EXPECT_TRUE(lanes[0].congested());
  held.open();
  on_lane(lanes[0], [] {});
  on_lane(lanes[0], [] {});  // bytes are given back at the end of the slice before this one
  const auto stats = lanes[0].stats();
  EXPECT_EQ(stats.refused[static_cast<std::size_t>(post_kind::data)], 1U);
  EXPECT_EQ(stats.refused[static_cast<std::size_t>(post_kind::volatile_data)], 1U);
  EXPECT_EQ(lanes[0].post([] {}, 1, post_kind::data), post_result::accepted);
  lanes.finish();
}

TEST(LaneBounds, FeedingLaneStopsReadingUntilTheQueueHasDrained) {
  started_group lanes(lane_options{.lanes = 2, .inbox_bytes_max = 1000});
  pipe_fd pipe;
  countdown read(1);
  reader client([&](std::uint32_t) {
    pipe.empty();
    read.arrive();
  });
  held_lane held(lanes[1]);
  on_lane(lanes[0], [&] {
    EXPECT_TRUE(lanes[0].watch(pipe.ends[0], client, EPOLLIN));
    EXPECT_EQ(lanes[1].post([] {}, 1000, post_kind::data), post_result::accepted);
    EXPECT_FALSE(lanes[0].stats().paused) << "up to the bound nobody is slowed";
    EXPECT_EQ(lanes[1].post([] {}, 10, post_kind::data), post_result::accepted);
    EXPECT_TRUE(lanes[0].stats().paused);
    pipe.fill();
  });
  for (int i = 0; i < 10; ++i) on_lane(lanes[0], [] {});
  EXPECT_EQ(on_lane(lanes[0], [&] { return lanes[0].stats().paused; }), true);
  held.open();
  EXPECT_TRUE(read.wait()) << "reads again once the other queue has drained";
  EXPECT_EQ(lanes[0].stats().pauses, 1U);
  on_lane(lanes[0], [&] { lanes[0].forget(pipe.ends[0], client); });
  lanes.finish();
}

TEST(LaneBounds, PausedLaneDoesNotReadButRunsTimersAndDeliveries) {
  struct once final : timer {
    void on_timer(time_point) override { fired.arrive(); }
    countdown fired{1};
  };
  started_group lanes(lane_options{.lanes = 2, .inbox_bytes_max = 1000});
  pipe_fd pipe;
  std::atomic<int> reads{0};
  reader client([&](std::uint32_t) {
    pipe.empty();
    ++reads;
  });
  once t;
  held_lane held(lanes[1]);
  on_lane(lanes[0], [&] {
    EXPECT_TRUE(lanes[0].watch(pipe.ends[0], client, EPOLLIN));
    static_cast<void>(lanes[1].post([] {}, 1000, post_kind::data));
    static_cast<void>(lanes[1].post([] {}, 10, post_kind::data));
    lanes[0].arm(t, 50ms);
    pipe.fill();
  });
  EXPECT_TRUE(t.fired.wait());
  on_lane(lanes[0], [] {});
  EXPECT_EQ(reads, 0);
  held.open();
  on_lane(lanes[1], [] {});
  on_lane(lanes[0], [] {});
  on_lane(lanes[0], [&] { lanes[0].forget(pipe.ends[0], client); });
  lanes.finish();
}

TEST(LaneBounds, LaneThatFeedsItselfIsBoundedToo) {
  started_group lanes(lane_options{.lanes = 1, .inbox_bytes_max = 1000});
  countdown ran(4);
  on_lane(lanes[0], [&] {
    const auto feed = [&] { return lanes[0].post([&] { ran.arrive(); }, 1000, post_kind::data); };
    for (int i = 0; i < 4; ++i) EXPECT_EQ(feed(), post_result::accepted);
    EXPECT_EQ(feed(), post_result::full);
    EXPECT_TRUE(lanes[0].stats().paused);
  });
  EXPECT_TRUE(ran.wait());
  on_lane(lanes[0], [] {});
  EXPECT_FALSE(on_lane(lanes[0], [&] { return lanes[0].stats().paused; }));
  lanes.finish();
}

TEST(LaneBounds, ManyLanesUnderPressureLoseNothing) {
  constexpr std::size_t each = 20'000;
  started_group lanes(lane_options{.lanes = 3, .inbox_bytes_max = 4096});
  std::array<std::size_t, 2> got{};
  std::array<std::size_t, 2> sent{};
  std::array<pipe_fd, 2> pipes;  // stand for clients: always readable, each read feeds lane 2
  std::array<std::unique_ptr<reader>, 2> clients;
  countdown done(2 * each);
  for (std::size_t i = 0; i < 2; ++i) {
    clients[i] = std::make_unique<reader>([&, i](std::uint32_t) {
      for (int burst = 0; burst < 8 && sent[i] < each; ++burst) {
        const auto number = sent[i]++;
        ASSERT_EQ(lanes[2].post(
                      [&, i, number] {
                        EXPECT_EQ(got[i]++, number);
                        done.arrive();
                      },
                      512, post_kind::data),
                  post_result::accepted);
      }
      if (sent[i] == each) lanes[i].forget(pipes[i].ends[0], *clients[i]);
    });
    pipes[i].fill();
    on_lane(lanes[i], [&] { EXPECT_TRUE(lanes[i].watch(pipes[i].ends[0], *clients[i], EPOLLIN)); });
  }
  EXPECT_TRUE(done.wait());
  EXPECT_GT(lanes[0].stats().pauses + lanes[1].stats().pauses, 0U);
  lanes.finish();
}

// -- watchdog ---------------------------------------------------------------------------------

TEST(Watchdog, SlowHandlerIsReportedWithItsName) {
  log_lines lines;
  started_group lanes(lane_options{.lanes = 1, .slow_turn = 20ms, .log = lines.make()});
  on_lane(lanes[0], [&] {
    const handler_scope outer(lanes[0], "batch");
    const handler_scope inner(lanes[0], "order");
    const auto until = clock::now() + 25ms;
    while (clock::now() < until) {
    }
  });
  EXPECT_NE(lines.wait_for("handler 'order' held lane 0 for "), "");
  on_lane(lanes[0], [] {});
  EXPECT_EQ(lanes[0].stats().slow_turns, 1U) << lines.all();
  EXPECT_GE(lanes[0].stats().longest_turn, 25ms);
  lanes.finish();
}

TEST(Watchdog, HangingLaneIsReportedWhileItHangs) {
  log_lines lines;
  started_group lanes(lane_options{.lanes = 2, .slow_turn = 20ms, .log = lines.make()});
  std::promise<void> release;
  ASSERT_EQ(lanes[1].post([&](lane& here) {
    const handler_scope scope(here, "a name that is longer than the forty-seven bytes of room");
    release.get_future().wait();
  }),
            post_result::accepted);
  EXPECT_NE(lines.wait_for("handler 'a name that is longer than the forty-seven byte' "
                           "still holds lane 1 after "),
            "");
  EXPECT_EQ(on_lane(lanes[0], [] { return 1; }), 1) << "other lanes are not affected";
  release.set_value();
  lanes.finish();
}

// -- group ------------------------------------------------------------------------------------

TEST(LaneGroup, HasAtMost64LanesAndAtLeastOne) {
  EXPECT_EQ(lane_group(lane_options{.lanes = 1000}).size(), 64U);
  EXPECT_GE(lane_group(lane_options{}).size(), 1U);
}

TEST(LaneGroup, PlacesConnectionsWhereFewestAre) {
  lane_group group(lane_options{.lanes = 3});
  std::vector<connection_slot> slots;
  for (int i = 0; i < 30; ++i) slots.push_back(group.place_connection());
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(group.at(i).connections(), 10U);
  std::erase_if(slots, [&](const connection_slot& s) { return s.home() == &group.at(1); });
  EXPECT_EQ(group.at(1).connections(), 0U);
  EXPECT_EQ(group.place_connection().home(), &group.at(1));
}

TEST(LaneGroup, StopRunsWhatIsQueuedAlsoBetweenLanes) {
  lane_group group(lane_options{.lanes = 2});
  group.start();
  std::atomic<int> hops{0};
  std::function<void(lane&)> hop = [&](lane& here) {
    if (++hops == 1000) return;
    lane& other = group.at(static_cast<std::size_t>(here.index()) == 0 ? 1 : 0);
    EXPECT_EQ(other.post([&](lane& there) { hop(there); }), post_result::accepted);
  };
  ASSERT_EQ(group.at(std::size_t{0}).post([&](lane& here) { hop(here); }), post_result::accepted);
  EXPECT_TRUE(group.stop(30s).clean());
  EXPECT_EQ(hops, 1000);
  EXPECT_EQ(group.at(std::size_t{0}).post([] {}), post_result::closed);
}

TEST(LaneGroup, StopReportsALaneThatIsStuck) {
  std::promise<void> entered;
  std::promise<void> release;
  lane_group group(lane_options{.lanes = 2});
  group.start();
  ASSERT_EQ(group.at(std::size_t{1}).post([&](lane& here) {
    const handler_scope scope(here, "stubborn");
    entered.set_value();
    release.get_future().wait();
  }),
            post_result::accepted);
  entered.get_future().wait();
  const auto report = group.stop(50ms);
  ASSERT_EQ(report.stuck.size(), 1U);
  EXPECT_EQ(report.stuck[0].index, lane_index{1});
  EXPECT_EQ(report.stuck[0].handler, "stubborn");
  release.set_value();
}

TEST(LaneGroup, EndlessWorkEndsAtTheDeadline) {
  lane_group group(lane_options{.lanes = 1});
  group.start();
  std::function<void(lane&)> again = [&](lane& here) {
    static_cast<void>(here.post([&](lane& there) { again(there); }));
  };
  ASSERT_EQ(group.at(std::size_t{0}).post([&](lane& here) { again(here); }), post_result::accepted);
  const auto report = group.stop(50ms);
  EXPECT_TRUE(report.stuck.empty());
  EXPECT_LE(report.dropped, 1U);
}

TEST(LaneGroup, StartsAndStopsAHundredTimesUnderLoad) {
  for (int round = 0; round < 100; ++round) {
    lane_group group(lane_options{.lanes = 2, .pin_cpus = round % 2 == 0});
    std::atomic<std::uint64_t> ran{0};
    std::atomic<std::uint64_t> accepted{0};
    group.start();
    {
      std::vector<std::jthread> feeders;
      for (std::size_t f = 0; f < 2; ++f) {
        feeders.emplace_back([&, f] {
          for (int i = 0; i < 200; ++i) {
            if (group.at(f).post([&] { ++ran; }) == post_result::accepted) ++accepted;
          }
        });
      }
      if (round % 2 == 0) feeders.clear();
      ASSERT_TRUE(group.stop(30s).clean()) << "round " << round;
    }
    ASSERT_EQ(ran, accepted);
  }
}

}  // namespace
}  // namespace gossamer
