// Beast's WebSocket server as the oracle of ours.
#include "gateway/websocket/client_frames.hpp"
#include "gateway/websocket/handshake.hpp"
#include "tests/unit/websocket/oracle_compare.hpp"
#include "tests/unit/websocket/stream_generator.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gossamer::websocket {
namespace {

TEST(BeastOracle, AgreesOnRandomStreams) {
  seeded_random random(64'55);
  constexpr std::size_t read_sizes[] = {1, 3, 17, 1000, 1U << 20U};
  int ends[3] = {};
  std::size_t messages = 0;
  for (int round = 0; round < 4000; ++round) {
    const std::string stream = random_stream(random, {.frames_max = 20});
    const std::uint32_t limit = random.below(5) == 0 ? 150 : roomy;
    const auto read_size = read_sizes[random.below(std::size(read_sizes))];
    ASSERT_EQ(disagreement(stream, limit, read_size), "") << "round " << round;
    const auto ours = our_outcome(decode(stream, limit));
    ++ends[static_cast<int>(ours.end)];
    messages += ours.messages.size();
  }
  for (const int count : ends) EXPECT_GT(count, 200) << "the streams show too little";
  EXPECT_GT(messages, 5000U);
}

TEST(BeastOracle, AgreesOnEveryFirstTwoBytes) {
  const std::string rest("\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", 12);
  for (int first = 0; first < 256; ++first) {
    for (const int second : {0x00, 0x7f, 0x80, 0x81, 0x82, 0x83, 0xfd, 0xfe, 0xff}) {
      const std::string stream = {static_cast<char>(first), static_cast<char>(second)};
      ASSERT_EQ(disagreement(stream + rest, roomy, 1000), "") << first << ' ' << second;
    }
  }
}

TEST(BeastOracle, AgreesOnEveryCloseCode) {
  for (int code = 0; code < 65536; code += code < 5100 ? 1 : 611) {
    const auto payload = close_payload(static_cast<std::uint16_t>(code), "why");
    ASSERT_EQ(disagreement(encode({opcode::close, payload}), roomy, 1000), "") << code;
  }
}

// The next ones show the differences that the comparison lets pass: both sides as they are.
outcome ours_of(const std::string& stream) {
  return our_outcome(decode(stream));
}
outcome beasts_of(const std::string& stream) {
  return beast_outcome(stream, roomy, 1000);
}

TEST(BeastOracle, DiffersInTheAnswerToAnEmptyClose) {
  const std::string stream = encode({.code = opcode::close});
  EXPECT_EQ(ours_of(stream).sent, close_code::no_status);
  EXPECT_EQ(beasts_of(stream).sent, close_code::normal);
}

TEST(BeastOracle, DiffersInCloseCodes) {
  const std::string bad_gateway = encode({opcode::close, close_payload(1014)});
  EXPECT_EQ(ours_of(bad_gateway).end, ending::closed);
  EXPECT_EQ(beasts_of(bad_gateway).end, ending::failed);
  const std::string undefined = encode({opcode::close, close_payload(5000)});
  EXPECT_EQ(ours_of(undefined).end, ending::failed);
  EXPECT_EQ(beasts_of(undefined).end, ending::closed);
}

TEST(BeastOracle, DiffersInTheCodeForABadReason) {
  const std::string stream = encode({opcode::close, close_payload(1000, "\xff")});
  EXPECT_EQ(ours_of(stream).sent, close_code::bad_payload);
  EXPECT_EQ(beasts_of(stream).sent, close_code::protocol_error);
}

TEST(BeastOracle, DiffersInTheCodeForALengthOver63Bits) {
  const std::string stream = "\x82\xff\x80" + std::string(11, '\0');
  EXPECT_EQ(ours_of(stream).sent, close_code::protocol_error);
  EXPECT_EQ(beasts_of(stream).sent, close_code::too_big);
}

TEST(BeastOracle, DiffersInTextCutBeforeAnEmptyFragment) {
  const std::string stream = encode({.payload = "\xe2\x82", .final = false}) +
                             encode({.code = opcode::continuation, .payload = ""});
  EXPECT_EQ(ours_of(stream).sent, close_code::bad_payload);
  EXPECT_EQ(beasts_of(stream).messages.size(), 1U);
}

TEST(BeastOracle, AgreesOnTheHandshake) {
  seeded_random random(13);
  for (int round = 0; round < 200; ++round) {
    std::string key;
    for (int i = 0; i < 21; ++i) key += "ABCDxyz0189+/"[random.below(13)];
    key += "Q==";
    const std::string response = beast_accept(key, "13", "keep-alive, Upgrade", "WebSocket");
    EXPECT_THAT(response, testing::StartsWith("HTTP/1.1 101 "));
    EXPECT_THAT(response, testing::HasSubstr("Sec-WebSocket-Accept: " + accept_key(key) + "\r\n"));
  }
}

TEST(BeastOracle, AgreesOnRefusedHandshakes) {
  const std::string key = "dGhlIHNhbXBsZSBub25jZQ==";
  const std::string versions[] = {"13", "12", "8"};
  const std::string connections[] = {"upgrade", "close", "keep-alive,\tUPGRADE", "upgrades"};
  const std::string upgrades[] = {"websocket", "h2c", "h2c, websocket", "web"};
  for (const auto& version : versions) {
    for (const auto& connection : connections) {
      for (const auto& upgrade : upgrades) {
        const auto checked = check_upgrade({"GET", 11, connection, upgrade, key, version});
        const unsigned status =
            checked ? 101 : http_status_for(static_cast<errc>(checked.error().value()));
        EXPECT_THAT(beast_accept(key, version, connection, upgrade),
                    testing::StartsWith("HTTP/1.1 " + std::to_string(status) + " "))
            << version << '|' << connection << '|' << upgrade;
      }
    }
  }
}

}  // namespace
}  // namespace gossamer::websocket
