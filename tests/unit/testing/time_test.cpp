// Virtual time: what waits for a time comes at it, and not before.
#include <gtest/gtest.h>

#include <gossamer/testing.hpp>
#include <string>
#include <thread>
#include <vector>

namespace {

using gossamer::testing::server;
using std::chrono::milliseconds;
using std::chrono::seconds;

gossamer::options pings() {
  gossamer::options how;
  how.ping_interval = seconds(25);
  how.ping_timeout = seconds(20);
  return how;
}

TEST(VirtualTime, StandsStillUntilItIsAdvanced) {
  server io;
  int calls = 0;
  (void)io.after(seconds(1), [&] { ++calls; });
  io.run();
  io.advance(milliseconds(999));
  EXPECT_EQ(calls, 0);
  io.advance(milliseconds(11));  // the tick of the wheels
  EXPECT_EQ(calls, 1);
}

TEST(VirtualTime, EndsAClientThatAnswersNoPing) {
  server io(pings());
  std::vector<std::string> reasons;
  io.sockets().on_disconnect([&](gossamer::socket, gossamer::disconnect_reason why) {
    reasons.emplace_back(gossamer::text(why));
  });
  auto good = io.connect();
  auto silent = io.connect({.answers_pings = false});
  io.advance(seconds(39));
  EXPECT_TRUE(silent.connected());
  io.advance(seconds(7));
  EXPECT_FALSE(silent.connected());
  EXPECT_EQ(reasons, std::vector<std::string>{"ping timeout"});
  io.advance(seconds(3600));
  EXPECT_TRUE(good.connected());
  good.freeze();
  io.advance(seconds(46));
  EXPECT_EQ(reasons.size(), 2U);
}

TEST(VirtualTime, EndsAQuestionThatNobodyAnswers) {
  server io;
  std::string outcome;
  io.on("ask me", [&](gossamer::socket s) -> gossamer::task<> {
    const auto age = co_await s.timeout(seconds(2)).ask<int>("age");
    outcome = age ? "answered" : age.error().message();
  });
  auto ada = io.connect();
  ada.emit("ask me");
  io.advance(milliseconds(1'999));
  EXPECT_EQ(outcome, "");
  io.advance(milliseconds(11));
  EXPECT_EQ(outcome, gossamer::make_error_code(gossamer::errc::ack_timeout).message());
}

TEST(VirtualTime, EndsMiddlewareThatDoesNotDecide) {
  gossamer::options how;
  how.connect_timeout = seconds(45);
  server io(how);
  std::vector<gossamer::next> undecided;
  io.use([&](gossamer::socket, gossamer::next go_on) { undecided.push_back(go_on); });
  auto ada = io.connect();
  io.advance(seconds(44));
  EXPECT_FALSE(ada.refused());
  io.advance(seconds(2));
  EXPECT_FALSE(ada.connected());
  EXPECT_TRUE(ada.refused());
}

TEST(VirtualTime, EndsAKeptSession) {
  gossamer::options how;
  how.connection_state_recovery.emplace().max_disconnection_duration = seconds(120);
  server io(how);
  io.on_connection([](gossamer::socket s) {
    if (!s.recovered()) s.join("lobby");
  });
  auto ada = io.connect();
  const auto id = ada.id();
  io.to("lobby").emit("before", 1);
  io.run();
  ada.drop();
  io.to("lobby").emit("missed", 2);
  io.advance(seconds(119));
  ada.reconnect();
  EXPECT_TRUE(ada.recovered());
  EXPECT_EQ(ada.id(), id);
  ada.expect("before");
  EXPECT_EQ(ada.expect("missed").get<int>(), 2);
  ada.drop();
  io.advance(seconds(121));
  ada.reconnect();
  EXPECT_TRUE(ada.connected());
  EXPECT_FALSE(ada.recovered());
  EXPECT_NE(ada.id(), id);
}

TEST(VirtualTime, DoesNotComeToRestIfAHandlerPostsItselfForEver) {
  server io;
  std::function<void()> again = [&] { (void)io.after(milliseconds(0), again); };
  again();
  EXPECT_THROW(io.run(), std::logic_error);
  again = [] {};
  io.advance(milliseconds(10));
}

TEST(VirtualTime, WaitsForThreadsOfTheProgram) {
  server io;
  std::thread worker;
  io.on("report", [&](std::string month, gossamer::ack reply) {
    worker = std::thread([month, reply] { reply("report of " + month); });
  });
  auto ada = io.connect();
  const auto report = ada.emit_with_ack("report", "May");
  EXPECT_TRUE(io.time().run_until([&] { return report.arrived(); }));
  worker.join();
  EXPECT_EQ(report.get<std::string>(), "report of May");
  EXPECT_FALSE(io.time().run_until([] { return false; }, milliseconds(5)));
}

}  // namespace
