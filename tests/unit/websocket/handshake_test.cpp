#include "gateway/websocket/handshake.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gossamer::websocket {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

upgrade_request sample() {
  return {.method = "GET",
          .http_version = 11,
          .connection = "Upgrade",
          .upgrade = "websocket",
          .key = "dGhlIHNhbXBsZSBub25jZQ==",
          .version = "13"};
}

error_code verdict(const upgrade_request& request) {
  const auto checked = check_upgrade(request);
  return checked ? error_code{} : checked.error();
}

TEST(WebsocketHandshake, SampleOfTheRfcIsAccepted) {
  EXPECT_TRUE(check_upgrade(sample()));
  EXPECT_EQ(accept_key(sample().key), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WebsocketHandshake, ResponseHasTheRequiredFields) {
  const auto response = accept_response(sample().key, "Set-Cookie: io=1\r\n");
  EXPECT_EQ(response.kind(), frame_kind::raw);
  EXPECT_EQ(response.wire(),
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSet-Cookie: io=1\r\n\r\n");
}

TEST(WebsocketHandshake, TokensAreFoundInListsAndInAnyCase) {
  for (const std::string_view value :
       {"upgrade", "UPGRADE", "keep-alive, Upgrade", "Upgrade,keep-alive", ",, \tupgrade\t ,"}) {
    auto request = sample();
    request.connection = value;
    EXPECT_TRUE(check_upgrade(request)) << value;
  }
  for (const std::string_view value : {"WebSocket", "h2c, websocket"}) {
    auto request = sample();
    request.upgrade = value;
    EXPECT_TRUE(check_upgrade(request)) << value;
    EXPECT_TRUE(wants_websocket(value));
  }
}

TEST(WebsocketHandshake, MissingTokensAreRefused) {
  for (const std::string_view value : {"", ",", "keep-alive", "upgraded", "up grade", "close"}) {
    auto request = sample();
    request.connection = value;
    EXPECT_EQ(verdict(request), errc::no_upgrade) << value;
  }
  for (const std::string_view value : {"", "h2c", "websockets", "web socket"}) {
    auto request = sample();
    request.upgrade = value;
    EXPECT_EQ(verdict(request), errc::no_upgrade) << value;
    EXPECT_FALSE(wants_websocket(value));
  }
}

TEST(WebsocketHandshake, KeyMustBeTheBase64OfSixteenBytes) {
  for (const std::string_view key :
       {"", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZ===",
        "dGhlIHNhbXBsZSBub25jZQ===", "dGhlIHNhbXBsZSBub25jZ-==", "dGhlIHNhbXBsZSBub25jZQAA",
        "dGhl IHNhbXBsZSBub25jQ==", "AAAA, dGhlIHNhbXBsZSBub25jZQ=="}) {
    auto request = sample();
    request.key = key;
    EXPECT_EQ(verdict(request), errc::bad_key) << key;
  }
  auto request = sample();
  request.key = "++++++++++//////////AA==";
  EXPECT_TRUE(check_upgrade(request));
}

TEST(WebsocketHandshake, OtherVersionsAreToldTheRightOne) {
  for (const std::string_view version : {"", "8", "12", "14", "013", "13, 8", "x"}) {
    auto request = sample();
    request.version = version;
    EXPECT_EQ(verdict(request), errc::bad_version) << version;
  }
  const auto refusal = refusal_response(errc::bad_version);
  EXPECT_THAT(std::string(refusal.wire()), StartsWith("HTTP/1.1 426 Upgrade Required\r\n"));
  EXPECT_THAT(std::string(refusal.wire()), HasSubstr("\r\nSec-WebSocket-Version: 13\r\n"));
  EXPECT_THAT(std::string(refusal.wire()), HasSubstr("\r\nUpgrade: websocket\r\n"));
}

TEST(WebsocketHandshake, OnlyGetOfHttp11IsAnUpgrade) {
  for (const std::string_view method : {"POST", "get", "HEAD", ""}) {
    auto request = sample();
    request.method = method;
    EXPECT_EQ(verdict(request), errc::bad_method);
  }
  auto request = sample();
  request.http_version = 10;
  EXPECT_EQ(verdict(request), errc::bad_http_version);
}

TEST(WebsocketHandshake, RefusalsAreWholeResponses) {
  for (const auto error : {errc::bad_method, errc::bad_http_version, errc::no_upgrade,
                           errc::bad_key, errc::bad_version}) {
    const std::string wire(refusal_response(error).wire());
    const std::string body = make_error_code(error).message();
    EXPECT_THAT(wire, StartsWith("HTTP/1.1 " + std::to_string(http_status_for(error)) + " "));
    EXPECT_THAT(wire, HasSubstr("\r\nContent-Length: " + std::to_string(body.size()) + "\r\n"));
    EXPECT_THAT(wire, testing::EndsWith("\r\n\r\n" + body));
    EXPECT_THAT(wire, testing::ContainsRegex("\r\nConnection: .*close\r\n"));
  }
  EXPECT_EQ(http_status_for(errc::bad_method), 405U);
  EXPECT_EQ(http_status_for(errc::bad_key), 400U);
}

}  // namespace
}  // namespace gossamer::websocket
