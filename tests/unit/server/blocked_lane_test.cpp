// A handler that blocks its lane: everybody else is served, nobody is closed, and the log names it.
#include "tests/unit/server/loopback.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <vector>

namespace gossamer::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr auto block_time = 3s;
// More than the lane takes from the kernel in one turn, on each of the two lanes.
constexpr std::size_t clients_count = 200;

class BlockedLane : public ::testing::Test {
 protected:
  BlockedLane() {
    io().on("echo", [](socket, std::string text) { return text; });
    io().on("shout", [](socket s, int number) {
      s.to("hall").emit("shouted", number);
      return number;
    });
    io().on("order", [this](socket) {
      entered_.set_value();
      may_go_on_.get_future().wait();
      return "done";
    });
    io().on_connection([this](socket s) {
      s.join("hall");
      s.on_disconnect([this](socket, disconnect_reason) { ++closed_; });
    });
    server_.listen();
    for (std::size_t i = 0; i < clients_count; ++i) {
      auto made = std::make_unique<socket_client>(server_.port);
      auto& side = made->lane() == lane_index{0} ? on_blocked_ : on_free_;
      side.push_back(std::move(made));
    }
  }
  server& io() { return server_.io; }

  // Each client of that lane owes it a pong when the handler begins, and sends it meanwhile.
  void block_while_pongs_are_due() {
    for (auto& each : on_blocked_) ASSERT_EQ(each->wire.frame(), "text:2");
    on_blocked_.front()->emit(R"(["order"])", "7");
    entered_.get_future().wait();
    for (auto& each : on_blocked_) each->wire.text("3");
  }
  void round_trips() {
    for (auto& each : on_free_) ASSERT_EQ(each->echo("free"), R"(["free"])");
  }

  std::atomic<int> closed_{0};
  std::promise<void> entered_;
  std::promise<void> may_go_on_;
  // Before the clients: its handlers use what is above until it has stopped.
  loopback_server server_{[](options& to) {
    to.ping_interval = 1s;
    to.ping_timeout = 2s;
  }};
  std::vector<std::unique_ptr<socket_client>> on_blocked_;
  std::vector<std::unique_ptr<socket_client>> on_free_;
};

TEST_F(BlockedLane, DisturbsNobodyElseAndIsNamed) {
  ASSERT_GT(on_blocked_.size(), 64U);
  ASSERT_GT(on_free_.size(), 64U);
  block_while_pongs_are_due();
  const auto began = steady_clock::now();

  // What needs the blocked lane would not come back in this loop.
  int shouted = 0;
  while (steady_clock::now() - began < block_time) {
    round_trips();
    on_free_.front()->emit("[\"shout\"," + std::to_string(++shouted) + "]", "7");
    on_free_.front()->answer();
  }
  EXPECT_THAT(server_.log.wait_for("still holds"), HasSubstr("handler 'order' still holds lane 0"));
  EXPECT_EQ(closed_, 0);

  may_go_on_.set_value();
  EXPECT_EQ(on_blocked_.front()->answer(), R"(["done"])");
  for (std::size_t i = 1; i < on_blocked_.size(); ++i) {
    for (int number = 1; number <= shouted; ++number) {
      ASSERT_EQ(on_blocked_[i]->next(), "42[\"shouted\"," + std::to_string(number) + "]");
    }
  }
  for (auto& each : on_blocked_) EXPECT_EQ(each->echo("again"), R"(["again"])");
  EXPECT_THAT(server_.log.wait_for("handler 'order' held"), HasSubstr("held lane 0 for 3"));
  EXPECT_EQ(closed_, 0);
  EXPECT_EQ(io().counts().websocket_sessions, clients_count);
}

TEST_F(BlockedLane, TakesNoNewClients) {
  on_blocked_.front()->emit(R"(["order"])", "7");
  entered_.get_future().wait();
  (void)server_.log.wait_for("still holds");
  // The lanes have as many connections each: without a look at who is blocked, half of these wait.
  for (int i = 0; i < 20; ++i) {
    auto made = std::make_unique<socket_client>(server_.port);
    EXPECT_EQ(made->lane(), lane_index{1});
    on_free_.push_back(std::move(made));
  }
  test_client by_polling(server_.port);
  EXPECT_EQ(by_polling.get(polling_url).status, 200U);
  may_go_on_.set_value();
  EXPECT_EQ(on_blocked_.front()->answer(), R"(["done"])");
}

}  // namespace
}  // namespace gossamer::test
