// Clients of Engine.IO revision 3 (Socket.IO 1.x and 2.x), byte by byte.

#include <gtest/gtest.h>

#include "test_server.hpp"
#include <string>
#include <thread>

namespace gossamer {
namespace {

using namespace std::string_literals;
using namespace test;

engine_options letting_in() {
  return with([](engine_options& options) {
    options.allow_eio3 = true;
    options.ping_interval = milliseconds(60'000);
    options.ping_timeout = milliseconds(60'000);
  });
}

std::string old_url(std::string_view more, std::string_view sid = {}) {
  std::string target = "/socket.io/?EIO=3&" + std::string(more);
  if (!sid.empty()) target += "&sid=" + std::string(sid);
  return target;
}

std::string open_old(test_client& by, std::string_view more = "transport=polling") {
  return sid_of(by.get(old_url(more)).body);
}

std::string unescaped_sid(std::string_view script) {
  const auto at = script.find("sid\\\":\\\"");
  return std::string(script.substr(at + 8, 20));
}

http_answer post_form(test_client& by, const std::string& target, std::string_view type,
                      std::string_view body) {
  by.send("POST " + target + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + std::string(type) +
          "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
  return by.answer();
}

TEST(OldClients, AreRefusedUnlessAllowed) {
  test_server server;
  auto client = server.connect();
  const auto refused = client.get(old_url("transport=polling"));
  EXPECT_EQ(refused.status, 400U);
  EXPECT_EQ(refused.body, R"({"code":5,"message":"Unsupported protocol version"})");
}

TEST(OldClients, AreRefusedBareOverWebsocketUnlessAllowed) {
  test_server server;
  auto client = server.connect();
  const auto refused = client.upgrade(old_url("transport=websocket"));
  EXPECT_EQ(refused.status, 400U);
  EXPECT_EQ(refused.body, "Unsupported protocol version");
}

TEST(OldClients, GetALengthInFrontOfTheOpenPacket) {
  test_server server(letting_in());
  auto client = server.connect();
  const auto answer = client.get(old_url("transport=polling"));
  const std::string sid = sid_of(answer.body);
  EXPECT_EQ(answer.header("Content-Type"), "text/plain; charset=UTF-8");
  EXPECT_EQ(answer.body,
            R"(118:0{"sid":")" + sid +
                R"(","upgrades":["websocket"],"pingInterval":60000,"pingTimeout":60000,)"
                R"("maxPayload":1000000})");
}

TEST(OldClients, ExchangeTextMeasuredInUtf16) {
  test_server server(letting_in());
  auto client = server.connect();
  const auto sid = open_old(client);
  EXPECT_EQ(client
                .post(old_url("transport=polling", sid),
                      "3:4\xf0\x9f\x98\x80"
                      "2:4\xe2\x82\xac")
                .body,
            "ok");
  EXPECT_EQ(client.get(old_url("transport=polling", sid)).body,
            "3:4\xf0\x9f\x98\x80"
            "2:4\xe2\x82\xac");
}

TEST(OldClients, ExchangeBinaryAsBase64IfTheyWantTo) {
  test_server server(letting_in());
  auto client = server.connect();
  const auto sid = open_old(client, "transport=polling&b64=1");
  const auto target = old_url("transport=polling&b64=1", sid);
  EXPECT_EQ(client.post(target, "6:b4AQID2:4a").body, "ok");
  const auto answer = client.get(target);
  EXPECT_EQ(answer.body, "6:b4AQID2:4a");
  EXPECT_EQ(answer.header("Content-Type"), "text/plain; charset=UTF-8");
}

TEST(OldClients, ExchangeBinaryPayloads) {
  test_server server(letting_in());
  auto client = server.connect();
  const auto sid = open_old(client);
  const auto target = old_url("transport=polling", sid);
  const std::string body =
      "\1\4\xff\4\1\2\3\0\4\xff"
      "4\xe2\x82\xac"s;
  EXPECT_EQ(post_form(client, target, "application/octet-stream", body).body, "ok");
  const auto answer = client.get(target);
  EXPECT_EQ(answer.body, body);
  EXPECT_EQ(answer.header("Content-Type"), "application/octet-stream");
}

TEST(OldClients, GetTextPayloadsWhileNothingIsBinary) {
  test_server server(letting_in());
  auto client = server.connect();
  const auto target = old_url("transport=polling", open_old(client));
  EXPECT_EQ(post_form(client, target, "application/octet-stream",
                      "\0\2\xff"
                      "4a"s)
                .body,
            "ok");
  EXPECT_EQ(client.get(target).body, "2:4a");
}

TEST(OldClients, ExchangeScriptAndForms) {
  test_server server(letting_in());
  auto client = server.connect();
  const auto opened = client.get(old_url("transport=polling&b64=1&j=12"));
  EXPECT_TRUE(opened.body.starts_with(R"(___eio[12]("118:0{\"sid\":\")")) << opened.body;
  EXPECT_TRUE(opened.body.ends_with(R"(}");)"));
  EXPECT_EQ(opened.header("Content-Type"), "text/plain; charset=UTF-8");
  const auto target = old_url("transport=polling&b64=1&j=12", unescaped_sid(opened.body));

  const auto form = "application/x-www-form-urlencoded";
  EXPECT_EQ(post_form(client, target, form, "d=6%3A4a%5Cnb%22%5C%5Cn6%3Ab4AQID").status, 400U)
      << "7 characters";
  auto second = server.connect();
  const auto again = second.get(old_url("transport=polling&b64=1&j=12"));
  const auto other = old_url("transport=polling&b64=1&j=12", unescaped_sid(again.body));
  EXPECT_EQ(post_form(second, other, form, "d=7%3A4a%5Cnb%22%5C%5Cn6%3Ab4AQID").body, "ok");
  EXPECT_EQ(second.get(other).body, R"(___eio[12]("7:4a\nb\"\\n6:b4AQID");)");
}

TEST(OldClients, SendFormsWithoutData) {
  test_server server(letting_in());
  auto client = server.connect();
  const auto sid = unescaped_sid(client.get(old_url("transport=polling&j=0")).body);
  const auto target = old_url("transport=polling&j=0", sid);
  EXPECT_EQ(client.post(target, "x=1").body, "ok");
  EXPECT_EQ(client.post(target, "d=2:4a").body, "ok");
  EXPECT_EQ(client.get(target).body, R"(___eio[0]("2:4a");)");
}

TEST(NewClients, ExchangeScriptAndFormsToo) {
  test_server server;
  auto client = server.connect();
  const auto sid = unescaped_sid(client.get(url("polling") + "&j=3").body);
  const auto target = url("polling", sid) + "&j=3";
  EXPECT_EQ(client.post(target, "d=4a%1EbAQID").body, "ok");
  EXPECT_EQ(client.get(target).body, R"(___eio[3]("4a\u001ebAQID");)");
}

TEST(OldClients, AreAnsweredPings) {
  test_server server(letting_in());
  auto client = server.connect();
  const auto target = old_url("transport=polling", open_old(client));
  EXPECT_EQ(client.post(target, "1:2").body, "ok");
  EXPECT_EQ(client.get(target).body, "1:3");
}

TEST(OldClients, AreClosedIfTheyDoNotPing) {
  test_server server(with([](engine_options& options) {
    options.allow_eio3 = true;
    options.ping_interval = milliseconds(30);
    options.ping_timeout = milliseconds(20);
  }));
  auto client = server.connect();
  EXPECT_EQ(client.upgrade(old_url("transport=websocket")).status, 101U);
  EXPECT_TRUE(client.frame().starts_with("text:0{"));
  EXPECT_EQ(client.frame(), "close:1005");
  EXPECT_EQ(server.app.notes.next(), "closed: ping timeout");
}

TEST(OldClients, AreClosedOverAPong) {
  test_server server(letting_in());
  auto client = server.connect();
  const auto target = old_url("transport=polling", open_old(client));
  EXPECT_EQ(client.post(target, "1:3").status, 400U);
  EXPECT_EQ(server.app.notes.next(), "closed: transport error");
}

TEST(OldClients, AreClosedOverAWrongPayload) {
  for (const auto* body : {"4hello", "", "5:4a", "2:4a2:x"}) {
    test_server server(letting_in());
    auto client = server.connect();
    const auto target = old_url("transport=polling", open_old(client));
    EXPECT_EQ(client.post(target, body).status, 400U) << body;
    EXPECT_EQ(server.app.notes.next(), "closed: parse error");
  }
}

TEST(OldClients, SendATypeByteInBinaryFrames) {
  test_server server(letting_in());
  auto client = server.connect();
  EXPECT_EQ(client.upgrade(old_url("transport=websocket")).status, 101U);
  EXPECT_TRUE(client.frame().starts_with("text:0{"));
  client.binary("\4\1\2"s);
  EXPECT_EQ(client.frame(), "binary:\4\1\2"s);
  client.binary("\4"s);
  EXPECT_EQ(client.frame(), "binary:\4"s);
  client.text("b4AQI=");
  EXPECT_EQ(client.frame(), "binary:\4\1\2"s);
  client.binary("\x09 of no known type");
  client.binary("");
  client.text("4still here");
  EXPECT_EQ(client.frame(), "text:4still here");
  client.text("2");
  EXPECT_EQ(client.frame(), "text:3");
}

TEST(OldClients, GetBase64OverWebsocketIfTheyWantTo) {
  test_server server(letting_in());
  auto client = server.connect();
  EXPECT_EQ(client.upgrade(old_url("transport=websocket&b64=1")).status, 101U);
  EXPECT_TRUE(client.frame().starts_with("text:0{"));
  client.binary("\4\1\2\3"s);
  EXPECT_EQ(client.frame(), "text:b4AQID");
}

TEST(OldClients, Upgrade) {
  test_server server(letting_in());
  auto client = server.connect();
  const auto sid = open_old(client);
  auto probe = server.connect();
  EXPECT_EQ(probe.upgrade(old_url("transport=websocket", sid)).status, 101U);
  client.request("GET", old_url("transport=polling", sid));
  probe.text("2probe");
  EXPECT_EQ(probe.frame(), "text:3probe");
  EXPECT_EQ(client.answer().body, "1:6");
  EXPECT_EQ(client.post(old_url("transport=polling", sid), "6:b4AQID").body, "ok");
  probe.text("5");
  EXPECT_EQ(probe.frame(), "binary:\4\1\2\3"s) << "what waited for a poll";
  probe.text("4hello");
  EXPECT_EQ(probe.frame(), "text:4hello");
  EXPECT_EQ(client.get(old_url("transport=polling", sid)).body,
            R"({"code":3,"message":"Bad request"})");
}

TEST(OldClients, CannotGoOnAsNewOnes) {
  test_server server(letting_in());
  auto client = server.connect();
  const auto sid = open_old(client);
  EXPECT_EQ(client.get(url("polling", sid)).body, R"({"code":3,"message":"Bad request"})");
  EXPECT_EQ(client.post(old_url("transport=polling", sid), "2:4a").body, "ok");
}

TEST(OldClients, GetAClosePacketWithALength) {
  test_server server(letting_in());
  auto client = server.connect();
  const auto target = old_url("transport=polling", open_old(client));
  client.request("GET", target);
  auto poster = server.connect();
  EXPECT_EQ(poster.post(target, "1:1").body, "ok");
  EXPECT_EQ(client.answer().body, "1:6");
  const auto other = old_url("transport=polling", open_old(client));
  EXPECT_EQ(client.post(other, "7:4!close").body, "ok");
  EXPECT_EQ(client.get(other).body, "1:61:1");
}

TEST(OldClients, ShareTheFramesOfATurn) {
  transport::old_frames frames;
  const auto data = shared_frame::make(frame_kind::binary, {"\1\2\3"s});
  const auto equal = shared_frame::make(frame_kind::binary, {"\1\2\3"s});
  const auto first = frames.of(data, false);
  EXPECT_EQ(first.payload(), "\4\1\2\3"s);
  EXPECT_EQ(frames.of(data, false), first);
  EXPECT_FALSE(frames.of(equal, false) == first);
  EXPECT_EQ(frames.of(data, true).payload(), "b4AQID");
  EXPECT_EQ(frames.of(data, false), first);
  for (std::size_t i = 0; i < transport::old_frames::kept_max; ++i) {
    const auto more = shared_frame::make(frame_kind::binary, {std::to_string(i)});
    EXPECT_EQ(frames.of(more, false).payload(), "\4" + std::to_string(i));
  }
  EXPECT_FALSE(frames.of(data, false) == first) << "only so many are kept";
  EXPECT_EQ(frames.of(data, false).payload(), "\4\1\2\3"s);
}

}  // namespace
}  // namespace gossamer
