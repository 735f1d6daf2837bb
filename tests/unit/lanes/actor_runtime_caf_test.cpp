#include "runtime/lanes/actor_runtime_caf.hpp"

#include "runtime/lanes/errc.hpp"
#include "tests/unit/lanes/actors_fixture_caf.hpp"

#include <boost/system/system_error.hpp>
#include <caf/actor_registry.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <functional>
#include <memory>
#include <thread>

namespace gossamer {
namespace {

using testing::counter_actor;
using testing::left_by;
using testing::on_lane;
using testing::probe;
using testing::runtime_of;
using testing::seen;
using testing::spawn_plain;
using namespace std::chrono_literals;

TEST(LaneScheduler, PlainActorsRunOnClientsLanes) {
  runtime_of run(2);
  std::promise<lane*> where;
  spawn_plain(run, [&](caf::event_based_actor*) { where.set_value(lane::current()); });
  lane* ran = where.get_future().get();
  ASSERT_NE(ran, nullptr);
  EXPECT_FALSE(ran->is_service());
  run.finish();
}

TEST(LaneScheduler, DelayedMessagesArrive) {
  runtime_of run(1);
  std::promise<void> arrived;
  spawn_plain(run, [&](caf::event_based_actor* self) -> caf::behavior {
    self->delayed_send(self, 20ms, 7);
    return {[&arrived, self](int) {
      arrived.set_value();
      self->quit();
    }};
  });
  EXPECT_EQ(arrived.get_future().wait_for(testing::patience), std::future_status::ready);
  run.finish();
}

TEST(ActorRuntime, RefusesASystemThatIsNotOurs) {
  caf::actor_system_config config;
  config.set("scheduler.max-threads", std::size_t{1});
  caf::actor_system system{config};
  try {
    const actor_runtime runtime(system);
    FAIL() << "accepted";
  } catch (const boost::system::system_error& e) {
    EXPECT_EQ(e.code(), lanes::errc::system_not_configured);
    EXPECT_NE(std::string(e.what()).find("gossamer::configure"), std::string::npos);
  }
}

TEST(ActorRuntime, UsesASystemOfTheProgram) {
  seen report;
  caf::actor_system_config config;
  configure(config, lane_options{.lanes = 2});
  caf::actor_system system{config};
  {
    actor_runtime runtime(system);
    EXPECT_EQ(runtime.lanes().size(), 2U);
    auto actor = spawn_on<probe>(runtime.lanes().at(std::size_t{0}), &report);
    EXPECT_EQ(left_by(runtime.stop(5s)), "");
  }
  EXPECT_EQ(report.exits, 1);
}

TEST(ActorRuntime, StopEndsActorsWithUserShutdown) {
  seen report;
  std::atomic<int> off_lane{0};
  {
    runtime_of run(2);
    auto lean = spawn_on<probe>(run[0], &report);
    auto pinned = spawn_on<counter_actor>(run[1], &off_lane);
    EXPECT_EQ(left_by(run.runtime.stop(5s)), "");
    run.stopped = true;
  }
  EXPECT_EQ(report.last_exit, caf::error(caf::exit_reason::user_shutdown));
  EXPECT_EQ(report.off_lane, 0);
}

TEST(ActorRuntime, ThreadThatSpawnedAndLivesOnDoesNotHangTheStop) {
  seen report;
  std::promise<void> spawned;
  std::promise<void> release;
  runtime_of run(1);
  std::jthread other([&] {
    spawn_on<probe>(run[0], &report);
    spawned.set_value();
    release.get_future().wait();
  });
  spawned.get_future().wait();
  run.stopped = true;
  EXPECT_EQ(left_by(run.runtime.stop(5s)), "");
  release.set_value();
}

TEST(ActorRuntime, StopsOnAnotherThreadThanItBeganOn) {
  seen report;
  runtime_of run(1);
  spawn_on<probe>(run[0], &report);
  run.stopped = true;
  std::string left;
  std::jthread([&] { left = left_by(run.runtime.stop(5s)); }).join();
  EXPECT_EQ(left, "");
}

TEST(ActorRuntime, HandlesThatOutliveItMayStillBeSentTo) {
  seen report;
  std::atomic<int> off_lane{0};
  caf::actor lean;
  caf::actor pinned;
  {
    runtime_of run(1);
    lean = spawn_on<probe>(run[0], &report);
    pinned = spawn_on<counter_actor>(run[0], &off_lane);
    run.finish();
  }
  caf::anon_send(lean, 1);
  caf::anon_send(pinned, 1);
  EXPECT_EQ(report.messages, 0);
  EXPECT_FALSE(report.destroyed);
  lean = nullptr;
  EXPECT_TRUE(report.destroyed);
}

struct stubborn final : pinned_actor {
  explicit stubborn(caf::actor_config& config) : pinned_actor(config) {
    set_exit_handler([](caf::scheduled_actor*, caf::exit_msg&) {});
  }
  caf::behavior make_behavior() override {
    return {[](int) {}};
  }
  [[nodiscard]] const char* name() const override { return "stubborn"; }
};

TEST(ActorRuntime, StopReportsWhoStaysAlive) {
  caf::actor_system_config config;
  configure(config, lane_options{.lanes = 1});
  auto system = std::make_unique<caf::actor_system>(config);
  auto runtime = std::make_unique<actor_runtime>(*system);
  auto actor = spawn_on<stubborn>(runtime->lanes().at(std::size_t{0}));
  const auto report = runtime->stop(100ms);
  EXPECT_EQ(report.actors_alive, 1U);
  ASSERT_EQ(report.pinned_alive.size(), 1U);
  EXPECT_EQ(report.pinned_alive[0], "stubborn");
  actor = nullptr;
  runtime.reset();
  system.reset();  // does not wait for it
}

TEST(ActorRuntime, KeptHandleOfADetachedActorDoesNotHangTheStop) {
  runtime_of run(1);
  auto kept = spawn_plain<caf::detached>(run, [](caf::event_based_actor*) {});
  const auto report = run.runtime.stop(1ms);
  run.stopped = true;
  EXPECT_TRUE(report.system_left);
}

// Actors of all kinds send to each other, some end meanwhile, and the runtime stops under load.
TEST(ActorRuntime, StartsAndStopsAHundredTimesUnderLoad) {
  for (int round = 0; round < 100; ++round) {
    std::array<seen, 6> reports;
    std::atomic<int> off_lane{0};
    {
      runtime_of run(2);
      std::vector<caf::actor> actors;
      for (std::size_t i = 0; i < reports.size(); ++i) {
        actors.push_back(spawn_on<probe>(run[i % 2], &reports[i]));
      }
      actors.push_back(spawn_on<counter_actor>(run[0], &off_lane));
      spawn_plain<caf::detached>(run, [target = actors[0]](caf::event_based_actor* self) {
        for (int n = 0; n < 20; ++n) self->send(target, 1);
      });
      const std::jthread feeder([actors] {
        for (int n = 0; n < 200; ++n) {
          caf::anon_send(actors[static_cast<std::size_t>(n) % actors.size()], n);
        }
        caf::anon_send_exit(actors[1], caf::exit_reason::kill);
      });
      if (round % 2 == 0) on_lane(run[0], [] {});
      run.stopped = true;
      ASSERT_EQ(left_by(run.runtime.stop(5s)), "") << "round " << round;
    }
    for (auto& each : reports) ASSERT_GE(each.exits, 1);
    ASSERT_EQ(off_lane, 0);
  }
}

}  // namespace
}  // namespace gossamer
