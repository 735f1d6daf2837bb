#include "gateway/websocket/control_frames.hpp"

#include "gateway/websocket/client_frames.hpp"

#include <gtest/gtest.h>

namespace gossamer::websocket {
namespace {

TEST(ControlFrames, PingAndPongCarryTheirPayload) {
  EXPECT_EQ(ping_frame().wire(), std::string_view("\x89\x00", 2));
  EXPECT_EQ(ping_frame("abc").wire(),
            "\x89\x03"
            "abc");
  EXPECT_EQ(pong_frame("abc").wire(),
            "\x8a\x03"
            "abc");
  EXPECT_EQ(pong_frame(std::string(125, 'x')).wire(), "\x8a\x7d" + std::string(125, 'x'));
  EXPECT_EQ(ping_frame().kind(), frame_kind::raw);
}

TEST(ControlFrames, CloseHasItsCodeInFront) {
  EXPECT_EQ(close_frame(close_code::normal).wire(), "\x88\x02\x03\xe8");
  EXPECT_EQ(close_frame(close_code::too_big, "too big").wire(), "\x88\x09\x03\xf1too big");
}

TEST(ControlFrames, CodesThatMayNotBeSentGiveAnEmptyClose) {
  for (const auto code : {close_code::no_status, close_code::abnormal, static_cast<close_code>(0),
                          static_cast<close_code>(1015), static_cast<close_code>(5000)}) {
    EXPECT_EQ(close_frame(code, "reason").wire(), std::string_view("\x88\x00", 2));
  }
}

TEST(ControlFrames, LongReasonIsCutAtACodePoint) {
  const auto reason_of = [](std::string_view reason) {
    const auto frame = close_frame(close_code::normal, reason);
    auto wire = frame.wire();
    return std::string(take_server_frame(wire).value().payload.substr(2));
  };
  EXPECT_EQ(reason_of(std::string(123, 'x')), std::string(123, 'x'));
  EXPECT_EQ(reason_of(std::string(200, 'x')), std::string(123, 'x'));
  EXPECT_EQ(reason_of(std::string(122, 'x') + "€"), std::string(122, 'x'));
  EXPECT_EQ(reason_of(std::string(121, 'x') + "é!"), std::string(121, 'x') + "é");
}

TEST(ClientFrames, ServerFramesAreReadOneByOne) {
  const auto big = shared_frame::make(frame_kind::binary, {std::string(70'000, 'b')});
  const std::string stream = std::string(shared_frame::make(frame_kind::text, {"42"}).wire()) +
                             std::string(big.wire()) + std::string(pong_frame("p").wire());
  std::string_view input = stream;
  EXPECT_EQ(take_server_frame(input).value().payload, "42");
  const auto second = take_server_frame(input);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->code, opcode::binary);
  EXPECT_EQ(second->payload, big.payload());
  EXPECT_EQ(take_server_frame(input).value().code, opcode::pong);
  EXPECT_FALSE(take_server_frame(input));
  for (std::size_t size = 0; size < big.wire().size(); size += 999) {
    auto part = big.wire().substr(0, size);
    EXPECT_FALSE(take_server_frame(part));
    EXPECT_EQ(part.size(), size);
  }
}

}  // namespace
}  // namespace gossamer::websocket
