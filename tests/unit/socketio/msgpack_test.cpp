#include "actors/socketio/encode.hpp"
#include "actors/socketio/errc.hpp"
#include "actors/socketio/iso_date.hpp"
#include "actors/socketio/json_codec.hpp"
#include "actors/socketio/json_marks.hpp"
#include "actors/socketio/msgpack_decode.hpp"
#include "actors/socketio/msgpack_encode.hpp"
#include "runtime/base/limits.hpp"
#include "runtime/base/random.hpp"
#include "tests/unit/socketio/random_json.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gossamer::socketio {
namespace {

using namespace std::literals;

std::string from_hex(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    out += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
  }
  return out;
}

std::string to_hex(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4U];
    out += "0123456789abcdef"[static_cast<unsigned char>(c) & 15U];
  }
  return out;
}

struct golden_case {
  std::string kind, name, message, data, echo;
};

std::vector<golden_case> golden() {
  std::vector<golden_case> all;
  std::ifstream file(GOSSAMER_GOLDEN_MSGPACK);
  for (std::string line; std::getline(file, line);) {
    std::vector<std::string> fields(1);
    for (const char c : line) {
      if (c == '\t') {
        fields.emplace_back();
      } else {
        fields.back() += c;
      }
    }
    fields.resize(5);
    all.push_back({fields[0], fields[1], from_hex(fields[2]), fields[3], fields[4]});
  }
  return all;
}

std::string encoded(const incoming_packet& p) {
  std::string out;
  encode_msgpack({p.type, p.nsp, p.id, p.json, p.attachments}, out);
  return out;
}

// An event `e` whose only argument is this msgpack value.
std::string event_of(std::string_view value) {
  return "\x83\xa4type\x02\xa4"
         "data\x92\xa1"
         "e"s +
         std::string(value) + "\xa3nsp\xa1/";
}

std::string item(std::string_view value) {
  const auto got = decode_msgpack(event_of(value));
  return got ? got->json.substr(5, got->json.size() - 6) : "refused";
}

std::string packed(std::string_view json, std::vector<bytes> attachments = {}) {
  std::string out;
  encode_msgpack({packet_type::ack, "/", {}, json, attachments}, out);
  const std::string before =
      "\x83\xa4type\x03\xa4"
      "data"s;
  EXPECT_TRUE(out.starts_with(before));
  return out.substr(before.size(), out.size() - before.size() - 6);
}

// Numbers as JavaScript has them: 1e3 is the integer 1000.
boost::json::value normal(boost::json::value value) {
  if (value.is_double() && std::trunc(value.get_double()) == value.get_double()) {
    return static_cast<std::int64_t>(value.get_double());
  }
  if (value.is_array()) {
    for (auto& one : value.get_array()) one = normal(one);
  } else if (value.is_object()) {
    for (auto& one : value.get_object()) one.value() = normal(one.value());
  }
  return value;
}

TEST(Msgpack, ReadsWhatThePackageWrites) {
  std::size_t count = 0;
  for (const auto& one : golden()) {
    if (one.kind != "ok") continue;
    ++count;
    const auto got = decode_msgpack(one.message);
    ASSERT_TRUE(got) << one.name;
    EXPECT_EQ(to_json_value(got->json), to_json_value(one.data)) << one.name << "\n" << got->json;
    const auto whole = checked(*got);
    ASSERT_TRUE(whole) << one.name << ": " << whole.error().message();
  }
  EXPECT_GT(count, 400U);
}

TEST(Msgpack, WritesWhatThePackageWrites) {
  for (const auto& one : golden()) {
    if (one.kind != "ok") continue;
    const auto got = decode_msgpack(one.message);
    ASSERT_TRUE(got) << one.name;
    EXPECT_EQ(to_hex(encoded(*got)), one.echo) << one.name << "\n" << got->json;
  }
}

TEST(Msgpack, RefusesWhatThePackageRefuses) {
  std::size_t count = 0;
  for (const auto& one : golden()) {
    if (one.kind != "bad") continue;
    ++count;
    EXPECT_FALSE(decode_msgpack(one.message)) << one.name;
  }
  EXPECT_GT(count, 100U);
}

TEST(Msgpack, ConvertsToTypedArguments) {
  const auto got =
      checked(*decode_msgpack(event_of("\x83\xa1n\xcd\x01\x00\xa1"
                                       "b\xc4\x02xy\xa1w\xd4\x00\x00"sv)));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->name(), "e");
  const auto value =
      got->args.get<std::map<std::string, std::variant<int, bytes, std::nullptr_t>>>(0);
  ASSERT_TRUE(value) << value.error().message();
  EXPECT_EQ(std::get<int>(value->at("n")), 256);
  EXPECT_EQ(std::get<bytes>(value->at("b")).view(), "xy");
  EXPECT_EQ(std::get<std::nullptr_t>(value->at("w")), nullptr);
  EXPECT_EQ(got->args.get<std::string>(0).error().message(), "[0]: expected string, got object");
}

TEST(Msgpack, KeepsAllBitsOfIntegers) {
  EXPECT_EQ(item("\xcf\xff\xff\xff\xff\xff\xff\xff\xff"sv), "18446744073709551615");
  EXPECT_EQ(item("\xd3\x80\x00\x00\x00\x00\x00\x00\x00"sv), "-9223372036854775808");
  EXPECT_EQ(packed("[18446744073709551615]"), "\x91\xcf\xff\xff\xff\xff\xff\xff\xff\xff"sv);
  EXPECT_EQ(packed("[-9223372036854775808]"), "\x91\xd3\x80\x00\x00\x00\x00\x00\x00\x00"sv);
  EXPECT_EQ(packed("[18446744073709551616]"), "\x91\xcb\x43\xf0\x00\x00\x00\x00\x00\x00"sv);
}

TEST(Msgpack, WritesNumbersAsJavaScriptHasThem) {
  EXPECT_EQ(packed("[1.0,1e2,-0,-0.0,1E400,-1.50]"),
            "\x96\x01\x64\x00\x00\xcb\x7f\xf0\x00\x00\x00\x00\x00\x00"
            "\xcb\xbf\xf8\x00\x00\x00\x00\x00\x00"sv);
}

TEST(Msgpack, WritesJsonWithSpaceAndEscapes) {
  EXPECT_EQ(packed(" [ { \"a\\u0062\" : [ ] , \"c\":{ } } , \"\\ud83d\\ude00\\ud800\" ] "),
            "\x92\x82\xa2"
            "ab\x90\xa1"
            "c\x80\xa7\xf0\x9f\x98\x80\xef\xbf\xbd"sv);
}

TEST(Msgpack, WritesLongLengths) {
  const std::string text(65'536, 'x');
  EXPECT_TRUE(packed("[\"" + text + "\"]").starts_with("\x91\xdb\x00\x01\x00\x00xx"sv));
  EXPECT_TRUE(packed("[\"" + text.substr(1) + "\"]").starts_with("\x91\xda\xff\xffxx"sv));
  const std::string hole = "[{\"_placeholder\":true,\"num\":0}";
  EXPECT_TRUE(packed(hole + "]", {bytes(text)}).starts_with("\x91\xc6\x00\x01\x00\x00xx"sv));
  EXPECT_TRUE(packed(hole + "\t]", {bytes(text)}).starts_with("\x91\xc9\x00\x01\x00\x00\x00xx"sv));
  EXPECT_TRUE(packed(hole + "\t]", {bytes("xx")}).starts_with("\x91\xc7\x02\x00xx"sv));
  std::string list = "[0";
  for (int i = 1; i < 65'536; ++i) list += ",0";
  EXPECT_TRUE(packed(list + "]").starts_with("\xdd\x00\x01\x00\x00\x00\x00"sv));
  std::string object = "[{\"0\":0";
  for (int i = 1; i < 65'536; ++i) object += ",\"" + std::to_string(i) + "\":0";
  EXPECT_TRUE(packed(object + "}]")
                  .starts_with("\x91\xdf\x00\x01\x00\x00\xa1"
                               "0\x00"sv));
}

TEST(Msgpack, KeepsAPlaceholderThatNamesNothing) {
  EXPECT_EQ(packed(R"([{"_placeholder":true,"num":3}])", {bytes("x")}),
            "\x91\x82\xac_placeholder\xc3\xa3num\x03"sv);
}

TEST(Msgpack, MarksWhatJsonLacks) {
  EXPECT_EQ(item("\xd4\x00\x00"sv), marks::undefined);
  EXPECT_EQ(item("\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00"sv), marks::not_a_number);
  EXPECT_EQ(item("\xd7\x00\x00\x00\x00\x00\x00\x00\x00\x01"sv), "\"1970-01-01T00:00:00.001Z\"\t");
  EXPECT_EQ(item("\xc7\x00\x00"sv), "{\"_placeholder\":true,\"num\":0}\t");
  // A mark where it means nothing, as a client of the default parser might send it.
  EXPECT_EQ(packed("[\"no date\"\t,true\t,{}\t]"), "\x93\xa7no date\xc3\x80"sv);
}

TEST(Msgpack, LengthsAndNestingAreBounded) {
  EXPECT_EQ(item("\xdd\xff\xff\xff\xff"sv), "refused");
  EXPECT_EQ(item("\xdf\x7f\xff\xff\xff"sv), "refused");
  EXPECT_EQ(item("\xdc\x00\x06\x01\x01\x01\x01\x01\x01"sv), "[1,1,1,1,1,1]");
  const auto nested = [](std::size_t depth) { return std::string(depth, '\x91') + '\x01'; };
  EXPECT_NE(item(nested(limits::json_depth_max - 1)), "refused");
  EXPECT_EQ(item(nested(limits::json_depth_max)), "refused");
  EXPECT_EQ(item(nested(900'000)), "refused");
  const auto binaries = [](std::size_t count) {
    std::string list = "\xdd";
    for (int shift = 24; shift >= 0; shift -= 8)
      list += static_cast<char>(count >> unsigned(shift));
    for (std::size_t i = 0; i < count; ++i) list += "\xc4\x00"sv;
    return list;
  };
  EXPECT_NE(item(binaries(msgpack_binaries_max)), "refused");
  EXPECT_EQ(item(binaries(msgpack_binaries_max + 1)), "refused");
}

TEST(Msgpack, RefusesKeysThatAreNoText) {
  for (const auto key :
       {"\x90"sv, "\x80"sv, "\xd6\x05zzzz"sv, "\xd7\x00zzzzzzzz"sv, "\xc7\x00\x00"sv}) {
    EXPECT_EQ(item("\x81" + std::string(key) + "\x01"), "refused") << to_hex(key);
  }
}

TEST(Msgpack, NamesWithoutMeaningBecomeValidUtf8) {
  const auto got = decode_msgpack("\x82\xa4type\x00\xa3nsp\xa3/\xff\xc3"sv);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->nsp, "/\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(Msgpack, SurvivesEveryChangedByte) {
  const std::string whole =
      encoded({packet_type::event,
               "/",
               7,
               "[\"e\",{\"a\":[1,-70000,0.5,null]},\"2020-01-01T00:00:00.000Z\"\t,"
               "{\"_placeholder\":true,\"num\":0}\t]",
               {bytes("abc")}});
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = whole;
      changed[at] = static_cast<char>(byte);
      const auto got = decode_msgpack(changed);
      if (!got || !checked(*got)) continue;
      const auto again = decode_msgpack(encoded(*got));
      ASSERT_TRUE(again) << at << " " << byte;
      EXPECT_EQ(to_hex(encoded(*again)), to_hex(encoded(*got))) << at << " " << byte;
    }
  }
}

TEST(Msgpack, RandomJsonComesBack) {
  seeded_random random(11);
  for (int i = 0; i < 3000; ++i) {
    const std::string json = "[\"e\"," + testing::random_json(random, 4) + "]";
    std::string message;
    encode_msgpack({packet_type::event, "/n", 3, json, {}}, message);
    const auto got = decode_msgpack(message);
    ASSERT_TRUE(got) << json;
    EXPECT_EQ(normal(to_json_value(got->json)), normal(to_json_value(json))) << json;
  }
}

TEST(IsoDate, IsJavaScripts) {
  const std::vector<std::pair<std::int64_t, std::string>> dates{
      {0, "1970-01-01T00:00:00.000Z"},
      {-1, "1969-12-31T23:59:59.999Z"},
      {951'782'400'000, "2000-02-29T00:00:00.000Z"},
      {-62'167'219'200'000, "0000-01-01T00:00:00.000Z"},
      {-62'167'219'200'001, "-000001-12-31T23:59:59.999Z"},
      {253'402'300'800'000, "+010000-01-01T00:00:00.000Z"},
      {date_ms_max, "+275760-09-13T00:00:00.000Z"},
      {-date_ms_max, "-271821-04-20T00:00:00.000Z"}};
  for (const auto& [ms, text] : dates) {
    std::string made;
    append_iso_date(made, ms);
    EXPECT_EQ(made, text);
    EXPECT_EQ(parse_iso_date(text), ms);
  }
}

TEST(IsoDate, NoOtherSpellingIsADate) {
  for (const auto* text :
       {"", "1970-01-01", "1970-01-01T00:00:00Z", "1970-02-30T00:00:00.000Z",
        "1970-13-01T00:00:00.000Z", "1970-01-01T24:00:00.000Z", "1970-01-01T00:60:00.000Z",
        "+001970-01-01T00:00:00.000Z", "-000000-01-01T00:00:00.000Z", "1970-01-01T00:00:00.000Z ",
        "1970-01-01T00:00:00.+00Z", "1970-01--1T00:00:00.000Z", "+999999-01-01T00:00:00.000Z",
        "+275760-09-13T00:00:00.001Z"}) {
    EXPECT_FALSE(parse_iso_date(text)) << text;
  }
}

TEST(IsoDate, RandomDatesComeBack) {
  seeded_random random(5);
  for (int i = 0; i < 20'000; ++i) {
    const auto ms = static_cast<std::int64_t>(random.below(2 * date_ms_max)) - date_ms_max;
    std::string text;
    append_iso_date(text, ms);
    EXPECT_EQ(parse_iso_date(text), ms) << text;
  }
}

}  // namespace
}  // namespace gossamer::socketio
