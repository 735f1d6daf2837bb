#include "gateway/engineio/base64.hpp"
#include "gateway/engineio/errc.hpp"
#include "gateway/engineio/packet.hpp"
#include "gateway/engineio/payload.hpp"
#include "runtime/base/random.hpp"
#include "runtime/base/utf8.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gossamer::engineio {
namespace {

// All packets of a payload as text, an error as "!".
std::vector<std::string> read_all(std::string_view body) {
  std::vector<std::string> found;
  payload_reader reader(body);
  while (!reader.done()) {
    const auto next = reader.next();
    if (!next) {
      found.emplace_back("!");
      continue;
    }
    const char* form = next->as == packet::form::base64 ? "b" : "";
    found.push_back(form + std::string(1, type_character(next->type)) + std::string(next->data));
  }
  return found;
}

std::string random_text(random_source& random, std::size_t size) {
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(random.next());
  return text;
}

using texts = std::vector<std::string>;

TEST(EngineioPacket, HasATypeAndData) {
  EXPECT_EQ(decode_packet("4hello").value(),
            (packet{packet_type::message, packet::form::text, "hello"}));
  EXPECT_EQ(decode_packet("4").value(), (packet{packet_type::message, packet::form::text, ""}));
  EXPECT_EQ(decode_packet("2probe").value(),
            (packet{packet_type::ping, packet::form::text, "probe"}));
  EXPECT_EQ(decode_packet("bAQID").value(),
            (packet{packet_type::message, packet::form::base64, "AQID"}));
}

TEST(EngineioPacket, IsRefusedWithoutAKnownType) {
  for (const std::string_view text : {"", "x", "7", "abc", "-", "\x1e", "B"}) {
    EXPECT_EQ(decode_packet(text).error(), errc::bad_packet) << text;
  }
}

TEST(EngineioPacket, OpenHasExactlyFiveKeys) {
  const options settings;
  EXPECT_EQ(open_packet(settings, "lv_VI97HAXpY6yYWAAAC", transport_name::polling),
            R"(0{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":["websocket"],"pingInterval":25000,)"
            R"("pingTimeout":20000,"maxPayload":1000000})");
  EXPECT_EQ(open_packet(settings, "lv_VI97HAXpY6yYWAAAC", transport_name::websocket),
            R"(0{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":[],"pingInterval":25000,)"
            R"("pingTimeout":20000,"maxPayload":1000000})");
}

TEST(EngineioPacket, OpenOffersNoUpgradeThatIsSwitchedOff) {
  options settings;
  settings.allow_upgrades = false;
  EXPECT_NE(open_packet(settings, "a", transport_name::polling).find("\"upgrades\":[]"),
            std::string::npos);
  settings.allow_upgrades = true;
  settings.transports.websocket = false;
  EXPECT_NE(open_packet(settings, "a", transport_name::polling).find("\"upgrades\":[]"),
            std::string::npos);
}

TEST(EngineioPayload, ReadsPacketsInOrder) {
  EXPECT_EQ(read_all("4a\x1e"
                     "bAQ==\x1e"
                     "3\x1e"
                     "1"),
            (texts{"4a", "b4AQ==", "3", "1"}));
  EXPECT_EQ(read_all("4"), texts{"4"});
}

TEST(EngineioPayload, EndsAtTheFirstBadPacket) {
  EXPECT_EQ(read_all("4a\x1e"
                     "x\x1e"
                     "4b"),
            (texts{"4a", "!"}));
  EXPECT_EQ(read_all(""), texts{"!"});
  EXPECT_EQ(read_all("4a\x1e"), (texts{"4a", "!"}));
  EXPECT_EQ(read_all("\x1e"
                     "4a"),
            texts{"!"});
}

TEST(EngineioPayload, TakesNoMorePacketsThanTheLimit) {
  std::string body = "3";
  for (std::size_t i = 1; i < limits::payload_packets_max; ++i)
    body +=
        "\x1e"
        "3";
  EXPECT_EQ(read_all(body).back(), "3");
  const texts over = read_all(body +
                              "\x1e"
                              "3");
  EXPECT_EQ(over.back(), "!");
  EXPECT_EQ(over.size(), limits::payload_packets_max + 1);
}

TEST(EngineioPayload, WritesTextAsItIsAndBinaryAsBase64) {
  payload_writer writer;
  EXPECT_TRUE(writer.empty());
  const auto text = shared_frame::make(frame_kind::text, {"4", "42[\"a\"]"});
  const auto binary = shared_frame::make(frame_kind::binary, {std::string_view("\x01\x02\x03", 3)});
  const auto nothing = shared_frame::make(frame_kind::binary, {});
  writer.add(text);
  writer.add(binary);
  writer.add(nothing);
  writer.add(packet_type::close);
  const std::string body = writer.take();
  EXPECT_EQ(body,
            "442[\"a\"]\x1e"
            "bAQID\x1e"
            "b\x1e"
            "1");
  EXPECT_GE(payload_size(text) + payload_size(binary) + payload_size(nothing) + 1, body.size());
}

TEST(EngineioPayload, ReadsWhatItWrites) {
  seeded_random random(7);
  for (int round = 0; round < 300; ++round) {
    payload_writer writer;
    texts expected;
    const std::uint64_t count = 1 + random.below(8);
    for (std::uint64_t i = 0; i < count; ++i) {
      std::string content = random_text(random, random.below(40));
      if (random.below(2) == 0) {
        writer.add(shared_frame::make(frame_kind::binary, {content}));
      } else {
        std::erase(content, payload_separator);
        writer.add(shared_frame::make(frame_kind::text, {"4", content}));
      }
      expected.push_back(content);
    }
    const std::string body = writer.take();
    payload_reader reader(body);
    for (const std::string& content : expected) {
      const auto in = reader.next();
      ASSERT_TRUE(in);
      ASSERT_EQ(in->type, packet_type::message);
      if (in->as == packet::form::base64) {
        ASSERT_EQ(decode_base64(in->data).value().view(), content);
      } else {
        ASSERT_EQ(in->data, content);
      }
    }
    ASSERT_TRUE(reader.done());
  }
}

TEST(EngineioBase64, AgreesWithRfc4648) {
  const std::pair<std::string_view, std::string_view> table[] = {{"", ""},
                                                                 {"f", "Zg=="},
                                                                 {"fo", "Zm8="},
                                                                 {"foo", "Zm9v"},
                                                                 {"foob", "Zm9vYg=="},
                                                                 {"fooba", "Zm9vYmE="},
                                                                 {"foobar", "Zm9vYmFy"}};
  for (const auto& [raw, text] : table) {
    std::string encoded;
    append_base64(encoded, raw);
    EXPECT_EQ(encoded, text);
    EXPECT_EQ(encoded.size(), base64_size(raw.size()));
    EXPECT_EQ(decode_base64(text).value().view(), raw);
  }
}

TEST(EngineioBase64, TakesBothAlphabetsAndMissingPadding) {
  EXPECT_EQ(decode_base64("-_-_").value().view(), decode_base64("+/+/").value().view());
  EXPECT_EQ(decode_base64("Zg").value().view(), "f");
  EXPECT_EQ(decode_base64("Zm8").value().view(), "fo");
}

TEST(EngineioBase64, RefusesWhatIsNotBase64) {
  for (const std::string_view text :
       {"Z", "Zm9vY", "Zm 9", "Zg=x", "====", "Zm9=Zm9v", "\xff\xff"}) {
    EXPECT_EQ(decode_base64(text).error(), errc::bad_base64) << text;
  }
}

TEST(EngineioUtf8, TakesEveryScalarValueAndNothingElse) {
  for (const std::string_view good : {"", "plain", "h\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80",
                                      "\xed\x9f\xbf", "\xee\x80\x80", "\xf4\x8f\xbf\xbf",
                                      "12345678\xc3\xa9"
                                      "12345678"}) {
    EXPECT_TRUE(is_utf8(good)) << good;
    EXPECT_EQ(repaired_utf8(good), good);
  }
  for (const std::string_view bad :
       {"\x80", "\xc0\x80", "\xc1\xbf", "\xc3", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff"}) {
    EXPECT_FALSE(is_utf8(bad)) << bad;
    EXPECT_TRUE(is_utf8(repaired_utf8(bad)));
  }
}

TEST(EngineioUtf8, ReplacesMaximalInvalidPartsAsBrowsersDo) {
  // What `new TextDecoder().decode()` gives.
  EXPECT_EQ(repaired_utf8("a\xffz"), "a\xef\xbf\xbdz");
  EXPECT_EQ(repaired_utf8("a\xe2\x82z"), "a\xef\xbf\xbdz");
  EXPECT_EQ(repaired_utf8("\xf0\x9f\x98"), "\xef\xbf\xbd");
  EXPECT_EQ(repaired_utf8("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(EngineioUtf8, RepairIsValidAndKeepsValidParts) {
  seeded_random random(11);
  for (int round = 0; round < 2000; ++round) {
    const std::string text = random_text(random, random.below(24));
    const std::string repaired = repaired_utf8(text);
    ASSERT_TRUE(is_utf8(repaired));
    ASSERT_EQ(repaired == text, is_utf8(text));
    ASSERT_EQ(repaired_utf8(repaired), repaired);
  }
}

TEST(EngineioErrors, AnswerHttpInJson) {
  struct row {
    errc error;
    unsigned status;
    std::string_view body;
  };
  const row table[] = {
      {errc::unknown_transport, 400, R"({"code":0,"message":"Transport unknown"})"},
      {errc::unknown_sid, 400, R"({"code":1,"message":"Session ID unknown"})"},
      {errc::bad_handshake_method, 400, R"({"code":2,"message":"Bad handshake method"})"},
      {errc::invalid_origin, 400, R"({"code":3,"message":"Bad request"})"},
      {errc::transport_mismatch, 400, R"({"code":3,"message":"Bad request"})"},
      {errc::transport_handshake_error, 400, R"({"code":3,"message":"Bad request"})"},
      {errc::id_generation_error, 400, R"({"code":3,"message":"Bad request"})"},
      {errc::middleware_failure, 400, R"({"code":3,"message":"Bad request"})"},
      {errc::protocol_mismatch, 400, R"({"code":3,"message":"Bad request"})"},
      {errc::forbidden, 403, R"({"code":4,"message":"Forbidden"})"},
      {errc::unsupported_version, 400, R"({"code":5,"message":"Unsupported protocol version"})"},
  };
  for (const row& expected : table) {
    const refusal made = refuse(expected.error, request_form::http);
    EXPECT_EQ(made.status, expected.status) << made.context;
    EXPECT_EQ(made.body, expected.body) << made.context;
    EXPECT_EQ(made.content_type, "application/json");
  }
}

TEST(EngineioErrors, AnswerUpgradesInPlainText) {
  const refusal unknown = refuse(errc::unknown_sid, request_form::upgrade);
  EXPECT_EQ(unknown.status, 400U);
  EXPECT_EQ(unknown.content_type, "text/html");
  EXPECT_EQ(unknown.body, "Session ID unknown");

  const refusal denied = refuse(errc::forbidden, request_form::upgrade, "go away");
  EXPECT_EQ(denied.status, 400U);
  EXPECT_EQ(denied.code, 4);
  EXPECT_EQ(denied.body, "go away");
}

TEST(EngineioErrors, CarryTheApplicationsTextAsJson) {
  EXPECT_EQ(refuse(errc::forbidden, request_form::http, "say \"no\"\n\x01\xff\xe2\x82\xac").body,
            "{\"code\":4,\"message\":\"say \\\"no\\\"\\n\\u0001\xef\xbf\xbd\xe2\x82\xac\"}");
  EXPECT_EQ(refuse(errc::unknown_sid, request_form::http, "ignored").body,
            R"({"code":1,"message":"Session ID unknown"})");
}

TEST(EngineioErrors, NameTheirContext) {
  EXPECT_EQ(make_error_code(errc::protocol_mismatch).message(), "PROTOCOL_MISMATCH");
  EXPECT_EQ(refuse(errc::transport_mismatch, request_form::http).context, "TRANSPORT_MISMATCH");
}

}  // namespace
}  // namespace gossamer::engineio
