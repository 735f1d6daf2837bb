// How the network cuts a stream must not matter.
#include "tests/unit/websocket/decoder_harness.hpp"
#include "tests/unit/websocket/stream_generator.hpp"

#include <gtest/gtest.h>

#include <map>

namespace gossamer::websocket {
namespace {

TEST(FrameDecoder, GivesTheSameEventsHoweverTheStreamIsCut) {
  seeded_random random(2026);
  std::map<event_kind, int> count;
  for (int round = 0; round < 3000; ++round) {
    const std::string stream = random_stream(random, {});
    const std::uint32_t limit = random.below(4) == 0 ? 200 : roomy;
    const auto whole = decode(stream, limit);
    ASSERT_EQ(decode_by(1, stream, limit), whole) << "round " << round;
    ASSERT_EQ(decode_randomly(random, 2, stream, limit), whole) << "round " << round;
    ASSERT_EQ(decode_randomly(random, 50, stream, limit), whole) << "round " << round;
    ASSERT_EQ(decode_randomly(random, 1000, stream, limit), whole) << "round " << round;
    for (const auto& one : whole) ++count[one.kind];
  }
  for (int kind = 0; kind <= static_cast<int>(event_kind::failed); ++kind) {
    EXPECT_GT(count[static_cast<event_kind>(kind)], 100) << "the streams show too little";
  }
}

TEST(FrameDecoder, FaultlessStreamsNeverFail) {
  seeded_random random(7);
  for (int round = 0; round < 2000; ++round) {
    for (const auto& one : decode(random_stream(random, {.fault_one_in = 0}))) {
      ASSERT_NE(one.kind, event_kind::failed) << one << " in round " << round;
    }
  }
}

}  // namespace
}  // namespace gossamer::websocket
