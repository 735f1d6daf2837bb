#include "actors/socketio/json_codec.hpp"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

namespace gossamer {

struct degrees {
  double value = 0;
};
template <>
struct json_codec<degrees> {
  static std::string expects() { return "temperature"; }
  static bool read(json_reader& in, degrees& out) { return in.value(out.value); }
  static void write(json_writer& out, const degrees& given) { out.value(given.value); }
};

namespace {

enum class side { buy, sell };
BOOST_DESCRIBE_ENUM(side, buy, sell)

struct base {
  int version = 0;
  bool operator==(const base&) const = default;
};
BOOST_DESCRIBE_STRUCT(base, (), (version))

struct order_line : base {
  std::string sku;
  int quantity = 0;
  std::optional<double> limit;
  bool operator==(const order_line&) const = default;
};
BOOST_DESCRIBE_STRUCT(order_line, (base), (sku, quantity, limit))

struct order {
  side way = side::buy;
  std::vector<order_line> lines;
  std::map<std::string, std::vector<bool>> flags;
  std::variant<std::monostate, std::int64_t, std::string, bytes> note;
  std::tuple<int, std::string> pair_of;
  std::array<double, 2> at{};
  bytes data;
  bool operator==(const order&) const = default;
};
BOOST_DESCRIBE_STRUCT(order, (), (way, lines, flags, note, pair_of, at, data))

struct tree {
  int value = 0;
  std::vector<tree> children;
};
BOOST_DESCRIBE_STRUCT(tree, (), (value, children))

struct nothing {};
BOOST_DESCRIBE_STRUCT(nothing, (), ())

template <class T>
std::string problem(std::string_view json) {
  const auto got = from_json<T>(json);
  return got ? "fine" : got.error().message();
}

template <class T>
T read(std::string_view json) {
  auto got = from_json<T>(json);
  EXPECT_TRUE(got.has_value()) << json << ": " << (got ? "" : got.error().message());
  return got ? *got : T{};
}

TEST(JsonCodec, BringsAStructThereAndBack) {
  const order given{side::sell,
                    {{{2}, "a\"b", 3, 1.5}, {{0}, "", -1, {}}},
                    {{"x", {true, false}}, {"", {}}},
                    bytes("note"),
                    {7, "seven"},
                    {0.1, -2},
                    bytes("raw")};
  std::vector<bytes> attachments;
  const std::string text = to_json(given, &attachments);
  EXPECT_EQ(attachments.size(), 2U);
  const auto back = from_json<order>(text, attachments);
  ASSERT_TRUE(back.has_value()) << back.error().message();
  EXPECT_EQ(*back, given);
}

TEST(JsonCodec, NamesThePath) {
  using lines = std::vector<order_line>;
  auto error = from_json<lines>(R"([{"version":1,"sku":"x","quantity":"3"}])").error();
  EXPECT_EQ(std::move(error).under("order").message(),
            "order[0].quantity: expected integer, got string");
  EXPECT_EQ(problem<lines>(R"([{"version":1,"sku":"x","quantity":1},{"version":1,"sku":"x"}])"),
            "[1].quantity: expected integer, got nothing");
  EXPECT_EQ(problem<lines>("{}"), "expected array, got object");
  EXPECT_EQ(problem<order_line>("null"), "expected object, got null");
  EXPECT_EQ(problem<order_line>(R"({"limit":"x"})"), "limit: expected number, got string");
  EXPECT_EQ((problem<std::map<std::string, int>>(R"({"good":1,"b\u0000d":null})")),
            "?: expected integer, got null");
  EXPECT_EQ((problem<std::tuple<int, std::string>>("[1]")), "[1]: expected string, got nothing");
  EXPECT_EQ((problem<std::tuple<int, std::string>>(R"([1,"a",2])")),
            "[2]: expected 2 items, got more");
  EXPECT_EQ(problem<side>(R"("hold")"), "expected one of buy, sell, got another string");
  EXPECT_EQ(problem<side>("1"), "expected one of buy, sell, got number");
  EXPECT_EQ((problem<std::variant<int, std::string>>("[]")),
            "expected integer or string, got array");
  EXPECT_EQ(problem<bytes>(R"({"a":1})"), "expected binary, got object");
  EXPECT_EQ(problem<int>("[1"), "expected JSON, got something else");
}

TEST(JsonCodec, ChecksTheRangeOfIntegers) {
  EXPECT_EQ(read<std::uint8_t>("255"), 255);
  EXPECT_EQ(problem<std::uint8_t>("256"), "expected integer from 0 to 255, got another number");
  EXPECT_EQ(problem<std::uint8_t>("-1"), "expected integer from 0 to 255, got another number");
  EXPECT_EQ(read<std::int64_t>("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(read<std::int64_t>("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  EXPECT_NE(problem<std::int64_t>("9223372036854775808"), "fine");
  EXPECT_EQ(read<std::uint64_t>("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_NE(problem<std::uint64_t>("18446744073709551616"), "fine");
  EXPECT_EQ(read<int>("1e3"), 1000);
  EXPECT_EQ(read<int>("-2.0"), -2);
  EXPECT_EQ(read<unsigned>("-0"), 0U);
  EXPECT_EQ(problem<int>("1.5"), "expected integer, got fraction");
  EXPECT_NE(problem<int>("1e400"), "fine");
  EXPECT_EQ(problem<int>("true"), "expected integer, got boolean");
  EXPECT_EQ(problem<bool>("1"), "expected boolean, got number");
}

TEST(JsonCodec, WritesNumbersInFull) {
  EXPECT_EQ(to_json(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(to_json(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(to_json(0.1), "0.1");
  EXPECT_EQ(to_json(0.1F), "0.1");
  EXPECT_EQ(to_json(1e21), "1e+21");
  EXPECT_EQ(to_json(-0.0), "0");
  EXPECT_EQ(to_json(std::nan("")), "null");
  EXPECT_EQ(to_json(std::numeric_limits<float>::infinity()), "null");
  EXPECT_EQ(to_json(std::uint8_t{65}), "65");
}

TEST(JsonCodec, TakesAbsentAndUnknownMembers) {
  const auto line = read<order_line>(
      R"({"extra":{"deep":[1,{}]},"quantity":2,"sku":"s","version":9,"quantity":5})");
  EXPECT_EQ(line, (order_line{{9}, "s", 5, {}}));
  EXPECT_EQ(read<order_line>(R"({"version":1,"sku":"","quantity":0,"limit":null})").limit,
            std::nullopt);
  EXPECT_EQ(to_json(order_line{{1}, "", 0, {}}), R"({"version":1,"sku":"","quantity":0})");
  EXPECT_EQ(to_json(nothing{}), "{}");
  EXPECT_EQ(problem<nothing>(R"({"a":1})"), "fine");
  EXPECT_EQ((read<std::tuple<int, std::optional<int>>>("[1]")),
            (std::tuple<int, std::optional<int>>(1, {})));
}

TEST(JsonCodec, VariantTakesTheFirstThatFits) {
  using either = std::variant<std::nullptr_t, bool, int, double, std::string, std::vector<int>,
                              boost::json::value>;
  EXPECT_EQ(read<either>("null").index(), 0U);
  EXPECT_EQ(read<either>("true").index(), 1U);
  EXPECT_EQ(read<either>("3").index(), 2U);
  EXPECT_EQ(read<either>("3.5").index(), 3U);
  EXPECT_EQ(read<either>("\"x\"").index(), 4U);
  EXPECT_EQ(read<either>("[1,2]").index(), 5U);
  EXPECT_EQ(read<either>("[1,\"2\"]").index(), 6U);
  EXPECT_EQ(to_json(either(std::in_place_index<5>, {4, 5})), "[4,5]");
}

TEST(JsonCodec, KeepsTextThroughAString) {
  for (const auto* text : {R"("plain")", R"("\ud800 alone")", R"("\"\\\n\u0000")",
                           "\"\xf0\x9f\x98\x80\xe2\x80\xa8\""}) {
    EXPECT_EQ(to_json(read<std::string>(text)), text);
  }
  EXPECT_EQ(read<std::string>(R"("\u00e9\ud83d\ude00\/")"), "\xc3\xa9\xf0\x9f\x98\x80/");
}

TEST(JsonCodec, WritesWhatIsOnlyWritten) {
  EXPECT_EQ(to_json("literal"), R"("literal")");
  EXPECT_EQ(to_json(std::string_view("view")), R"("view")");
  EXPECT_EQ(to_json(nullptr), "null");
  EXPECT_EQ(to_json(std::optional<int>()), "null");
  EXPECT_EQ(to_json(make_args(1, "a")), R"([1,"a"])");
  EXPECT_EQ(to_json(std::unordered_map<std::string, int>{{"a", 1}}), R"({"a":1})");
  EXPECT_EQ(to_json(boost::json::value{{"retry", false}}), R"({"retry":false})");
  EXPECT_EQ(to_json(degrees{21.5}), "21.5");
  EXPECT_EQ(read<degrees>("-3").value, -3);
}

TEST(JsonCodec, ReadsArgsAndTrees) {
  EXPECT_EQ(read<args>(R"([1, "a"])"), args(R"(1, "a")", 2));
  EXPECT_EQ(read<boost::json::object>(R"({"a":[1]})").at("a").as_array().size(), 1U);
  EXPECT_EQ(problem<boost::json::array>("{}"), "expected array, got object");
  const auto grown = read<tree>(R"({"value":1,"children":[{"value":2,"children":[]}]})");
  EXPECT_EQ(grown.children.at(0).value, 2);
  EXPECT_EQ(problem<tree>(R"({"value":1,"children":[{"value":2,"children":[{}]}]})"),
            "children[0].children[0].value: expected integer, got nothing");
}

TEST(JsonCodec, ValueThrowsOnlyWhereAsked) {
  EXPECT_THROW(static_cast<void>(from_json<int>("\"x\"").value()), std::invalid_argument);
}

template <class T>
concept writable = requires(json_writer& out, const T& value) {
  json_codec<T>::write(out, value);
};
static_assert(writable<int> && writable<side> && writable<order>);
static_assert(!writable<std::chrono::seconds> && !writable<char> && !writable<void*>);

}  // namespace
}  // namespace gossamer
