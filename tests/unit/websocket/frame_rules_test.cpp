// The rules of RFC 6455, one test each. Every stream is fed in one piece and byte by byte.
#include "gateway/websocket/client_frames.hpp"
#include "tests/unit/websocket/decoder_harness.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gossamer::websocket {
namespace {

using testing::ElementsAre;

std::vector<seen> both_ways(const std::string& stream, std::uint32_t message_max = roomy) {
  auto all = decode(stream, message_max);
  EXPECT_EQ(decode_by(1, stream, message_max), all);
  return all;
}

std::vector<seen> of(const client_frame& frame) {
  return both_ways(encode(frame));
}

std::string fragment(opcode code, std::string_view payload, bool final) {
  return encode({.code = code, .payload = payload, .final = final});
}

TEST(WebsocketFrames, Section5_7ExamplesAreDecoded) {
  EXPECT_THAT(both_ways(std::string("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", 11)),
              ElementsAre(message(event_kind::text, "Hello")));
}

TEST(WebsocketFrames, Section5_1UnmaskedFrameIsRefused) {
  EXPECT_THAT(of({.payload = "hi", .masked = false}), ElementsAre(failed(errc::unmasked_frame)));
  EXPECT_THAT(of({.code = opcode::ping, .masked = false}),
              ElementsAre(failed(errc::unmasked_frame)));
}

TEST(WebsocketFrames, Section5_2EveryReservedBitIsRefused) {
  for (const std::uint8_t bits : {1, 2, 4, 7}) {
    for (const auto code : {opcode::text, opcode::binary, opcode::ping, opcode::close}) {
      EXPECT_THAT(of({.code = code, .reserved_bits = bits}),
                  ElementsAre(failed(errc::reserved_bits)));
    }
  }
}

TEST(WebsocketFrames, Section5_2ReservedOpcodesAreRefused) {
  for (const int code : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
    EXPECT_THAT(of({.code = static_cast<opcode>(code)}), ElementsAre(failed(errc::bad_opcode)));
  }
}

TEST(WebsocketFrames, Section5_2LengthMustBeInItsShortestForm) {
  EXPECT_THAT(of({.payload = "short", .length = length_form::two_bytes}),
              ElementsAre(failed(errc::length_not_minimal)));
  EXPECT_THAT(of({.payload = "short", .length = length_form::eight_bytes}),
              ElementsAre(failed(errc::length_not_minimal)));
  const std::string largest(65535, 'x');
  EXPECT_THAT(of({.payload = largest, .length = length_form::eight_bytes}),
              ElementsAre(failed(errc::length_not_minimal)));
}

TEST(WebsocketFrames, Section5_2EveryLengthFormIsRead) {
  for (const std::size_t size : {0U, 1U, 125U, 126U, 127U, 65535U, 65536U, 70000U}) {
    const std::string payload(size, 'x');
    EXPECT_THAT(of({.code = opcode::binary, .payload = payload}),
                ElementsAre(message(event_kind::binary, payload)));
  }
}

TEST(WebsocketFrames, Section5_2TopBitOfTheLengthMustBeZero) {
  EXPECT_THAT(both_ways("\x82\xff\x80" + std::string(7, '\0') + "mask"),
              ElementsAre(failed(errc::length_out_of_range)));
}

TEST(WebsocketFrames, Section5_3EveryMaskPositionIsUndone) {
  for (const std::uint32_t mask : {0U, 0x01020304U, 0xffffffffU, 0x80000000U}) {
    for (std::size_t size = 0; size < 40; ++size) {
      const std::string payload = std::string("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGH", size);
      EXPECT_THAT(of({.payload = payload, .mask = mask}),
                  ElementsAre(message(event_kind::text, payload)));
    }
  }
}

TEST(WebsocketFrames, Section5_4FragmentsMakeOneMessage) {
  EXPECT_THAT(both_ways(fragment(opcode::text, "one ", false) +
                        fragment(opcode::continuation, "two ", false) +
                        fragment(opcode::continuation, "", false) +
                        fragment(opcode::continuation, "three", true)),
              ElementsAre(message(event_kind::text, "one two three")));
  EXPECT_THAT(
      both_ways(fragment(opcode::binary, "", false) + fragment(opcode::continuation, "", true)),
      ElementsAre(message(event_kind::binary, "")));
}

TEST(WebsocketFrames, Section5_4ControlFramesMayComeBetweenFragments) {
  EXPECT_THAT(both_ways(fragment(opcode::text, "a", false) + encode({opcode::ping, "p"}) +
                        encode({opcode::pong, "q"}) + fragment(opcode::continuation, "b", true) +
                        encode({opcode::text, "c"})),
              ElementsAre(message(event_kind::ping, "p"), message(event_kind::pong, "q"),
                          message(event_kind::text, "ab"), message(event_kind::text, "c")));
}

TEST(WebsocketFrames, Section5_4ContinuationNeedsAMessage) {
  EXPECT_THAT(of({.code = opcode::continuation, .payload = "x"}),
              ElementsAre(failed(errc::unexpected_continuation)));
  EXPECT_THAT(both_ways(encode({opcode::text, "x"}) + fragment(opcode::continuation, "y", true)),
              ElementsAre(message(event_kind::text, "x"), failed(errc::unexpected_continuation)));
}

TEST(WebsocketFrames, Section5_4NewMessageInsideAnUnfinishedOneIsRefused) {
  for (const auto code : {opcode::text, opcode::binary}) {
    EXPECT_THAT(both_ways(fragment(opcode::text, "x", false) + encode({code, "y"})),
                ElementsAre(failed(errc::expected_continuation)));
  }
}

TEST(WebsocketFrames, Section5_5ControlFramesAreNotFragmented) {
  for (const auto code : {opcode::close, opcode::ping, opcode::pong}) {
    EXPECT_THAT(of({.code = code, .final = false}), ElementsAre(failed(errc::fragmented_control)));
  }
}

TEST(WebsocketFrames, Section5_5ControlPayloadIsAtMost125Bytes) {
  const std::string most(125, 'x');
  EXPECT_THAT(of({.code = opcode::ping, .payload = most}),
              ElementsAre(message(event_kind::ping, most)));
  EXPECT_THAT(of({.code = opcode::ping, .payload = most + "x"}),
              ElementsAre(failed(errc::control_too_long)));
}

TEST(WebsocketFrames, Section5_5_1CloseMayBeEmpty) {
  EXPECT_THAT(of({.code = opcode::close}), ElementsAre(closed(close_code::no_status)));
}

TEST(WebsocketFrames, Section5_5_1CloseHasACodeAndAReason) {
  EXPECT_THAT(of({.code = opcode::close, .payload = close_payload(1001, "päuse")}),
              ElementsAre(closed(close_code::going_away, "päuse")));
  const std::string longest(123, 'r');
  EXPECT_THAT(of({.code = opcode::close, .payload = close_payload(1000, longest)}),
              ElementsAre(closed(close_code::normal, longest)));
}

TEST(WebsocketFrames, Section5_5_1ClosePayloadOfOneByteIsRefused) {
  EXPECT_THAT(of({.code = opcode::close, .payload = "\x03"}),
              ElementsAre(failed(errc::bad_close_size)));
}

TEST(WebsocketFrames, Section7_4OnlyAssignedCloseCodesAreTaken) {
  for (const int code : {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014,
                         3000, 3999, 4000, 4999}) {
    EXPECT_THAT(of({.code = opcode::close, .payload = close_payload(code)}),
                ElementsAre(closed(static_cast<close_code>(code))));
  }
  for (const int code : {0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535}) {
    EXPECT_THAT(of({.code = opcode::close, .payload = close_payload(code)}),
                ElementsAre(failed(errc::bad_close_code)))
        << code;
  }
}

TEST(WebsocketFrames, Section7_1_6CloseReasonMustBeUtf8) {
  EXPECT_THAT(of({.code = opcode::close, .payload = close_payload(1000, "\xff")}),
              ElementsAre(failed(errc::bad_utf8)));
  EXPECT_THAT(of({.code = opcode::close, .payload = close_payload(1000, "cut \xc3")}),
              ElementsAre(failed(errc::bad_utf8)));
}

TEST(WebsocketFrames, Section1_4NothingIsReadAfterTheCloseFrame) {
  EXPECT_THAT(both_ways(encode({.code = opcode::close}) + encode({opcode::text, "late"}) + "junk"),
              ElementsAre(closed(close_code::no_status)));
}

TEST(WebsocketFrames, Section7_1_7NothingIsReadAfterAnError) {
  EXPECT_THAT(both_ways(encode({.payload = "x", .masked = false}) + encode({opcode::text, "late"})),
              ElementsAre(failed(errc::unmasked_frame)));
}

TEST(WebsocketFrames, Section8_1TextMustBeUtf8) {
  EXPECT_THAT(of({.payload = "κόσμε"}), ElementsAre(message(event_kind::text, "κόσμε")));
  EXPECT_THAT(of({.payload = "bad \xff"}), ElementsAre(failed(errc::bad_utf8)));
  EXPECT_THAT(of({.payload = "cut \xe2\x82"}), ElementsAre(failed(errc::bad_utf8)));
  EXPECT_THAT(of({.code = opcode::binary, .payload = "\xff"}),
              ElementsAre(message(event_kind::binary, "\xff")));
}

TEST(WebsocketFrames, Section8_1CodePointMayBeCutByFragments) {
  EXPECT_THAT(both_ways(fragment(opcode::text, "\xe2", false) +
                        fragment(opcode::continuation, "\x82", false) +
                        fragment(opcode::continuation, "\xac", true)),
              ElementsAre(message(event_kind::text, "€")));
  EXPECT_THAT(both_ways(fragment(opcode::text, "\xe2\x82", false) +
                        fragment(opcode::continuation, "", true)),
              ElementsAre(failed(errc::bad_utf8)));
}

TEST(WebsocketFrames, Section8_1BadTextFailsBeforeTheMessageEnds) {
  const std::string stream = fragment(opcode::text, "ok \xf4\x90", false);
  EXPECT_THAT(both_ways(stream), ElementsAre(failed(errc::bad_utf8)));
  const std::string first_half = encode({.payload = "\xc0" + std::string(100, 'x')}).substr(0, 10);
  EXPECT_THAT(both_ways(first_half), ElementsAre(failed(errc::bad_utf8)));
}

TEST(WebsocketFrames, ErrorsCarryTheirCloseCode) {
  EXPECT_EQ(of({.masked = false}).at(0).code, close_code::protocol_error);
  EXPECT_EQ(of({.payload = "\xff"}).at(0).code, close_code::bad_payload);
  EXPECT_EQ(both_ways(encode({.payload = "xx"}), 1).at(0).code, close_code::too_big);
}

}  // namespace
}  // namespace gossamer::websocket
