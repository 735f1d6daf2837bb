// Payloads and packets of revision 3, and JSONP.

#include "gateway/engineio/base64.hpp"
#include "gateway/engineio/errc.hpp"
#include "gateway/engineio/jsonp.hpp"
#include "gateway/engineio/payload.hpp"
#include "gateway/engineio/utf16.hpp"
#include "runtime/base/random.hpp"
#include "runtime/base/utf8.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gossamer::engineio {
namespace {

using namespace std::string_literals;
using texts = std::vector<std::string>;

// All packets of a payload: `4text`, `4<bytes>`, `4=base64`, an error as "!".
texts read_all(std::string_view body, payload_form form) {
  texts found;
  payload_reader reader(body, form);
  while (!reader.done()) {
    const auto next = reader.next();
    if (!next) {
      found.emplace_back("!");
      continue;
    }
    const char type = type_character(next->type);
    switch (next->as) {
      case packet::form::text: found.push_back(type + std::string(next->data)); break;
      case packet::form::base64: found.push_back(type + ("=" + std::string(next->data))); break;
      case packet::form::binary:
        found.push_back(type + ("<" + std::string(next->data) + ">"));
        break;
    }
  }
  return found;
}
texts counted(std::string_view body) {
  return read_all(body, payload_form::counted);
}
texts binary(std::string_view body) {
  return read_all(body, payload_form::binary);
}

// The same measured one character at a time.
std::size_t slow_utf16_size(std::string_view text) {
  std::size_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0xf0) {
      units += 2;
    } else if (byte < 0x80 || byte >= 0xc0) {
      ++units;
    }
  }
  return units;
}

std::string random_characters(random_source& random, std::size_t count) {
  constexpr std::string_view characters[] = {
      "a", "\\", "\n", "n", "\xc3\xa9", "\xe2\x82\xac", "\xe2\x80\xa8", "\xf0\x9f\x98\x80",
      "7", "\""};
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += characters[random.below(std::size(characters))];
  return text;
}

TEST(EngineioUtf16, CountsCodeUnits) {
  EXPECT_EQ(utf16_size(""), 0U);
  EXPECT_EQ(utf16_size("abc"), 3U);
  EXPECT_EQ(utf16_size("h\xc3\xa9llo \xe2\x82\xac"), 7U);
  EXPECT_EQ(utf16_size("\xf0\x9f\x98\x80"), 2U);
}

TEST(EngineioUtf16, CutsBetweenCharactersOnly) {
  EXPECT_EQ(utf16_prefix("\xc3\xa9z", 1), 2U);
  EXPECT_EQ(utf16_prefix("\xf0\x9f\x98\x80z", 2), 4U);
  EXPECT_EQ(utf16_prefix("\xf0\x9f\x98\x80z", 1), std::nullopt);
  EXPECT_EQ(utf16_prefix("abc", 4), std::nullopt);
  EXPECT_EQ(utf16_prefix("abc", 0), 0U);
}

TEST(EngineioUtf16, AgreesWithCountingOneByOne) {
  seeded_random random(11);
  for (int round = 0; round < 500; ++round) {
    const std::string front = random_characters(random, random.below(60));
    const std::string text = front + random_characters(random, random.below(60));
    ASSERT_EQ(utf16_size(text), slow_utf16_size(text));
    ASSERT_EQ(utf16_prefix(text, slow_utf16_size(front)), front.size());
  }
}

TEST(EngineioOldPacket, HasATypeBehindTheB) {
  EXPECT_EQ(decode_packet_v3("4hi").value(),
            (packet{packet_type::message, packet::form::text, "hi"}));
  EXPECT_EQ(decode_packet_v3("b4AQID").value(),
            (packet{packet_type::message, packet::form::base64, "AQID"}));
  EXPECT_EQ(decode_packet_v3("").error(), errc::bad_packet);
  EXPECT_EQ(decode_packet_v3("7").error(), errc::bad_packet);
  for (const std::string_view text : {"b", "bx", "b7AA"}) {
    EXPECT_EQ(decode_packet_v3(text).value().type, packet_type::noop) << text;
  }
}

TEST(EngineioOldPacket, HasATypeByteWhereItIsBinary) {
  EXPECT_EQ(decode_binary_v3("\x04\x01\x02"),
            (packet{packet_type::message, packet::form::binary, "\x01\x02"}));
  EXPECT_EQ(decode_binary_v3("\x04"), (packet{packet_type::message, packet::form::binary, ""}));
  for (const std::string_view data : {"", "\x07", "4hi", "\xff"}) {
    EXPECT_EQ(decode_binary_v3(data).type, packet_type::noop);
  }
}

TEST(EngineioCountedPayload, ReadsPacketsInOrder) {
  EXPECT_EQ(counted("6:4hello2:4\xe2\x82\xac"), (texts{"4hello", "4\xe2\x82\xac"}));
  EXPECT_EQ(counted("3:4\xf0\x9f\x98\x80"
                    "1:2"),
            (texts{"4\xf0\x9f\x98\x80", "2"}));
  EXPECT_EQ(counted("10:b4AQIDBA==1:6"), (texts{"4=AQIDBA==", "6"}));
  EXPECT_EQ(counted("02:4a"), (texts{"4a"}));
}

TEST(EngineioCountedPayload, SkipsEmptyPackets) {
  EXPECT_EQ(counted("0:2:4a"), (texts{"6", "4a"}));
}

TEST(EngineioCountedPayload, IsRefusedFromTheFirstWrongByte) {
  EXPECT_EQ(counted("2:4a!"), (texts{"4a", "!"}));
  for (const std::string_view body :
       {"", ":", "4a", "2", "a:4a", "-1:4", "1.5:4a", " 1:4", "+1:4", "3:4a", "1e0:4", "1:x",
        "99999999999:4a", "18446744073709551618:4a", "2:4\xf0\x9f\x98\x80", "1:"}) {
    EXPECT_EQ(counted(body), texts{"!"}) << body;
  }
}

TEST(EngineioCountedPayload, HasALimitOfPackets) {
  std::string body;
  for (std::size_t i = 0; i < limits::payload_packets_max; ++i) body += "1:2";
  EXPECT_EQ(counted(body).back(), "2");
  EXPECT_EQ(counted(body + "1:2").back(), "!");
  EXPECT_EQ(counted(body + "1:2").size(), limits::payload_packets_max + 1);
}

TEST(EngineioBinaryPayload, ReadsTextAndBinary) {
  EXPECT_EQ(binary("\0\6\xff"
                   "4hello\1\4\xff\4\1\2\3"s),
            (texts{"4hello", "4<\1\2\3>"}));
  EXPECT_EQ(binary("\1\1\2\xff\4"
                   "01234567890"s),
            (texts{"4<01234567890>"}));
  EXPECT_EQ(binary("\0\4\xff"
                   "4\xe2\x82\xac"s),
            (texts{"4\xe2\x82\xac"}));
  EXPECT_EQ(binary("\1\1\xff\4"s), (texts{"4<>"}));
  EXPECT_EQ(binary(""), texts{});
}

TEST(EngineioBinaryPayload, IsRefusedFromTheFirstWrongByte) {
  EXPECT_EQ(binary("\0\2\xff"
                   "4a\7"s),
            (texts{"4a", "!"}));
  for (const std::string& body : {"\0"s, "\0\xff"s, "\0\1"s,
                                  "\2\1\xff"
                                  "4"s,
                                  "\0\x0a\xff"
                                  "4"s,
                                  "\0\2\xff"
                                  "4"s,
                                  "\0\1\1\1\1\1\1\1\1\1\1\1\xff"
                                  "4"s,
                                  "\0\0\xff"s, "\0\1\xffx"s,
                                  "\0\2\xff"
                                  "4\xff"s,
                                  "\0\4\xff"
                                  "4\xed\xa0\x80"s,
                                  "4hello"s}) {
    EXPECT_EQ(binary(body), texts{"!"}) << body;
  }
}

TEST(EngineioOldPayload, IsWrittenAsTheReferenceImplementationDoes) {
  const auto text =
      shared_frame::make(frame_kind::text, {"4", "2[\"\xe2\x82\xac\xf0\x9f\x98\x80\"]"});
  const auto data = shared_frame::make(frame_kind::binary, {"\1\2\3"s});
  const auto nothing = shared_frame::make(frame_kind::binary, {});
  const auto write = [&](payload_form form) {
    payload_writer writer(form);
    writer.add(text);
    writer.add(data);
    writer.add(nothing);
    writer.add(packet_type::pong);
    writer.add(packet_type::pong, "probe");
    return writer.take();
  };
  EXPECT_EQ(write(payload_form::counted),
            "9:42[\"\xe2\x82\xac\xf0\x9f\x98\x80\"]6:b4AQID2:b41:36:3probe");
  EXPECT_EQ(write(payload_form::binary),
            "\0\1\3\xff"
            "42[\"\xe2\x82\xac\xf0\x9f\x98\x80\"]\1\4\xff\4\1\2\3\1\1\xff\4\0\1\xff"
            "3\0\6\xff"
            "3probe"s);
  for (const auto form : {payload_form::counted, payload_form::binary}) {
    EXPECT_GE(payload_size(text) + payload_size(data) + payload_size(nothing) + 3 + 8,
              write(form).size());
  }
}

TEST(EngineioOldPayload, ReadsWhatItWrites) {
  seeded_random random(13);
  for (int round = 0; round < 600; ++round) {
    const auto form = round % 2 == 0 ? payload_form::counted : payload_form::binary;
    payload_writer writer(form);
    texts expected;
    for (std::uint64_t i = 0, count = 1 + random.below(8); i < count; ++i) {
      const std::string content = random_characters(random, random.below(40));
      const bool raw = random.below(2) == 0;
      if (raw) {
        writer.add(shared_frame::make(frame_kind::binary, {content}));
      } else {
        writer.add(shared_frame::make(frame_kind::text, {"4", content}));
      }
      if (!raw) {
        expected.push_back("4" + content);
      } else if (form == payload_form::binary) {
        expected.push_back("4<" + content + ">");
      } else {
        std::string coded = "4=";
        append_base64(coded, content);
        expected.push_back(coded);
      }
    }
    ASSERT_EQ(read_all(writer.take(), form), expected);
  }
}

TEST(EngineioJsonp, AnswersAreScript) {
  EXPECT_EQ(jsonp_answer("0", "2:4a"), R"(___eio[0]("2:4a");)");
  EXPECT_EQ(jsonp_answer("a1%2;x", "\"\\\n\x1e"), R"(___eio[12]("\"\\\n\u001e");)");
  EXPECT_EQ(jsonp_answer("", ""), R"(___eio[]("");)");
}

TEST(EngineioJsonp, EscapesTheLineEndsOfScript) {
  EXPECT_EQ(jsonp_answer("3",
                         "a\xe2\x80\xa8"
                         "b\xe2\x80\xa9\xe2\x80\xaa\xe2\x82\xac"),
            "___eio[3](\"a\\u2028b\\u2029\xe2\x80\xaa\xe2\x82\xac\");");
}

TEST(EngineioJsonp, BodiesAreAFormField) {
  EXPECT_EQ(jsonp_body("d=2%3A4a"), "2:4a");
  EXPECT_EQ(jsonp_body("x=1&d=4+b&y"), "4 b");
  EXPECT_EQ(jsonp_body("d="), "");
  EXPECT_EQ(jsonp_body(""), std::nullopt);
  EXPECT_EQ(jsonp_body("e=1"), std::nullopt);
  EXPECT_EQ(jsonp_body("d=1&d=2"), std::nullopt);
}

TEST(EngineioJsonp, LineFeedsComeAsBackslashN) {
  EXPECT_EQ(jsonp_body(R"(d=a\nb)"), "a\nb");
  EXPECT_EQ(jsonp_body(R"(d=a\\nb)"), R"(a\nb)");
  EXPECT_EQ(jsonp_body(R"(d=a\\\nb)"), R"(a\\nb)");
  EXPECT_EQ(jsonp_body(R"(d=\\x\tn\n\n)"), "\\\\x\\tn\n\n");
}

}  // namespace
}  // namespace gossamer::engineio
