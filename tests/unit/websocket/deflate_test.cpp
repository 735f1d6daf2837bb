// Messages of clients that are deflated (RFC 7692), and what goes to clients deflated.
#include "gateway/websocket/client_frames.hpp"
#include "gateway/websocket/deflater.hpp"
#include "gateway/websocket/inflate.hpp"
#include "tests/unit/websocket/deflate_streams.hpp"
#include "tests/unit/websocket/oracle_compare.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace gossamer::websocket {
namespace {

using testing::ElementsAre;
constexpr std::uint8_t rsv1 = 4;

std::string deflated_frame(std::string_view payload, opcode code = opcode::text,
                           bool final = true) {
  return encode({.code = code, .payload = payload, .final = final, .reserved_bits = rsv1});
}

std::vector<seen> both_ways(const std::string& stream, std::uint32_t most = roomy) {
  auto all = decode(stream, {most, true});
  EXPECT_EQ(decode_by(1, stream, {most, true}), all);
  return all;
}

seen text(std::string payload) {
  return message(event_kind::text, std::move(payload));
}

// ---- from clients ----

TEST(InflatingDecoder, ReadsTheExamplesOfTheRfc) {  // RFC 7692, 7.2.3
  const std::string hello("\xf2\x48\xcd\xc9\xc9\x07\x00", 7);
  EXPECT_THAT(both_ways(deflated_frame(hello)), ElementsAre(text("Hello")));
  EXPECT_THAT(both_ways(deflated_frame(hello.substr(0, 3), opcode::text, false) +
                        encode({.code = opcode::continuation, .payload = hello.substr(3)})),
              ElementsAre(text("Hello")));
  const std::string stored("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00", 11);
  EXPECT_THAT(both_ways(deflated_frame(stored)), ElementsAre(text("Hello")));
  const std::string final_block("\xf3\x48\xcd\xc9\xc9\x07\x00\x00", 8);
  EXPECT_THAT(both_ways(deflated_frame(final_block)), ElementsAre(text("Hello")));
  const std::string two_blocks("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00", 13);
  EXPECT_THAT(both_ways(deflated_frame(two_blocks)), ElementsAre(text("Hello")));
  // The last one of 7.2.3.2 needs the window of the message before it, which was not agreed upon.
  const std::string leans_back("\xf2\x00\x11\x00\x00", 5);
  EXPECT_THAT(both_ways(deflated_frame(hello) + deflated_frame(leans_back)),
              ElementsAre(text("Hello"), failed(errc::bad_deflate)));
}

TEST(InflatingDecoder, TakesAnEmptyMessage) {
  const std::string empty(1, '\0');  // 7.2.3.6
  EXPECT_THAT(both_ways(deflated_frame(empty) + deflated_frame("")),
              ElementsAre(text(""), text("")));
}

TEST(InflatingDecoder, TakesPlainMessagesToo) {
  EXPECT_THAT(both_ways(encode({.payload = "plain"}) + deflated_frame(deflate_message("small"))),
              ElementsAre(text("plain"), text("small")));
}

TEST(InflatingDecoder, AllowsControlFramesInside) {
  const auto payload = deflate_message(std::string(300, 'x'));
  EXPECT_THAT(both_ways(deflated_frame(payload.substr(0, 2), opcode::binary, false) +
                        encode({.code = opcode::ping, .payload = "?"}) +
                        encode({.code = opcode::continuation, .payload = payload.substr(2)})),
              ElementsAre(message(event_kind::ping, "?"),
                          message(event_kind::binary, std::string(300, 'x'))));
}

TEST(InflatingDecoder, WantsRsv1OnlyOnTheFirstFrameOfAMessage) {
  const auto error = ElementsAre(failed(errc::reserved_bits));
  EXPECT_THAT(both_ways(encode({.code = opcode::ping, .reserved_bits = rsv1})), error);
  EXPECT_THAT(both_ways(encode({.code = opcode::close, .reserved_bits = rsv1})), error);
  EXPECT_THAT(both_ways(encode({.payload = "a", .final = false}) +
                        encode({.code = opcode::continuation, .reserved_bits = rsv1})),
              error);
  for (const std::uint8_t bits : {1, 2, 3, 5, 6, 7}) {
    EXPECT_THAT(both_ways(encode({.payload = "a", .reserved_bits = bits})), error) << int{bits};
  }
  EXPECT_EQ(close_code_for(errc::reserved_bits), close_code::protocol_error);
}

TEST(InflatingDecoder, RefusesRsv1IfItWasNotNegotiated) {
  const auto stream = deflated_frame(deflate_message("a"));
  EXPECT_THAT(decode(stream), ElementsAre(failed(errc::reserved_bits)));
}

TEST(InflatingDecoder, FailsWith1007OnWhatIsNoDeflateData) {
  const auto error = ElementsAre(failed(errc::bad_deflate));
  EXPECT_THAT(both_ways(deflated_frame("\x07")), error);  // a block type that is reserved
  EXPECT_THAT(both_ways(deflated_frame("\xff\xff\xff")), error);
  const auto good = deflate_message("a text that is long enough to be cut, is it not?");
  for (std::size_t size = 1; size + 1 < good.size(); ++size) {
    EXPECT_THAT(both_ways(deflated_frame(good.substr(0, size))), error) << size;
  }
  const auto stored = deflate_message("four times", {.level = 0});
  EXPECT_THAT(both_ways(deflated_frame(stored.substr(0, 11))), error);  // would take the tail
  EXPECT_EQ(close_code_for(errc::bad_deflate), close_code::bad_payload);
}

TEST(InflatingDecoder, ChecksTextAfterInflating) {
  EXPECT_THAT(both_ways(deflated_frame(deflate_message("a\xff"))),
              ElementsAre(failed(errc::bad_utf8)));
  EXPECT_THAT(both_ways(deflated_frame(deflate_message("\xe2\x82"))),
              ElementsAre(failed(errc::bad_utf8)));
}

TEST(InflatingDecoder, CountsInflatedBytes) {
  const std::string fits(1000, 'x');
  const auto error = ElementsAre(failed(errc::message_too_big));
  EXPECT_THAT(both_ways(deflated_frame(deflate_message(fits)), 1000), ElementsAre(text(fits)));
  EXPECT_THAT(both_ways(deflated_frame(deflate_message(fits + 'x')), 1000), error);
  EXPECT_EQ(close_code_for(errc::message_too_big), close_code::too_big);
}

TEST(InflatingDecoder, TakesAMessageOfTheLimitThatDoesNotDeflate) {
  seeded_random random(5);
  for (const std::size_t size : {1000, 100'000}) {
    const auto content = random_bytes(random, size);
    const auto payload = deflate_message(content, {.level = 0, .flush_every = 512});
    ASSERT_GT(payload.size(), size);
    EXPECT_THAT(decode(deflated_frame(payload, opcode::binary), {std::uint32_t(size), true}),
                ElementsAre(message(event_kind::binary, content)));
  }
}

TEST(InflatingDecoder, RefusesAFrameThatIsTooLongForAnyMessage) {
  const auto header = deflated_frame(std::string(1191, 'x')).substr(0, 8);
  EXPECT_THAT(both_ways(header, 1000), ElementsAre(failed(errc::message_too_big)));
}

// A gigabyte in a megabyte: what is held stays in proportion to the limit.
TEST(InflatingDecoder, StopsABombAtTheLimit) {
  const auto bomb = deflate_message(std::string(200U << 20U, '\0'), {.level = 9});
  ASSERT_LT(bomb.size(), 300'000U);
  std::vector<char> out;
  EXPECT_EQ(inflate_message(bomb, 1'000'000, out), errc::message_too_big);
  EXPECT_EQ(out.capacity(), 0U);
  EXPECT_THAT(both_ways(deflated_frame(bomb, opcode::binary), 1'000'000),
              ElementsAre(failed(errc::message_too_big)));
}

TEST(InflatingDecoder, HoldsOnlyWhatArrivedAndFreesWhatWasDelivered) {
  static_assert(sizeof(frame_decoder) <= 16);
  const auto payload = deflate_message(std::string(500'000, 'x'));
  auto stream = deflated_frame(payload, opcode::binary);
  frame_decoder decoder(1'000'000, true);
  std::span<char> most = std::span(stream).first(stream.size() - 1);
  EXPECT_FALSE(decoder.next(most));
  EXPECT_LT(decoder.buffered_bytes(), 2 * payload.size() + 500);
  std::span<char> rest = std::span(stream).last(1);
  const auto event = decoder.next(rest);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->payload.size(), 500'000U);
  EXPECT_LE(decoder.buffered_bytes(), 1'000'500U);
  EXPECT_FALSE(decoder.next(rest));
  EXPECT_EQ(decoder.buffered_bytes(), 0U);
}

TEST(InflatingDecoder, SaysTheSameHoweverAStreamIsCut) {
  seeded_random random(7692);
  for (int round = 0; round < 300; ++round) {
    const auto stream = random_deflate_stream(random, {10, true});
    const auto whole = decode(stream, with_deflate);
    ASSERT_EQ(decode_by(1, stream, with_deflate), whole) << round;
    ASSERT_EQ(decode_randomly(random, 40, stream, with_deflate), whole) << round;
  }
}

TEST(BeastOracle, AgreesOnLegalDeflatedStreams) {
  seeded_random random(7694);
  for (int round = 0; round < 500; ++round) {
    const auto stream = random_deflate_stream(random, {});
    auto ours = our_outcome(decode(stream, with_deflate));
    ASSERT_EQ(describe(ours), describe(beast_outcome(stream, with_deflate, 1000))) << round;
    ASSERT_NE(ours.end, ending::failed);
  }
}

TEST(BeastOracle, DiffersInLastBlocks) {
  const auto stream = deflated_frame(deflate_message("text", {.last_block = true}));
  EXPECT_THAT(decode(stream, with_deflate), ElementsAre(text("text")));
  EXPECT_EQ(beast_outcome(stream, with_deflate, 1000).end, ending::failed);
}

TEST(BeastOracle, AgreesOnDeflatedStreams) {
  seeded_random random(7693);
  std::size_t messages = 0;
  int ends[3] = {};
  for (int round = 0; round < 1500; ++round) {
    const auto stream = random_deflate_stream(random, {12, true});
    const decoder_setup how{random.below(5) == 0 ? 1000U : roomy, true};
    ASSERT_EQ(disagreement(stream, how, 1 + random.below(300)), "") << round;
    const auto ours = our_outcome(decode(stream, how));
    messages += ours.messages.size();
    ++ends[static_cast<int>(ours.end)];
  }
  EXPECT_GT(messages, 2000U);
  for (const int count : ends) EXPECT_GT(count, 100) << "the streams show too little";
}

// ---- to clients ----

// The payload of a deflated frame; fails if it is none.
std::string payload_of(const shared_frame& frame, opcode code) {
  std::string_view wire = frame.wire();
  const auto read = take_server_frame(wire);
  EXPECT_TRUE(read && read->deflated && read->final && read->code == code && wire.empty());
  return read ? std::string(read->payload) : std::string();
}

TEST(Deflater, IsReadByAClientThatTakes200BytesAtATime) {
  seeded_random random(200);
  deflater makes({.threshold = 1});
  for (std::size_t size = 60; size < 300'000; size = size * 5 / 4 + 1) {
    const auto content = random_text(random, size);
    const auto plain = shared_frame::make(frame_kind::text, {"42", content});
    const auto payload = payload_of(makes.form_of(plain), opcode::text);
    ASSERT_EQ(inflate_in_steps(payload, 200), "42" + content) << size;
    ASSERT_EQ(inflate_in_steps(payload, 1 + random.below(50)), "42" + content) << size;
  }
}

TEST(Deflater, MakesEachFrameStandForItself) {
  deflater makes({.threshold = 1});
  const std::string content(2000, 'x');
  const auto first = makes.form_of(shared_frame::make(frame_kind::binary, {content}));
  const auto second = makes.form_of(shared_frame::make(frame_kind::binary, {content}));
  EXPECT_EQ(first.wire(), second.wire());
  EXPECT_EQ(inflate_in_steps(payload_of(second, opcode::binary), 200), content);
}

TEST(Deflater, MakesAFormOnceForAllThatAskForIt) {
  deflater first({}), second({});
  const auto plain = shared_frame::make(frame_kind::text, {std::string(5000, 'x')});
  const auto form = first.form_of(plain);
  EXPECT_FALSE(form == plain);
  EXPECT_TRUE(first.form_of(plain) == form);
  EXPECT_TRUE(second.form_of(plain) == form);
}

TEST(Deflater, MakesAFormOnceForSeveralThreads) {
  seeded_random random(1);
  for (int round = 0; round < 50; ++round) {
    const auto plain = shared_frame::make(frame_kind::text, {random_text(random, 20'000)});
    std::vector<shared_frame> forms(4);
    std::vector<std::thread> threads;
    for (auto& form : forms) {
      threads.emplace_back([&form, plain] { form = deflater({}).form_of(plain); });
    }
    for (auto& one : threads) one.join();
    for (const auto& form : forms) ASSERT_TRUE(form == forms[0] && !(form == plain));
  }
}

TEST(Deflater, LeavesShortMessagesAsTheyAre) {
  deflater makes({.threshold = 1024});
  const auto below = shared_frame::make(frame_kind::text, {std::string(1023, 'x')});
  const auto at = shared_frame::make(frame_kind::text, {std::string(1024, 'x')});
  EXPECT_TRUE(makes.form_of(below) == below);
  EXPECT_FALSE(makes.form_of(at) == at);
}

TEST(Deflater, LeavesWhatDoesNotGetSmallerAsItIs) {
  seeded_random random(3);
  deflater makes({.threshold = 1});
  for (const std::size_t size : {1U, 7U, 125U, 2000U, 100'000U}) {
    const auto plain = shared_frame::make(frame_kind::binary, {random_bytes(random, size)});
    EXPECT_TRUE(makes.form_of(plain) == plain) << size;
    EXPECT_TRUE(makes.form_of(plain) == plain) << size;
  }
}

TEST(Deflater, LeavesFramesAsTheyAreIfTheApplicationSaysSo) {
  deflater makes({.threshold = 1});
  const auto plain = shared_frame::make(frame_kind::text, {std::string(5000, 'x')});
  plain.set_plain_only();
  EXPECT_TRUE(makes.form_of(plain) == plain);
}

TEST(Deflater, NeverTouchesControlFrames) {
  deflater makes({.threshold = 0});
  const auto raw = shared_frame::make(frame_kind::raw, {std::string(5000, 'x')});
  EXPECT_TRUE(makes.form_of(raw) == raw);
}

TEST(Deflater, ObeysItsOptions) {
  seeded_random random(9);
  const auto content = random_text(random, 50'000);
  const auto size_with = [&](const deflate_options& options) {
    const auto plain = shared_frame::make(frame_kind::text, {content});
    const auto payload = payload_of(deflater(options).form_of(plain), opcode::text);
    EXPECT_EQ(inflate_in_steps(payload, 200), content);
    return payload.size();
  };
  const auto usual = size_with({});
  EXPECT_LE(size_with({.level = 9}), usual);
  EXPECT_GT(size_with({.level = 1}), usual);
  EXPECT_NE(size_with({.memory_level = 1}), usual);
  EXPECT_GE(size_with({.server_max_window_bits = 9}), usual);
}

TEST(DeflateOptions, HaveRanges) {
  EXPECT_TRUE(valid({}));
  EXPECT_FALSE(valid({.level = 0}));
  EXPECT_FALSE(valid({.level = 10}));
  EXPECT_FALSE(valid({.memory_level = 0}));
  EXPECT_FALSE(valid({.server_max_window_bits = 8}));
  EXPECT_FALSE(valid({.server_max_window_bits = 16}));
  EXPECT_FALSE(valid({.client_max_window_bits = 7}));
}

}  // namespace
}  // namespace gossamer::websocket
