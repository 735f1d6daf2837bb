#include "actors/socketio/decoder.hpp"

#include "actors/socketio/json_codec.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gossamer::socketio {
namespace {

using outcome = result<std::optional<packet>>;

std::string attachment_text(const packet& p) {
  std::string all;
  for (const auto& attachment : p.args.attachments())
    all += "<" + std::string(attachment.view()) + ">";
  return all;
}

// One line that says what came out: `event /nsp #7 name(items)<attachments>`.
std::string describe(const outcome& given) {
  static constexpr std::string_view types[] = {"connect", "disconnect", "event", "ack", "error"};
  if (!given) return given.error().message();
  if (!*given) return "pending";
  const packet& p = **given;
  std::string line(types[static_cast<int>(p.type)]);
  if (p.nsp != "/") line += " " + std::string(p.nsp);
  if (p.id) line += " #" + p.id->text();
  if (p.type == packet_type::event) line += p.has_name ? " " + std::string(p.name()) : " -";
  if (p.type == packet_type::event || p.type == packet_type::ack) {
    return line + "(" + std::string(p.args.items()) + ")" + attachment_text(p);
  }
  return p.payload.empty() ? line : line + " " + std::string(p.payload);
}

std::string decode(std::string_view text) {
  decoder d;
  return describe(d.on_text(text));
}

TEST(SocketioDecoder, FollowsTheGoldenTable) {
  const std::vector<std::pair<std::string_view, std::string_view>> rows{
      {"abc", "unknown packet type"},
      {"", "unknown packet type"},
      {"7", "unknown packet type"},
      {"2", "event -()"},
      {"2[]", "invalid payload"},
      {R"(2[""])", "event ()"},
      {"2[1]", "event 1()"},
      {R"(2["connect"])", "invalid payload"},
      {R"(2["connect_error"])", "invalid payload"},
      {R"(2["disconnect"])", "invalid payload"},
      {R"(2["disconnecting"])", "invalid payload"},
      {R"(2["newListener"])", "invalid payload"},
      {R"(2["removeListener"])", "invalid payload"},
      {R"(2["conne\u0063t"])", "invalid payload"},
      {R"(2-1["a"])", "invalid payload"},
      {"21", "event #1 -()"},
      {R"(2123456789012345678["a"])", "event #123456789012345680 a()"},
      {R"(242123456789012345678["a"])", "event #42123456789012350000 a()"},
      {R"(3["a"])", R"(ack("a"))"},
      {R"(1{"a":1})", "invalid payload"},
      {"1", "disconnect"},
      {"0", "connect"},
      {R"(2/nsp,["a"])", "event /nsp a()"},
      {"0/nsp", "connect /nsp"},
      {"1/nsp", "disconnect /nsp"},
      {"0/none,", "connect /none"},
      {"0/nsp?x=1,", "connect /nsp?x=1"},
      {"0/nsp,[1]", "invalid payload"},
      {R"(4{"message":"x"})", R"(error {"message":"x"})"},
      {R"(511-["b"])", "too many attachments"},
      {R"(50-["x"])", "Illegal attachments"},
  };
  for (const auto& [text, expected] : rows) EXPECT_EQ(decode(text), expected) << text;
}

TEST(SocketioDecoder, FollowsTheGrammar) {
  const std::vector<std::pair<std::string_view, std::string_view>> rows{
      {R"(0{"token":"x"})", R"(connect {"token":"x"})"},
      {R"(0/a,{})", "connect /a {}"},
      {R"(0"text")", "invalid payload"},
      {"03", "connect #3"},
      {"0null", "invalid payload"},
      {R"(2/a/b,17["x",1, 2 ,{"y":[3]}])", R"(event /a/b #17 x(1, 2 ,{"y":[3]}))"},
      {R"(2/,["x"])", "event x()"},
      {R"(2[ "x" , 1 ])", "event x(1)"},
      {R"(2[null])", "invalid payload"},
      {R"(2[true])", "invalid payload"},
      {R"(2[["a"]])", "invalid payload"},
      {R"(2{"a":1})", "invalid payload"},
      {R"(2["a")", "invalid payload"},
      {R"(2["a"]x)", "invalid payload"},
      {R"(2[1e2])", "event 100()"},
      {R"(2[-0])", "event 0()"},
      {R"(2[0.10])", "event 0.1()"},
      {R"(2["a\nb\ud83d\ude00"])", "event a\nb\xf0\x9f\x98\x80()"},
      {R"(312[])", "ack #12()"},
      {R"(312[1,null])", "ack #12(1,null)"},
      {R"(312{"a":1})", "invalid payload"},
      {R"(4"text")", R"(error "text")"},
      {"4[1]", "invalid payload"},
      {R"(5["a"])", "Illegal attachments"},
      {R"(5-["a"])", "Illegal attachments"},
      {R"(5-1-["a"])", "Illegal attachments"},
      {R"(51["a"])", "Illegal attachments"},
      {R"(51e0-["a"])", "Illegal attachments"},
      {R"(599999999999999999999999-["a"])", "too many attachments"},
  };
  for (const auto& [text, expected] : rows) EXPECT_EQ(decode(text), expected) << text;
}

TEST(SocketioDecoder, RelaysTextThatATreeWouldChange) {
  const std::string_view items =
      "9007199254740993,1e400,1.0,{\"a\":1,\"a\":2,\"__proto__\":{\"x\":1}},\"\\ud800\","
      "\"\xe2\x80\xa8\"";
  decoder d;
  const std::string text = R"(2["e",)" + std::string(items) + "]";
  const auto got = d.on_text(text);
  ASSERT_TRUE(got.has_value());
  EXPECT_EQ((*got)->args.items(), items);
  EXPECT_EQ((*got)->args.size(), 6U);
}

TEST(SocketioDecoder, PutsAttachmentsTogether) {
  decoder d;
  EXPECT_EQ(describe(d.on_text(
                R"(52-/a,7["b",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}])")),
            "pending");
  EXPECT_TRUE(d.pending());
  EXPECT_EQ(describe(d.on_binary(bytes("one"))), "pending");
  const auto whole = d.on_binary(bytes(""));
  EXPECT_EQ(describe(whole),
            R"(event /a #7 b({"_placeholder":true,"num":1},{"_placeholder":true,"num":0})<one><>)");
  EXPECT_EQ((*whole)->args.get<bytes>(1)->view(), "one");
  EXPECT_FALSE(d.pending());
}

TEST(SocketioDecoder, KeepsABinaryPacketByItself) {
  std::optional<packet> kept;
  args items;
  {
    decoder d;
    std::string text = R"(61-/n,3[{"_placeholder":true,"num":0},"tail"])";
    ASSERT_TRUE(d.on_text(text).has_value());
    text.assign(text.size(), 'x');
    kept = std::move(*d.on_binary(bytes("data")));
    items = kept->args.keep();
  }
  EXPECT_EQ(kept->nsp, "/n");
  EXPECT_EQ(items.items().data(), kept->args.items().data());  // shared, not copied
  kept.reset();
  EXPECT_EQ(items.get<std::string>(1).value(), "tail");
  EXPECT_EQ(items.get<bytes>(0)->view(), "data");
}

TEST(SocketioDecoder, RefusesWhatIsOutOfTurn) {
  decoder d;
  EXPECT_EQ(describe(d.on_binary(bytes("x"))), "got binary data when not reconstructing a packet");
  EXPECT_EQ(describe(d.on_text(R"(51-["b",{"_placeholder":true,"num":0}])")), "pending");
  EXPECT_EQ(describe(d.on_text(R"(2["x"])")), "got plaintext data when reconstructing a packet");
  EXPECT_FALSE(d.pending());
}

TEST(SocketioDecoder, RefusesPlaceholdersOutOfRange) {
  for (const auto* num : {"1", "-1", "0.5", "\"0\"", "null", "[0]", "1e99"}) {
    const std::string text = R"(51-["b",{"_placeholder":true,"num":)" + std::string(num) + "}]";
    EXPECT_EQ(decode(text), "Illegal attachments") << text;
  }
  EXPECT_EQ(decode(R"(51-["b",{"_placeholder":true}])"), "Illegal attachments");
  EXPECT_EQ(decode(R"(51-["b",{"\u005fplaceholder":true,"num":1}])"), "Illegal attachments");
  EXPECT_EQ(decode(R"(51-["b",{"_placeholder":1,"num":7}])"), "pending");
  EXPECT_EQ(decode(R"(51-["b",{"_placeholder":true,"num":7,"num":0}])"), "pending");
  EXPECT_EQ(decode(R"(2["b",{"_placeholder":true,"num":7}])"),
            R"(event b({"_placeholder":true,"num":7}))");
}

TEST(SocketioDecoder, BoundsNamesAndDepth) {
  EXPECT_EQ(decode("0/" + std::string(limits::namespace_bytes_max - 1, 'n')).substr(0, 9),
            "connect /");
  EXPECT_EQ(decode("0/" + std::string(limits::namespace_bytes_max, 'n')),
            "namespace name too long");
  const std::string name(limits::event_name_bytes_max, 'e');
  EXPECT_EQ(decode("2[\"" + name + "\"]"), "event " + name + "()");
  EXPECT_EQ(decode("2[\"" + name + "e\"]"), "event name too long");
  const std::size_t fits = limits::json_depth_max - 1;
  EXPECT_EQ(decode("2[\"a\"," + std::string(fits, '[') + std::string(fits, ']') + "]").substr(0, 8),
            "event a(");
  EXPECT_EQ(decode("2[\"a\"," + std::string(fits + 1, '[') + std::string(fits + 1, ']') + "]"),
            "invalid payload");
  EXPECT_EQ(decode("2[\"a\"," + std::string(100'000, '[')), "invalid payload");
  std::string objects = "0";
  for (int i = 0; i < 100'000; ++i) objects += R"({"a":)";
  EXPECT_EQ(decode(objects), "invalid payload");
}

TEST(SocketioDecoder, IsSmallWhenIdle) {
  EXPECT_LE(sizeof(decoder), 16U);
  decoder d;
  ASSERT_TRUE(d.on_text(R"(2["a"])").has_value());
  EXPECT_FALSE(d.pending());
}

}  // namespace
}  // namespace gossamer::socketio
