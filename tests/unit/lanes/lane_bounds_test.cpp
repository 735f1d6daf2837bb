// What keeps lanes in bounds: queues, the watchdog, the deadline of a stop.
#include "runtime/lanes/lane.hpp"
#include "tests/unit/lanes/lane_fixture.hpp"

#include <atomic>
#include <cerrno>
#include <memory>
#include <stdexcept>
#include <sys/epoll.h>
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
