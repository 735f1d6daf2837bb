#include "actors/socketio/json_reader.hpp"
#include "actors/socketio/json_scan.hpp"
#include "actors/socketio/json_text.hpp"
#include "actors/socketio/json_writer.hpp"
#include "tests/unit/socketio/random_json.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gossamer::socketio {
namespace {

using gossamer::testing::random_json;

bool valid(std::string_view text) {
  return outline_json(text, 512).kind != json_kind::none;
}

boost::json::error_code parse_with_boost(std::string_view text, boost::json::value& out) {
  boost::json::error_code error;
  out = boost::json::parse({text.data(), text.size()}, error, {}, {.max_depth = 512});
  return error;
}

// Refusals of Boost where we accept: unpaired surrogates, huge exponents; and UTF-8 that the damage
// has cut, which is not ours to check.
bool known_difference(boost::json::error_code given, std::string_view text) {
  using boost::json::error;
  if (!given) return false;
  return given == error::exponent_overflow || text.find("\\ud") != std::string_view::npos ||
         text.find_first_of("\xc3\xe2\xa8\x80\xa9") != std::string_view::npos;
}

// Equal, but for the last digits of a double: Boost 1.81 rounds some of them wrongly.
bool same_value(const boost::json::value& a, const boost::json::value& b) {
  if (a.is_double() && b.is_double()) {
    const double x = a.get_double();
    const double y = b.get_double();
    return x == y || std::fabs(x - y) <= 1e-12 * std::fabs(x);
  }
  if (a.is_array() && b.is_array()) {
    const auto& x = a.get_array();
    const auto& y = b.get_array();
    return std::equal(x.begin(), x.end(), y.begin(), y.end(), same_value);
  }
  if (a.is_object() && b.is_object()) {
    const auto& x = a.get_object();
    return x.size() == b.get_object().size() && std::all_of(x.begin(), x.end(), [&](const auto& m) {
             const auto* found = b.get_object().if_contains(m.key());
             return found != nullptr && same_value(m.value(), *found);
           });
  }
  return a == b;
}

std::string json_of(const boost::json::value& value) {
  std::string text;
  std::vector<bytes> none;
  json_writer(text, none).json(value);
  return text;
}

TEST(Json, AgreesWithBoostOnRandomTexts) {
  seeded_random random(1);
  for (int round = 0; round < 4000; ++round) {
    const std::string text = random_json(random, 4);
    boost::json::value expected;
    ASSERT_FALSE(parse_with_boost(text, expected)) << text;
    ASSERT_TRUE(valid(text)) << text;
    EXPECT_TRUE(same_value(to_json_value(text), expected)) << text;
  }
}

TEST(Json, AgreesWithBoostOnDamagedTexts) {
  constexpr std::string_view bytes_to_put = "[]{},:\"\\0123eE+-.utfn x\n\t\x01\x7f/";
  seeded_random random(2);
  int refused = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string text = random_json(random, 3);
    for (auto left = 1 + random.below(2); left > 0; --left) {
      const auto at = random.below(text.size());
      const char put = bytes_to_put[random.below(bytes_to_put.size())];
      switch (random.below(3)) {
        case 0: text[at] = put; break;
        case 1: text.insert(at, 1, put); break;
        default: text.resize(at == 0 ? 1 : at); break;
      }
    }
    boost::json::value expected;
    const auto error = parse_with_boost(text, expected);
    if (known_difference(error, text)) continue;
    const bool agreed = !error;
    if (!agreed) ++refused;
    ASSERT_EQ(valid(text), agreed) << text;
    if (agreed) {
      ASSERT_TRUE(same_value(to_json_value(text), expected)) << text;
    }
  }
  EXPECT_GT(refused, 5000);
}

TEST(Json, OutlineFindsTheItems) {
  const auto found = outline_json(" [ 1 , [2,{\"a\":[]}] , \"x,]\" ] ", 8);
  EXPECT_EQ(found.kind, json_kind::array);
  EXPECT_EQ(found.item_count, 3U);
  EXPECT_EQ(found.first, "1");
  EXPECT_EQ(found.items, "1 , [2,{\"a\":[]}] , \"x,]\"");
  EXPECT_EQ(found.rest, "[2,{\"a\":[]}] , \"x,]\"");
  EXPECT_EQ(outline_json("[[],[]]", 8).item_count, 2U);
  EXPECT_EQ(outline_json("[]", 8).item_count, 0U);
}

TEST(Json, RefusesWhatIsNotJson) {
  for (const auto* text : {"",    " ",  "[1,]",    "{\"a\":}",    "{\"a\"}", "{,}",        "[,]",
                           "01",  "1.", ".5",      "+1",          "-",       "1e",         "nul",
                           "tru", "\"", "\"\\x\"", "\"\\u12g4\"", "[1 2]",   "{\"a\":1,}", "]",
                           "}",   "[}", "{]",      "1 2",         "\"\n\"",  "NaN",        "'a'"}) {
    EXPECT_FALSE(valid(text)) << text;
  }
}

TEST(Json, AcceptsUnpairedSurrogatesAndGivesThemBack) {
  for (const auto* text : {R"("\ud800")", R"("\udc00")", R"("a\ud800b")", R"("\ud800\ud800")",
                           R"("\udc00\ud800")", R"("\ud800\n")"}) {
    EXPECT_TRUE(valid(text)) << text;
    EXPECT_EQ(json_of(to_json_value(text)), text);
  }
  EXPECT_EQ(json_of(to_json_value(R"("\ud83d\ude00")")), "\"\xf0\x9f\x98\x80\"");
  EXPECT_EQ(json_of(to_json_value(R"({"\ud800":1})")), R"({"\ud800":1})");
}

TEST(Json, EscapesAsJsonStringifyDoes) {
  std::string out;
  append_json_string(out, std::string_view("\"\\\b\f\n\r\t\x01\x1f\x7f/\0x", 13));
  EXPECT_EQ(out, "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\x7f/\\u0000x\"");
  out.clear();
  append_json_string(out, "\xe2\x80\xa8\xf0\x9f\x98\x80\xc3\xa9");
  EXPECT_EQ(out, "\"\xe2\x80\xa8\xf0\x9f\x98\x80\xc3\xa9\"");
}

TEST(Json, ReplacesBytesThatAreNoUtf8) {
  const std::string bad = "\xef\xbf\xbd";
  const std::vector<std::pair<std::string, std::string>> rows{
      {"\xff", bad},
      {"a\x80z", "a" + bad + "z"},
      {"\xc3", bad},
      {"\xc0\xaf", bad + bad},
      {"\xe2\x80", bad},
      {"\xf0\x9f\x98z", bad + "z"},
      {"\xf0\x9f\xf0\x9f", bad + bad},
      {"\xf4\x90\x80\x80", bad + bad + bad + bad},
      {"\xe0\x80\x80", bad + bad + bad}};
  for (const auto& [text, expected] : rows) {
    std::string out;
    append_json_string(out, text);
    EXPECT_EQ(out, "\"" + expected + "\"");
  }
}

TEST(Json, PrintsNumbersAsJavascriptDoes) {
  const std::vector<std::pair<std::string_view, std::string_view>> rows{
      {"0", "0"},
      {"1", "1"},
      {"-1", "-1"},
      {"0.1", "0.1"},
      {"1e21", "1e+21"},
      {"1e-7", "1e-7"},
      {"0.000001", "0.000001"},
      {"123456789012345678", "123456789012345680"},
      {"999999999999999999999", "1e+21"},
      {"1e300", "1e+300"},
      {"5e-324", "5e-324"},
      {"1.5", "1.5"},
      {"9007199254740993", "9007199254740992"},
      {"4294967296.5", "4294967296.5"},
      {"100000000000000000000", "100000000000000000000"},
      {"1.7976931348623157e308", "1.7976931348623157e+308"},
      {"12345678.9", "12345678.9"},
      {"-2.5e-9", "-2.5e-9"},
      {"1e400", "Infinity"},
      {"-1e400", "-Infinity"},
      {"1e-400", "0"},
      {"0.1e1", "1"},
      {"123e-20", "1.23e-18"},
      {"12345678901234567890123", "1.2345678901234568e+22"},
      {"-123456789012345680000", "-123456789012345680000"}};
  for (const auto& [given, expected] : rows) {
    std::string out;
    append_js_number(out, parse_json_number(given));
    EXPECT_EQ(out, expected) << given;
  }
}

TEST(Json, ReadsNumbersBeyondADouble) {
  constexpr double infinite = std::numeric_limits<double>::infinity();
  EXPECT_EQ(parse_json_number("1e99999999999999999999"), infinite);
  EXPECT_EQ(parse_json_number("-1e309"), -infinite);
  EXPECT_EQ(parse_json_number("1e-99999999999999999999"), 0.0);
  EXPECT_EQ(parse_json_number("0." + std::string(400, '0') + "1"), 0.0);
  EXPECT_EQ(parse_json_number("1" + std::string(400, '0')), infinite);
  EXPECT_EQ(parse_json_number("0." + std::string(400, '0') + "1e800"), infinite);
  EXPECT_EQ(to_json_value("1e400").as_double(), infinite);
}

TEST(Json, StaysInsideAnyBytes) {
  seeded_random random(3);
  for (int round = 0; round < 5000; ++round) {
    std::string text;
    for (auto left = random.below(24); left > 0; --left)
      text += "[]{}\",:\\u01d \xff\xed"[random.below(15)];
    const std::vector<char> exact(text.begin(), text.end());  // no terminator: overruns are seen
    const std::string_view view(exact.data(), exact.size());
    const bool good = valid(view);
    if (!good) continue;
    EXPECT_EQ(json_reader(view).take().size() <= view.size(), true);
  }
}

}  // namespace
}  // namespace gossamer::socketio
