// Fields, answers, cookies, percent-encoding, addresses.
#include "gateway/http/cookie.hpp"
#include "gateway/http/header_fields.hpp"
#include "gateway/http/percent.hpp"
#include "gateway/http/response.hpp"
#include "gateway/http/socket_address.hpp"

#include <gtest/gtest.h>

namespace gossamer::http {
namespace {

TEST(HeaderFields, FindsNamesInAnyCase) {
  header_fields f;
  f.add("Content-Type", "text/plain");
  f.add("X-A", "1");
  f.add("x-a", " 2 ");
  EXPECT_EQ(f.find("content-TYPE"), "text/plain");
  EXPECT_EQ(f.joined("X-a"), "1, 2");
  EXPECT_EQ(f.count("x-A"), 2U);
  EXPECT_FALSE(f.has("Content-Typ"));
}

TEST(HeaderFields, SetsAndRemovesEveryFieldOfAName) {
  header_fields f;
  f.add("A", "1");
  f.add("B", "2");
  f.add("a", "3");
  f.set("A", "4");
  EXPECT_EQ(f.text(), "B: 2\r\nA: 4\r\n");
  f.remove("b");
  EXPECT_EQ(f.text(), "A: 4\r\n");
}

TEST(HeaderFields, LetsNobodySmuggleALine) {
  header_fields f;
  f.add("A\r\nB", "1\r\nSet-Cookie: x");
  EXPECT_EQ(f.text(), "A  B: 1  Set-Cookie: x\r\n");
}

TEST(HeaderFields, MergesVary) {
  header_fields f;
  f.vary("Origin");
  f.vary("origin");
  f.vary("Accept-Encoding");
  EXPECT_EQ(f.find("Vary"), "Origin, Accept-Encoding");
  f.vary("*");
  f.vary("Origin");
  EXPECT_EQ(f.find("Vary"), "*");
}

TEST(HeaderFields, SeesTokensInLists) {
  header_fields f;
  f.add("Connection", "keep-alive, Upgrade");
  EXPECT_TRUE(f.has_token("connection", "upgrade"));
  EXPECT_FALSE(f.has_token("connection", "grade"));
}

std::string encoded(const response& answer, const head_context& context) {
  const auto out = encode(answer, context);
  std::string all(out.head.wire());
  if (out.body) all += out.body.wire();
  return all;
}

TEST(Response, HasLengthDateAndConnection) {
  response r = plain_response(404);
  EXPECT_EQ(encoded(r, {.close = true, .date = "D"}),
            "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: "
            "9\r\nDate: D\r\nConnection: close\r\n\r\nNot Found");
}

TEST(Response, HasNoBodyFor204And304AndHead) {
  response r;
  r.body = "body";
  r.status = 204;
  EXPECT_EQ(encoded(r, {}), "HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n");
  r.status = 304;
  EXPECT_EQ(encoded(r, {}), "HTTP/1.1 304 Not Modified\r\nConnection: keep-alive\r\n\r\n");
  r.status = 200;
  EXPECT_EQ(encoded(r, {.to_head = true}),
            "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: keep-alive\r\n\r\n");
}

TEST(Response, SendsThePayloadOfASharedFrame) {
  response r;
  r.shared = shared_frame::make(frame_kind::text, {"4hello"});
  const auto all = encoded(r, {});
  EXPECT_TRUE(all.ends_with("\r\n\r\n4hello"));
  EXPECT_NE(all.find("Content-Length: 6\r\n"), std::string::npos);
}

TEST(HttpDate, IsImfFixdate) {
  EXPECT_EQ(http_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(Percent, DecodesAndEncodes) {
  EXPECT_EQ(percent_decoded("a%20b%C3%a4"), "a b\xc3\xa4");
  EXPECT_EQ(percent_decoded("a%2"), std::nullopt);
  EXPECT_EQ(percent_decoded("a%zz"), std::nullopt);
  EXPECT_EQ(percent_encoded("a b/\xc3\xa4-_.!~*'()"), "a%20b%2F%C3%A4-_.!~*'()");
}

TEST(Percent, FindsTheFirstParameter) {
  EXPECT_EQ(query_parameter("a=1&b=x+y%21&b=2&c", "b"), "x y!");
  EXPECT_EQ(query_parameter("a=1&c", "c"), "");
  EXPECT_EQ(query_parameter("a=1&c", "d"), std::nullopt);
  EXPECT_EQ(query_parameter("a=%", "a"), "%");
}

TEST(Cookie, IsFoundByItsExactName) {
  EXPECT_EQ(find_cookie("a=1; io=\"x y\"; io=2", "io"), "x y");
  EXPECT_EQ(find_cookie("xio=1;io=%41", "io"), "A");
  EXPECT_EQ(find_cookie("IO=1; =2; io", "io"), std::nullopt);
  EXPECT_EQ(find_cookie("io=%zz", "io"), "%zz");
}

TEST(Cookie, IsSetWithItsAttributes) {
  EXPECT_EQ(set_cookie({}, "abc"), "io=abc; Path=/; HttpOnly; SameSite=Lax");
  cookie_options all;
  all.name = "n";
  all.path = "/p;x\r\n";
  all.domain = "d";
  all.max_age = 60;
  all.http_only = false;
  all.secure = true;
  all.same_site = same_site::none;
  EXPECT_EQ(set_cookie(all, "a;b"),
            "n=a%3Bb; Max-Age=60; Domain=d; Path=/px; Secure; SameSite=None");
  all.expires = 784111777;
  all.partitioned = true;
  all.priority = cookie_priority::high;
  EXPECT_EQ(set_cookie(all, "1"),
            "n=1; Max-Age=60; Domain=d; Path=/px; Expires=Sun, 06 Nov 1994 08:49:37 GMT; Secure; "
            "Partitioned; Priority=High; SameSite=None");
}

TEST(Cookie, NameIsAToken) {
  EXPECT_TRUE(is_cookie_name("io.x-1"));
  EXPECT_FALSE(is_cookie_name(""));
  EXPECT_FALSE(is_cookie_name("a b"));
  EXPECT_FALSE(is_cookie_name("a=b"));
}

TEST(SocketAddress, IsParsedWithoutLookups) {
  EXPECT_EQ(parse_address("127.0.0.1", 80)->family(), AF_INET);
  EXPECT_EQ(parse_address("::", 80)->family(), AF_INET6);
  EXPECT_EQ(parse_address("unix:/tmp/x", 0)->family(), AF_UNIX);
  for (const std::string bad : {"localhost", "", "1.2.3", "unix:", "1.2.3.4:80"}) {
    EXPECT_EQ(parse_address(bad, 0).error(), errc::bad_address) << bad;
  }
  EXPECT_EQ(parse_address("unix:/" + std::string(200, 'a'), 0).error(), errc::bad_address);
}

TEST(PeerAddress, HasItsText) {
  const auto v6 = parse_address("2001:db8::1", 443);
  const auto peer = peer_address::from(v6->get(), v6->size);
  EXPECT_EQ(peer.ip(), "2001:db8::1");
  EXPECT_EQ(peer.port(), 443);
  EXPECT_EQ(peer_address().ip(), "");
}

TEST(Refusal, HasStatusAndText) {
  EXPECT_EQ(status_of(refusal::body_too_large), 413U);
  EXPECT_EQ(status_of(refusal::server_full), 503U);
  EXPECT_EQ(text(refusal::head_timeout), "head_timeout");
}

}  // namespace
}  // namespace gossamer::http
