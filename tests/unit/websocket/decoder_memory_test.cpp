// What the decoder keeps, for how long, and where it stops.
#include "gateway/websocket/client_frames.hpp"
#include "runtime/base/limits.hpp"
#include "tests/unit/websocket/decoder_harness.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gossamer::websocket {
namespace {

using testing::ElementsAre;

TEST(FrameDecoder, IdleIsSixteenBytesWithoutHeap) {
  frame_decoder decoder(roomy);
  EXPECT_LE(sizeof(decoder), 16U);
  std::vector<seen> all;
  const std::string stream = encode({opcode::text, "hello"}) + encode({opcode::ping, "p"});
  feed(decoder, stream, all);
  EXPECT_EQ(decoder.buffered_bytes(), 0U);
  for (const char c : stream) feed(decoder, std::string(1, c), all);
  EXPECT_EQ(all.size(), 4U);
  EXPECT_EQ(decoder.buffered_bytes(), 0U);
}

TEST(FrameDecoder, WholeFrameIsHandedOutInPlace) {
  frame_decoder decoder(roomy);
  std::string stream = encode({opcode::text, "in place"}) + encode({opcode::binary, "too"});
  std::span<char> input(stream);
  const auto first = decoder.next(input);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->payload.data(), stream.data() + 6);
  EXPECT_EQ(decoder.buffered_bytes(), 0U);
  const auto second = decoder.next(input);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->payload.data(), stream.data() + stream.size() - 3);
  EXPECT_FALSE(decoder.next(input));
  EXPECT_TRUE(input.empty());
}

TEST(FrameDecoder, MessageOfExactlyTheLimitPasses) {
  const std::string payload(100, 'x');
  EXPECT_THAT(decode(encode({opcode::text, payload}), 100),
              ElementsAre(message(event_kind::text, payload)));
  EXPECT_THAT(decode(encode({opcode::text, payload}), 99),
              ElementsAre(failed(errc::message_too_big)));
  EXPECT_THAT(decode(encode({opcode::text, ""}), 0), ElementsAre(message(event_kind::text, "")));
}

TEST(FrameDecoder, LimitCountsAllFragments) {
  const std::string sixty(60, 'x');
  const std::string stream =
      encode({.code = opcode::binary, .payload = sixty, .final = false}) +
      encode({.code = opcode::continuation, .payload = sixty, .final = true});
  EXPECT_THAT(decode(stream, 120), ElementsAre(message(event_kind::binary, sixty + sixty)));
  EXPECT_THAT(decode(stream, 119), ElementsAre(failed(errc::message_too_big)));
  EXPECT_THAT(decode(stream + stream, 120).size(), 2U) << "each message has the limit for itself";
}

TEST(FrameDecoder, LimitIsDecidedAtTheHeader) {
  const std::string header = encode({opcode::binary, std::string(5000, 'x')}).substr(0, 8);
  EXPECT_THAT(decode(header, 4999), ElementsAre(failed(errc::message_too_big)));
  EXPECT_THAT(decode(header, 5000), ElementsAre());
}

TEST(FrameDecoder, ControlFramesAreNotCountedAsMessageBytes) {
  const std::string payload(125, 'p');
  EXPECT_THAT(decode(encode({opcode::ping, payload}), 10),
              ElementsAre(message(event_kind::ping, payload)));
}

TEST(FrameDecoder, MemoryGrowsWithWhatArrivedNotWithWhatIsAnnounced) {
  constexpr std::uint32_t announced = 1U << 30U;
  frame_decoder decoder(announced);
  std::vector<seen> all;
  const std::string header("\x82\xff\x00\x00\x00\x00\x40\x00\x00\x00mask", 14);
  feed(decoder, header, all);
  const std::size_t fixed = decoder.buffered_bytes();
  EXPECT_LE(fixed, 256U);
  for (std::size_t arrived = 1000; arrived <= 200'000; arrived += 1000) {
    feed(decoder, std::string(1000, 'x'), all);
    ASSERT_LE(decoder.buffered_bytes(), fixed + 2 * arrived);
  }
  EXPECT_TRUE(all.empty());
}

TEST(FrameDecoder, BufferIsNeverLargerThanTheFrame) {
  frame_decoder decoder(roomy);
  std::vector<seen> all;
  const std::string stream = encode({opcode::binary, std::string(3000, 'x')});
  feed(decoder, stream.substr(0, 2000), all);
  std::string rest = stream.substr(2000);
  std::span<char> input(rest);
  ASSERT_TRUE(decoder.next(input));
  EXPECT_LE(decoder.buffered_bytes(), 3000U + 256U);
  EXPECT_FALSE(decoder.next(input));
  EXPECT_EQ(decoder.buffered_bytes(), 0U);
}

TEST(FrameDecoder, TooManyFragmentsEndTheConnection) {
  std::string stream = encode({.code = opcode::binary, .payload = "", .final = false});
  for (std::size_t i = 1; i + 1 < limits::websocket_fragments_max; ++i) {
    append_to(stream, {.code = opcode::continuation, .payload = "", .final = false});
  }
  const std::string last = encode({.code = opcode::continuation, .payload = "x", .final = true});
  const std::string more = encode({.code = opcode::continuation, .payload = "", .final = false});
  EXPECT_THAT(decode(stream + last), ElementsAre(message(event_kind::binary, "x")));
  EXPECT_THAT(decode(stream + more + last), ElementsAre(failed(errc::too_many_fragments)));
}

TEST(FrameDecoder, PingInsideAMessageDoesNotFreeTheMessage) {
  frame_decoder decoder(roomy);
  std::vector<seen> all;
  feed(decoder, encode({.code = opcode::text, .payload = "kept", .final = false}), all);
  for (const char c : encode({opcode::ping, "p"})) feed(decoder, std::string(1, c), all);
  EXPECT_GT(decoder.buffered_bytes(), 0U);
  feed(decoder, encode({.code = opcode::continuation, .payload = "!", .final = true}), all);
  EXPECT_THAT(all, ElementsAre(message(event_kind::ping, "p"), message(event_kind::text, "kept!")));
  EXPECT_EQ(decoder.buffered_bytes(), 0U);
}

TEST(FrameDecoder, EndFreesEverythingAndUsesUpTheInput) {
  for (const auto& end : {encode({.code = opcode::close}), encode({.masked = false})}) {
    frame_decoder decoder(roomy);
    std::vector<seen> all;
    feed(decoder, encode({.code = opcode::text, .payload = "unfinished", .final = false}), all);
    EXPECT_GT(decoder.buffered_bytes(), 0U);
    std::string rest = end + "more";
    std::span<char> input(rest);
    ASSERT_TRUE(decoder.next(input));
    EXPECT_TRUE(decoder.ended());
    EXPECT_FALSE(decoder.next(input));
    EXPECT_TRUE(input.empty());
    EXPECT_EQ(decoder.buffered_bytes(), 0U);
  }
}

TEST(FrameDecoder, MovesWithItsUnfinishedMessage) {
  frame_decoder first(roomy);
  std::vector<seen> all;
  const std::string stream = encode({opcode::text, "moved along"});
  feed(first, stream.substr(0, 9), all);
  frame_decoder second = std::move(first);
  feed(second, stream.substr(9), all);
  EXPECT_THAT(all, ElementsAre(message(event_kind::text, "moved along")));
}

}  // namespace
}  // namespace gossamer::websocket
