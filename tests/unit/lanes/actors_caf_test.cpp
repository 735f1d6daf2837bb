#include "runtime/lanes/actors_caf.hpp"

#include "runtime/lanes/actor_runtime_caf.hpp"
#include "runtime/lanes/errc.hpp"
#include "tests/unit/lanes/waiting.hpp"

#include <boost/system/system_error.hpp>
#include <caf/actor_registry.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

namespace gossamer {

struct numbered {
  int from = 0;
  int number = 0;
};
struct unknown_to_all {};

}  // namespace gossamer

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gossamer::numbered)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gossamer::unknown_to_all)

namespace gossamer {
namespace {

using testing::countdown;
using testing::log_lines;
using testing::on_lane;
using namespace std::chrono_literals;

/// Empty if the stop was clean, else what was left.
std::string left_by(const actors_stopped& report) {
  if (report.clean()) return {};
  return fmt::format("actors={} lean={} pinned={} stuck={} dropped={} system_left={}",
                     report.actors_alive, report.lean_alive, report.pinned_alive.size(),
                     report.lanes.stuck.size(), report.lanes.dropped, report.system_left);
}

struct runtime_of {
  explicit runtime_of(lane_options options) : runtime(std::move(options)) {}
  explicit runtime_of(std::size_t lanes) : runtime(lane_options{.lanes = lanes}) {}
  ~runtime_of() { finish(); }
  /// Ends the runtime. At the end of a test, before the locals that lanes use are gone.
  void finish() {
    if (std::exchange(stopped, true)) return;
    EXPECT_EQ(left_by(runtime.stop(30s)), "");
  }
  lane& operator[](std::size_t i) { return runtime.lanes().at(i); }
  actor_runtime runtime;
  bool stopped = false;
};

/// An ordinary actor from a function. The unused argument keeps CAF 0.17.6 from binding a reference
/// to nothing, which UBSan rightly reports (init_fun_factory.hpp).
template <caf::spawn_options Options = caf::no_spawn_options, class F>
caf::actor spawn_plain(runtime_of& run, F f) {
  return run.runtime.system().spawn<Options>(
      [f](caf::event_based_actor* self, int) { return f(self); }, 0);
}

/// What a probe tells the test; outlives the actor.
struct seen {
  std::atomic<int> messages{0};
  std::atomic<int> inversions{0};
  std::atomic<int> off_lane{0};
  std::atomic<int> exits{0};
  std::atomic<bool> destroyed{false};
  caf::error last_exit;
  std::promise<void> down;
  std::optional<countdown> expected;
};

class probe : public lean_actor {
 public:
  probe(caf::actor_config& config, seen* report) : lean_actor(config), report_(report) {}
  ~probe() override { report_->destroyed = true; }

 protected:
  void on_message(caf::mailbox_element& message) override {
    if (!home().is_current()) ++report_->off_lane;
    ++report_->messages;
    auto& content = message.content();
    if (content.match_elements<numbered>()) {
      const auto& got = content.get_as<numbered>(0);
      if (got.number != next_[static_cast<std::size_t>(got.from)]++) ++report_->inversions;
      if (report_->expected) report_->expected->arrive();
    } else if (content.match_elements<int>()) {
      reply(message, caf::make_message(content.get_as<int>(0) + 1));
    } else if (content.match_elements<std::string>()) {
      throw std::runtime_error(content.get_as<std::string>(0));
    } else {
      drop_unknown(message);
    }
  }
  void on_exit_message(caf::error reason) override {
    if (!home().is_current()) ++report_->off_lane;
    ++report_->exits;
    report_->last_exit = reason;
    terminate(std::move(reason));
  }
  void on_down_message(caf::down_msg&) override { report_->down.set_value(); }

 private:
  seen* report_;
  std::array<int, 8> next_{};
};

TEST(LeanActor, IsSmall) {
  EXPECT_LE(sizeof(lean_actor), 200U);
}

TEST(LeanActor, AnswersARequestOnItsLane) {
  seen report;
  runtime_of run(2);
  auto actor = spawn_on<probe>(run[1], &report);
  caf::scoped_actor self{run.runtime.system()};
  int answer = 0;
  self->request(actor, 30s, 41)
      .receive([&](int got) { answer = got; }, [](caf::error&) { FAIL(); });
  EXPECT_EQ(answer, 42);
  EXPECT_EQ(report.off_lane, 0);
}

TEST(LeanActor, MessagesAndDeliveriesOfOneSenderStayInOrder) {
  constexpr int each = 20'000;
  seen report;
  report.expected.emplace(4 * each);
  runtime_of run(2);
  auto actor = spawn_on<probe>(run[0], &report);
  const auto feed = [&](int from) {
    for (int i = 0; i < each; ++i) caf::anon_send(actor, numbered{from, i});
  };
  std::vector<std::jthread> threads;
  threads.emplace_back(feed, 0);
  ASSERT_EQ(run[0].post([&] { feed(1); }), post_result::accepted);
  ASSERT_EQ(run[1].post([&] { feed(2); }), post_result::accepted);
  spawn_plain<caf::detached>(run, [actor](caf::event_based_actor* self) {
    for (int i = 0; i < each; ++i) self->send(actor, numbered{3, i});
  });
  EXPECT_TRUE(report.expected->wait());
  EXPECT_EQ(report.inversions, 0);
  EXPECT_EQ(report.off_lane, 0);
  run.finish();
}

TEST(LeanActor, MessageKeepsItsPlaceAmongPostedFunctions) {
  seen report;
  runtime_of run(2);
  auto actor = spawn_on<probe>(run[1], &report);
  std::atomic<int> wrong{0};
  for (int i = 0; i < 1000; ++i) {
    caf::anon_send(actor, numbered{0, i});
    ASSERT_EQ(run[1].post([&, i] {
      if (report.messages != i + 1) ++wrong;
    }),
              post_result::accepted);
  }
  on_lane(run[1], [] {});
  EXPECT_EQ(wrong, 0);
  run.finish();
}

class exit_reasons : public ::testing::TestWithParam<caf::exit_reason> {};

TEST_P(exit_reasons, ReachTheActorOnItsLaneAndThenItsMonitors) {
  seen report;
  runtime_of run(2);
  auto actor = spawn_on<probe>(run[1], &report);
  caf::scoped_actor self{run.runtime.system()};
  self->monitor(actor);
  self->send_exit(actor, caf::error(GetParam()));
  caf::error reason;
  self->receive([&](caf::down_msg& down) { reason = down.reason; });
  EXPECT_EQ(reason, caf::error(GetParam()));
  EXPECT_EQ(report.exits, 1);
  EXPECT_EQ(report.off_lane, 0);
  EXPECT_EQ(report.last_exit, caf::error(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(All, exit_reasons,
                         ::testing::Values(caf::exit_reason::normal, caf::exit_reason::kill,
                                           caf::exit_reason::user_shutdown,
                                           caf::exit_reason::remote_link_unreachable));

TEST(LeanActor, MonitorSetAfterItsEndFiresWithTheReason) {
  seen report;
  runtime_of run(1);
  auto actor = spawn_on<probe>(run[0], &report);
  on_lane(run[0], [&] {
    caf::actor_cast<caf::abstract_actor*>(actor);
    static_cast<probe*>(caf::actor_cast<caf::abstract_actor*>(actor))
        ->terminate(caf::exit_reason::kill);
  });
  caf::scoped_actor self{run.runtime.system()};
  self->monitor(actor);
  caf::error reason;
  self->receive([&](caf::down_msg& down) { reason = down.reason; });
  EXPECT_EQ(reason, caf::error(caf::exit_reason::kill));
}

TEST(LeanActor, LinkedActorsEndTogether) {
  seen first;
  seen second;
  runtime_of run(2);
  auto a = spawn_on<probe>(run[0], &first);
  auto b = spawn_on<probe>(run[1], &second);
  caf::scoped_actor self{run.runtime.system()};
  self->monitor(b);
  on_lane(run[0],
          [&] { static_cast<probe*>(caf::actor_cast<caf::abstract_actor*>(a))->link_to(b); });
  caf::anon_send_exit(a, caf::exit_reason::kill);
  caf::error reason;
  self->receive([&](caf::down_msg& down) { reason = down.reason; });
  EXPECT_EQ(reason, caf::error(caf::exit_reason::kill));
  EXPECT_EQ(second.exits, 1);
}

TEST(LeanActor, SeesTheEndOfAMonitoredActor) {
  seen report;
  runtime_of run(1);
  auto actor = spawn_on<probe>(run[0], &report);
  auto other =
      spawn_plain(run, [](caf::event_based_actor*) -> caf::behavior { return {[](int) {}}; });
  on_lane(run[0], [&] {
    static_cast<probe*>(caf::actor_cast<caf::abstract_actor*>(actor))
        ->monitor(caf::actor_cast<caf::abstract_actor*>(other), caf::message_priority::normal);
  });
  caf::anon_send_exit(other, caf::exit_reason::kill);
  EXPECT_EQ(report.down.get_future().wait_for(testing::patience), std::future_status::ready);
  run.finish();
}

TEST(LeanActor, RequestToADeadOneIsBounced) {
  seen report;
  runtime_of run(1);
  auto actor = spawn_on<probe>(run[0], &report);
  caf::scoped_actor self{run.runtime.system()};
  self->monitor(actor);
  caf::anon_send_exit(actor, caf::exit_reason::kill);
  self->receive([](caf::down_msg&) {});
  caf::error failure;
  self->request(actor, 30s, 1).receive([](int) { FAIL(); }, [&](caf::error& e) { failure = e; });
  EXPECT_EQ(failure, caf::error(caf::sec::request_receiver_down));
}

TEST(LeanActor, RequestThatFindsTheQueueFullIsBounced) {
  seen report;
  std::promise<void> entered;
  std::promise<void> release;
  runtime_of run(lane_options{.lanes = 1, .inbox_bytes_max = 1000});
  auto actor = spawn_on<probe>(run[0], &report);
  caf::scoped_actor self{run.runtime.system()};
  ASSERT_EQ(run[0].post(
                [&] {
                  entered.set_value();
                  release.get_future().wait();
                },
                1000),
            post_result::accepted);
  entered.get_future().wait();
  caf::error failure;
  self->request(actor, 30s, 1).receive([](int) { FAIL(); }, [&](caf::error& e) { failure = e; });
  release.set_value();
  EXPECT_EQ(failure, caf::error(caf::sec::request_receiver_down));
  EXPECT_EQ(run[0].stats().refused[static_cast<std::size_t>(post_kind::data)], 1U);
}

TEST(LeanActor, UnknownMessagesAreCountedAndRequestsAnswered) {
  seen report;
  runtime_of run(1);
  auto actor = spawn_on<probe>(run[0], &report);
  caf::scoped_actor self{run.runtime.system()};
  caf::error failure;
  self->request(actor, 30s, unknown_to_all{})
      .receive([] { FAIL(); }, [&](caf::error& e) { failure = e; });
  EXPECT_EQ(failure, caf::error(caf::sec::unexpected_message));
  EXPECT_EQ(run.runtime.unknown_messages(), 1U);
}

TEST(LeanActor, ThrowingHandlerAnswersTheRequestAndLivesOn) {
  log_lines lines;
  seen report;
  runtime_of run(lane_options{.lanes = 1, .log = lines.make()});
  auto actor = spawn_on<probe>(run[0], &report);
  caf::scoped_actor self{run.runtime.system()};
  caf::error failure;
  self->request(actor, 30s, std::string("bad day"))
      .receive([] { FAIL(); }, [&](caf::error& e) { failure = e; });
  EXPECT_EQ(failure, caf::error(caf::sec::runtime_error));
  EXPECT_NE(lines.wait_for("threw: bad day"), "");
  int answer = 0;
  self->request(actor, 30s, 1).receive([&](int got) { answer = got; }, [](caf::error&) { FAIL(); });
  EXPECT_EQ(answer, 2);
}

TEST(LeanActor, LivesWithoutHandlesUntilItEnds) {
  seen report;
  runtime_of run(1);
  auto actor = spawn_on<probe>(run[0], &report);
  actor = nullptr;
  on_lane(run[0], [] {});
  EXPECT_FALSE(report.destroyed);
  EXPECT_EQ(report.exits, 0);
  run.finish();
}

TEST(LeanActor, HandleDroppedLastElsewhereOnlyFreesMemory) {
  seen report;
  runtime_of run(2);
  auto actor = spawn_on<probe>(run[0], &report);
  caf::scoped_actor self{run.runtime.system()};
  self->monitor(actor);
  caf::anon_send_exit(actor, caf::exit_reason::normal);
  self->receive([](caf::down_msg&) {});
  on_lane(run[0], [] {});
  EXPECT_FALSE(report.destroyed);
  std::thread([&] { actor = nullptr; }).join();
  EXPECT_TRUE(report.destroyed);
  EXPECT_EQ(report.exits, 1);
}

struct counter_actor final : pinned_actor {
  counter_actor(caf::actor_config& config, std::atomic<int>* off_lane)
      : pinned_actor(config), wrong(off_lane) {}
  caf::behavior make_behavior() override {
    return {[this](int x) {
              if (!home().is_current()) ++*wrong;
              return x * 2;
            },
            [](const std::string& text) -> int { throw std::runtime_error(text); }};
  }
  [[nodiscard]] const char* name() const override { return "counter"; }
  std::atomic<int>* wrong;
};

TEST(PinnedActor, RunsOnItsLaneWhoeverSends) {
  std::atomic<int> off_lane{0};
  countdown sent(2);
  runtime_of run(2);
  auto actor = spawn_on<counter_actor>(run[1], &off_lane);
  caf::scoped_actor self{run.runtime.system()};
  for (std::size_t i = 0; i < 2; ++i) {
    ASSERT_EQ(run[i].post([&] {
      for (int n = 0; n < 1000; ++n) caf::anon_send(actor, n);
      sent.arrive();
    }),
              post_result::accepted);
  }
  EXPECT_TRUE(sent.wait());
  int answer = 0;
  self->request(actor, 30s, 21)
      .receive([&](int got) { answer = got; }, [](caf::error&) { FAIL(); });
  EXPECT_EQ(answer, 42);
  EXPECT_EQ(off_lane, 0);
}

TEST(PinnedActor, ThrowIsLoggedWithItsNameAndEndsIt) {
  log_lines lines;
  std::atomic<int> off_lane{0};
  runtime_of run(lane_options{.lanes = 1, .log = lines.make()});
  auto actor = spawn_on<counter_actor>(run[0], &off_lane);
  caf::scoped_actor self{run.runtime.system()};
  self->monitor(actor);
  self->send(actor, std::string("no"));
  caf::error reason;
  self->receive([&](caf::down_msg& down) { reason = down.reason; });
  EXPECT_EQ(reason, caf::error(caf::sec::runtime_error));
  EXPECT_NE(lines.wait_for("handler 'counter' on lane 0 threw: no"), "");
}

TEST(PinnedActor, DropsAndCountsWhatItDoesNotKnow) {
  std::atomic<int> off_lane{0};
  runtime_of run(1);
  auto actor = spawn_on<counter_actor>(run[0], &off_lane);
  caf::scoped_actor self{run.runtime.system()};
  caf::error failure;
  self->request(actor, 30s, unknown_to_all{})
      .receive([] { FAIL(); }, [&](caf::error& e) { failure = e; });
  EXPECT_EQ(failure, caf::error(caf::sec::unexpected_message));
  EXPECT_EQ(run.runtime.unknown_messages(), 1U);
}

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
