#include "actors/socketio/encode.hpp"

#include "actors/socketio/decoder.hpp"
#include "tests/unit/socketio/random_json.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace gossamer::socketio {
namespace {

using gossamer::testing::random_json;

// `42["a"]` or `451-[...] <data>`.
std::string wire(const frame_set& set) {
  std::string all;
  for (const auto& frame : set.frames()) {
    EXPECT_EQ(frame.kind(), all.empty() ? frame_kind::text : frame_kind::binary);
    all += all.empty() ? std::string(frame.payload()) : " <" + std::string(frame.payload()) + ">";
  }
  return all;
}

TEST(SocketioEncode, WritesWhatNodeWrites) {
  EXPECT_EQ(wire(encode_connect("/", "abc")), R"(40{"sid":"abc"})");
  EXPECT_EQ(wire(encode_connect("/a", "abc", "p")), R"(40/a,{"sid":"abc","pid":"p"})");
  EXPECT_EQ(wire(encode_connect_error("/random", "Invalid namespace")),
            R"(44/random,{"message":"Invalid namespace"})");
  EXPECT_EQ(wire(encode_connect_error("/", "no", R"({"retry":false})")),
            R"(44{"message":"no","data":{"retry":false}})");
  EXPECT_EQ(wire(encode_disconnect("/")), "41");
  EXPECT_EQ(wire(encode_disconnect("/a")), "41/a,");
  EXPECT_EQ(wire(*encode_event("/", {}, "auth", boost::json::object())), R"(42["auth",{}])");
  EXPECT_EQ(wire(*encode_event("/", 0, "a")), R"(420["a"])");
  EXPECT_EQ(
      wire(encode_ack("/", 456, 1, "2", boost::json::value{{"3", boost::json::array{false}}})),
      R"(43456[1,"2",{"3":[false]}])");
  EXPECT_EQ(wire(encode_ack("/a", 7)), "43/a,7[]");
  EXPECT_EQ(wire(encode_ack("/", ack_id::parse("123456789012345678"))), "43123456789012345680[]");
  EXPECT_EQ(wire(encode_ack("/", ack_id::parse("1000000000000000000000"))), "431e+21[]");
}

TEST(SocketioEncode, SendsAttachmentsAfterTheText) {
  EXPECT_EQ(
      wire(*encode_event("/a", 3, "b", bytes("x"), 1, std::vector<bytes>{bytes("y"), bytes()})),
      R"(453-/a,3["b",{"_placeholder":true,"num":0},1,[{"_placeholder":true,"num":1},{"_placeholder":true,"num":2}]] <x> <y> <>)");
  EXPECT_EQ(wire(encode_ack("/", 789, bytes("z"))),
            R"(461-789[{"_placeholder":true,"num":0}] <z>)");
  EXPECT_EQ(wire(encode_ack("/", 1, make_args(2, bytes("z")).view().from(1))),
            R"(461-1[{"_placeholder":true,"num":0}] <z>)");
}

TEST(SocketioEncode, RelaysRawArguments) {
  const args_view raw(R"(9007199254740993, "\ud800")", 2);
  EXPECT_EQ(wire(*encode_event("/", {}, "e", raw)), R"(42["e",9007199254740993, "\ud800"])");
  EXPECT_EQ(wire(*encode_event("/", {}, "e", args_view())), R"(42["e"])");
  EXPECT_EQ(wire(*encode_event("/", 4, "q\"", raw)), R"(424["q\"",9007199254740993, "\ud800"])");
  EXPECT_EQ(wire(encode_ack("/", 4, raw)), R"(434[9007199254740993, "\ud800"])");
  const args binary = make_args("a", bytes("b"));
  EXPECT_EQ(wire(*encode_event("/", {}, "e", binary)),
            R"(451-["e","a",{"_placeholder":true,"num":0}] <b>)");
}

TEST(SocketioEncode, EncodesAnImage) {
  const auto image = event_image::make("e", bytes("b"), 1);
  EXPECT_EQ(wire(encode_event("/n", {}, *image)),
            R"(451-/n,["e",{"_placeholder":true,"num":0},1] <b>)");
  EXPECT_EQ(wire(encode_event("/", 12, *event_image::make("e"))), R"(4212["e"])");
}

TEST(SocketioEncode, RefusesReservedNames) {
  for (const auto* name : {"connect", "connect_error", "disconnect", "disconnecting", "newListener",
                           "removeListener"}) {
    EXPECT_EQ(encode_event("/", {}, name).error(), errc::reserved_event_name) << name;
    EXPECT_EQ(encode_event("/", {}, name, args_view("1", 1)).error(), errc::reserved_event_name)
        << name;
  }
}

TEST(SocketioEncode, CopiesShareTheFrames) {
  const auto set = encode_disconnect("/");
  const frame_set copy = set;
  EXPECT_EQ(copy.frames()[0], set.frames()[0]);
  EXPECT_TRUE(frame_set().empty());
  EXPECT_EQ(set.size_bytes(), 4U);
}

TEST(SocketioEncode, DecodesToWhatWasEncoded) {
  seeded_random random(21);
  decoder d;
  for (int round = 0; round < 2000; ++round) {
    const std::string nsp = random.below(2) == 0 ? "/" : "/n" + std::to_string(random.below(100));
    const bool event = random.below(2) == 0;
    std::optional<ack_id> id;
    if (!event || random.below(2) == 0) id = ack_id(random.below(1U << 31U));
    const std::string name =
        from_json<std::string>(gossamer::testing::random_string(random)).value();
    args_builder builder;
    for (auto left = random.below(5); left > 0; --left) {
      if (random.below(3) == 0) {
        builder.add(bytes(std::to_string(random.next())));
      } else {
        const std::string item = random_json(random, 3);
        builder.add(args(item, 1));
      }
    }
    const args given = builder.build();
    const frame_set set =
        event ? encode_event(nsp, id, name, given).value() : encode_ack(nsp, *id, given);
    auto got = d.on_text(set.frames()[0].payload().substr(1));
    for (const auto& frame : set.frames().subspan(1)) {
      ASSERT_TRUE(got.has_value() && !*got);
      got = d.on_binary(bytes(frame.payload()));
    }
    ASSERT_TRUE(got.has_value() && *got) << wire(set);
    const packet& p = **got;
    ASSERT_EQ(p.type, event ? packet_type::event : packet_type::ack);
    ASSERT_EQ(p.nsp, nsp);
    ASSERT_EQ(p.id, id);
    if (event) {
      ASSERT_EQ(p.name(), name);
    }
    ASSERT_EQ(p.args.size(), given.size());
    for (std::size_t i = 0; i < given.size(); ++i) ASSERT_EQ(p.args.raw(i), given.raw(i));
    ASSERT_EQ(std::vector<bytes>(p.args.attachments().begin(), p.args.attachments().end()),
              std::vector<bytes>(given.attachments().begin(), given.attachments().end()));
  }
}

}  // namespace
}  // namespace gossamer::socketio
