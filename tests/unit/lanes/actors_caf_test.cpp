#include "runtime/lanes/actors_caf.hpp"

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

using testing::countdown;
using testing::counter_actor;
using testing::log_lines;
using testing::on_lane;
using testing::probe;
using testing::runtime_of;
using testing::seen;
using testing::spawn_plain;
using namespace std::chrono_literals;

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

}  // namespace
}  // namespace gossamer
