#include "actors/socketio/parser.hpp"

#include "actors/socketio/encode.hpp"
#include "actors/socketio/errc.hpp"
#include "actors/socketio/json_codec.hpp"
#include "actors/socketio/json_marks.hpp"
#include "actors/socketio/placeholders.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace gossamer::socketio {
namespace {

incoming_packet packet_of(packet_type type, std::string json, std::vector<bytes> attachments = {}) {
  return {type, "/", {}, std::move(json), std::move(attachments)};
}

// Refuses the word "no", throws at "throw", waits for a second message after "half".
class moody final : public parser {
 public:
  struct half final : parser_memory {};

  void encode(const outgoing_packet& packet, message_list& out) const override {
    if (packet.type == packet_type::disconnect) throw std::runtime_error("never");
    out.text(std::string(packet.nsp) + "|" + std::string(packet.json));
    for (const auto& one : packet.attachments) out.binary(one.view());
  }
  result<std::optional<incoming_packet>> decode_text(std::string_view message,
                                                     parser_memory_ptr& memory) const override {
    if (message == "throw") throw std::runtime_error("never");
    if (message == "no") return make_error_code(errc::unknown_packet_type);
    if (message == "half" && memory == nullptr) {
      memory = std::make_unique<half>();
      return std::optional<incoming_packet>();
    }
    memory.reset();
    return std::optional(packet_of(packet_type::event, "[\"" + std::string(message) + "\"]"));
  }
  result<std::optional<incoming_packet>> decode_binary(const bytes& message,
                                                       parser_memory_ptr&) const override {
    return std::optional(
        packet_of(packet_type::ack, "[{\"_placeholder\":true,\"num\":0}]", {message}));
  }
};

TEST(Parser, PacketsHaveWhatTheParserFound) {
  const moody with;
  parser_memory_ptr memory;
  auto got = decode_text(with, "hello", memory);
  ASSERT_TRUE(got && *got);
  EXPECT_EQ((*got)->name(), "hello");
  EXPECT_EQ((*got)->nsp, "/");
  got = decode_binary(with, bytes("xyz"), memory);
  ASSERT_TRUE(got && *got);
  EXPECT_EQ((*got)->args.keep().get<bytes>(0)->view(), "xyz");
}

TEST(Parser, KeepsMemoryForAConnection) {
  const moody with;
  parser_memory_ptr memory;
  auto got = decode_text(with, "half", memory);
  ASSERT_TRUE(got);
  EXPECT_FALSE(*got);
  EXPECT_NE(memory, nullptr);
  got = decode_text(with, "half", memory);
  ASSERT_TRUE(got && *got);
  EXPECT_EQ(memory, nullptr);
}

TEST(Parser, ErrorsAndExceptionsRefuseTheMessage) {
  const moody with;
  parser_memory_ptr memory;
  EXPECT_EQ(decode_text(with, "no", memory).error(), errc::unknown_packet_type);
  EXPECT_EQ(decode_text(with, "throw", memory).error(), errc::invalid_payload);
  EXPECT_EQ(decode_text(with, "disconnect", memory).error(), errc::invalid_payload);  // reserved
  EXPECT_EQ(decode_text(with, "quo\"te", memory).error(), errc::invalid_payload);     // no JSON
}

TEST(Parser, ExceptionsSendNothing) {
  const moody with;
  EXPECT_TRUE(encode_disconnect({"/", &with}).empty());
}

TEST(Parser, EveryPacketGoesThroughIt) {
  const moody with;
  const packet_address to("/n", &with);
  const auto first = [](const frame_set& set) { return set.frames()[0].payload(); };
  EXPECT_EQ(first(encode_connect(to, "abc")), "4/n|{\"sid\":\"abc\",\"pid\":null\t}");
  EXPECT_EQ(first(encode_connect_error(to, "no", "1")), R"(4/n|{"message":"no","data":1})");
  EXPECT_EQ(first(*encode_event(to, {}, "e", 1, "two")), R"(4/n|["e",1,"two"])");
  EXPECT_EQ(first(*encode_event(to, {}, "e", make_args(1).view())), R"(4/n|["e",1])");
  EXPECT_EQ(first(encode_event(to, {}, *event_image::make("e", 2))), R"(4/n|["e",2])");
  EXPECT_EQ(first(encode_ack(to, 1, 3)), "4/n|[3]");
  EXPECT_EQ(first(encode_ack(to, 1, make_args(4).view())), "4/n|[4]");
  const auto binary = encode_ack(to, 1, bytes("b"));
  ASSERT_EQ(binary.frames().size(), 2U);
  EXPECT_EQ(binary.frames()[1].kind(), frame_kind::binary);
  EXPECT_EQ(binary.frames()[1].payload(), "b");
  EXPECT_EQ(encode_event(to, {}, "connect").error(), errc::reserved_event_name);
}

TEST(Parser, AnEventMayHaveNoName) {
  for (const auto* json : {"", "[]", "[null,1]", "[{}]", "[true]", "[[\"a\"]]"}) {
    const auto got = checked(packet_of(packet_type::event, json));
    ASSERT_TRUE(got) << json;
    EXPECT_FALSE(got->has_name) << json;
  }
  EXPECT_EQ(checked(packet_of(packet_type::event, "[12.50]"))->name(), "12.5");
}

TEST(Parser, BinariesOfAuthAreKept) {
  const auto got = checked(
      packet_of(packet_type::connect, R"({"key":{"_placeholder":true,"num":0}})", {bytes("k")}));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->args.size(), 1U);
  EXPECT_EQ(got->args.attachments()[0].view(), "k");
}

TEST(Parser, WhatApplicationsFindIsChecked) {
  const auto error = [](packet_type type, std::string json, std::vector<bytes> attachments = {}) {
    const auto got = checked(packet_of(type, std::move(json), std::move(attachments)));
    return got ? error_code() : got.error();
  };
  EXPECT_EQ(error(packet_type(5), "[]"), errc::unknown_packet_type);
  EXPECT_EQ(error(packet_type::connect, "[]"), errc::invalid_payload);
  EXPECT_EQ(error(packet_type::connect, "null"), errc::invalid_payload);
  EXPECT_EQ(error(packet_type::disconnect, "1"), errc::invalid_payload);
  EXPECT_EQ(error(packet_type::event, "{}"), errc::invalid_payload);
  EXPECT_EQ(error(packet_type::event, "[\"disconnect\"]"), errc::invalid_payload);
  EXPECT_EQ(error(packet_type::event, "[\"" + std::string(5000, 'x') + "\"]"),
            errc::event_name_too_long);
  EXPECT_EQ(error(packet_type::ack, ""), errc::invalid_payload);
  EXPECT_EQ(error(packet_type::ack, "{}"), errc::invalid_payload);
  EXPECT_EQ(error(packet_type::ack, "[1] 2"), errc::invalid_payload);
  EXPECT_EQ(error(packet_type::connect_error, "[]"), errc::invalid_payload);
  EXPECT_EQ(error(packet_type::ack, R"([{"_placeholder":true,"num":1}])", {bytes("x")}),
            errc::illegal_attachments);
  EXPECT_EQ(error(packet_type::ack, std::string(600, '[') + std::string(600, ']')),
            errc::invalid_payload);
  auto far = packet_of(packet_type::connect, "");
  far.nsp = std::string(600, '/');
  EXPECT_EQ(checked(std::move(far)).error(), errc::namespace_too_long);
  EXPECT_FALSE(error(packet_type::connect, ""));
  EXPECT_FALSE(error(packet_type::disconnect, ""));
  EXPECT_FALSE(error(packet_type::connect_error, "\"no\""));
}

TEST(Parser, MarksOfTheLastItemStayWithIt) {
  const auto got = checked(packet_of(packet_type::event, "[\"e\",1,null\t]"));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->args.items(), "1,null\t");
  EXPECT_EQ(got->args.from(1).items(), "null\t");
  EXPECT_EQ(checked(packet_of(packet_type::ack, "[ null\t ]"))->args.keep().items(), "null\t");
}

TEST(Parser, MarkedNamesAreNoPlaceholders) {
  const std::string text = R"({"_placeholder")" + std::string(marks::no_placeholder) +
                           R"(:true,"num":0},{"_placeholder":true,"num":0})";
  const auto found = find_placeholders(text);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].end, text.size());
}

}  // namespace
}  // namespace gossamer::socketio
