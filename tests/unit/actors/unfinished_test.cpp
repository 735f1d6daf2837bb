// Packets of which attachments are missing: bounded over all clients of a lane.
#include "actors/counters.hpp"
#include "actors/unfinished_packets.hpp"
#include "tests/unit/actors/fake_clients.hpp"

#include <gtest/gtest.h>

namespace gossamer {
namespace {

using test::world;

constexpr std::size_t bytes_max = 10'000;
const std::string head =
    R"(52-["two",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])";

class Unfinished : public testing::Test {
 protected:
  Unfinished() {
    w.of("/").on("two", [this](socket, bytes, bytes) { ++complete; });
    w.start();
  }
  static detail::socketio_options narrow() {
    detail::socketio_options how;
    how.unfinished_bytes_max = 2 * bytes_max;  // of two lanes
    return how;
  }
  test::fake_client& holds(std::size_t lane, std::size_t size) {
    auto& client = w.open(lane);
    client.joins();
    client.says(head);
    client.says_binary(std::string(size, 'x'));
    return client;
  }
  std::uint64_t held(std::size_t lane) {
    return w.core().counts(lane_index(lane)).unfinished_bytes.get();
  }
  std::uint64_t closed(std::size_t lane) {
    return w.core().counts(lane_index(lane)).unfinished_closed.get();
  }

  world w{2, narrow()};
  std::atomic<int> complete{0};
};

TEST_F(Unfinished, BytesAreCountedUntilThePacketIsCompleteOrItsClientGone) {
  auto& one = holds(0, 1000);
  EXPECT_EQ(held(0), head.size() + 1000);
  auto& two = holds(0, 500);
  EXPECT_EQ(held(0), 2 * head.size() + 1500);
  EXPECT_EQ(held(1), 0U);
  one.says_binary("last");
  EXPECT_EQ(held(0), head.size() + 500);
  EXPECT_EQ(complete, 1);
  two.drops();
  EXPECT_EQ(held(0), 0U);
  auto& wrong = holds(0, 100);
  wrong.says(R"(2["text in between"])");
  w.settle();
  EXPECT_EQ(wrong.closed(), close_reason::forced_close);
  EXPECT_EQ(held(0), 0U);
  EXPECT_EQ(closed(0), 0U);
}

TEST_F(Unfinished, OverTheBoundTheOldestGoes) {
  auto& oldest = holds(0, 4000);
  auto& other_lane = holds(1, 4000);
  auto& newer = holds(0, 4000);
  EXPECT_EQ(closed(0), 0U);
  auto& last = holds(0, 4000);
  w.settle();
  EXPECT_EQ(oldest.closed(), close_reason::forced_close);
  EXPECT_EQ(closed(0), 1U);
  EXPECT_EQ(held(0), 2 * (head.size() + 4000));
  for (auto* each : {&newer, &last, &other_lane}) {
    EXPECT_EQ(each->closed(), std::nullopt);
    each->says_binary("last");
  }
  EXPECT_EQ(complete, 3);
  EXPECT_EQ(held(0) + held(1), 0U);
}

TEST_F(Unfinished, APacketThatIsTooMuchAloneClosesItsClient) {
  auto& client = holds(0, bytes_max);
  w.settle();
  EXPECT_EQ(client.closed(), close_reason::forced_close);
  EXPECT_EQ(held(0), 0U);
  EXPECT_EQ(closed(0), 1U);
  auto& whole = w.open(0);  // what is complete at once is bounded elsewhere
  whole.joins();
  whole.says(head);
  whole.says_binary("a");
  whole.says_binary(std::string(2 * bytes_max, 'x'));
  EXPECT_EQ(complete, 1);
  EXPECT_EQ(whole.closed(), std::nullopt);
}

}  // namespace
}  // namespace gossamer
