// Compressed answers and messages: what is negotiated, what is shared, what is refused.
#include "gateway/http/compression.hpp"

#include "tests/unit/websocket/deflate_streams.hpp"

#include "test_server.hpp"
#include <zlib.h>

namespace gossamer::test {
namespace {

using websocket::deflate_message;
using websocket::inflate_in_steps;

constexpr std::string_view offer =
    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
constexpr std::string_view accepted =
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
const std::string large(5000, 'x');

engine_options deflating() {
  return with([](auto& o) { o.per_message_deflate = websocket::deflate_options{}; });
}

void send_deflated(const test_client& by, std::string_view text, std::string_view spoilt = {}) {
  const auto payload = spoilt.empty() ? deflate_message(text) : std::string(spoilt);
  by.send(websocket::encode({.payload = payload, .reserved_bits = 4}));
}

// What a client with small buffers reads; anything else than a deflated frame as it is.
std::string inflated(const std::string& frame) {
  constexpr std::string_view mark = "deflated:";
  if (!frame.starts_with(mark)) return frame;
  return "deflated:" + inflate_in_steps(std::string_view(frame).substr(mark.size()), 200);
}

void open_deflating(test_client& client) {
  EXPECT_EQ(client.upgrade(url("websocket"), offer).header("Sec-WebSocket-Extensions"), accepted);
  EXPECT_TRUE(client.frame().starts_with("text:0{"));
}

TEST(PerMessageDeflate, IsOffUnlessTheApplicationWantsIt) {
  test_server server;
  auto client = server.connect();
  const auto answer = client.upgrade(url("websocket"), offer);
  EXPECT_EQ(answer.status, 101U);
  EXPECT_EQ(answer.header("Sec-WebSocket-Extensions"), "");
  static_cast<void>(client.frame());
  client.text("4" + large);
  EXPECT_EQ(client.frame(), "text:4" + large);
  send_deflated(client, "4a");
  EXPECT_EQ(client.frame(), "close:1002");
}

TEST(PerMessageDeflate, IsUsedForWhoOffersItOnly) {
  test_server server(deflating());
  auto plain = server.connect();
  const auto answer = plain.upgrade(url("websocket"));
  EXPECT_EQ(answer.header("Sec-WebSocket-Extensions"), "");
  static_cast<void>(plain.frame());
  plain.text("4" + large);
  EXPECT_EQ(plain.frame(), "text:4" + large);
}

TEST(PerMessageDeflate, GoesBothWaysFromTheThresholdOn) {
  test_server server(deflating());
  auto client = server.connect();
  open_deflating(client);
  send_deflated(client, "4" + large);
  EXPECT_EQ(inflated(client.frame()), "deflated:4" + large);
  send_deflated(client, "4small");
  EXPECT_EQ(client.frame(), "text:4small");
  client.text("4" + std::string(1023, 'x'));
  EXPECT_EQ(inflated(client.frame()), "deflated:4" + std::string(1023, 'x'));
  client.text("4" + std::string(1022, 'x'));
  EXPECT_EQ(client.frame(), "text:4" + std::string(1022, 'x'));
  client.binary(large);
  EXPECT_EQ(inflated(client.frame()), "deflated:" + large);
}

TEST(PerMessageDeflate, LeavesControlFramesAlone) {
  test_server server(deflating());
  auto client = server.connect();
  open_deflating(client);
  client.send(websocket::encode({.code = websocket::opcode::ping, .payload = "x"}));
  EXPECT_EQ(client.frame(), "pong:x");
  client.send(websocket::encode({.code = websocket::opcode::ping, .reserved_bits = 4}));
  EXPECT_EQ(client.frame(), "close:1002");
}

TEST(PerMessageDeflate, ClosesOnABombAndOnGarbage) {
  auto options = deflating();
  options.max_http_buffer_size = 10'000;
  test_server server(std::move(options));
  auto bomber = server.connect();
  open_deflating(bomber);
  send_deflated(bomber, "4" + std::string(9'999, 'x'));
  EXPECT_EQ(inflated(bomber.frame()), "deflated:4" + std::string(9'999, 'x'));
  send_deflated(bomber, "4" + std::string(1'000'000, 'x'));
  EXPECT_EQ(bomber.frame(), "close:1009");
  EXPECT_EQ(server.app.notes.next(), "closed: transport error");
  auto garbler = server.connect();
  open_deflating(garbler);
  send_deflated(garbler, {}, "\x07\x07");
  EXPECT_EQ(garbler.frame(), "close:1007");
  EXPECT_EQ(server.app.notes.next(), "closed: transport error");
}

TEST(PerMessageDeflate, RefusesAnUpgradeWhoseOfferBreaksTheGrammar) {
  test_server server(deflating());
  auto client = server.connect();
  const std::string_view broken = "Sec-WebSocket-Extensions: permessage-deflate; =\r\n";
  EXPECT_EQ(client.upgrade(url("websocket"), broken).status, 400U);
  auto other = server.connect();
  const std::string_view declined =
      "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=9\r\n";
  const auto answer = other.upgrade(url("websocket"), declined);
  EXPECT_EQ(answer.status, 101U);
  EXPECT_EQ(answer.header("Sec-WebSocket-Extensions"), "");
}

// A broadcast: one frame for all. Those that take it deflated get the same bytes.
TEST(PerMessageDeflate, DeflatesABroadcastOnce) {
  test_server server(deflating());
  const auto everybody = shared_frame::make(frame_kind::text, {"4", large});
  server.app.orders = [everybody](connection& session, std::string_view) {
    session.send({&everybody, 1});
  };
  for (int i = 0; i < 4; ++i) {
    auto client = server.connect();
    open_deflating(client);
    client.text("4!");
    EXPECT_EQ(inflated(client.frame()), "deflated:4" + large);
  }
  auto plain = server.connect();
  open_websocket(plain);
  plain.text("4!");
  EXPECT_EQ(plain.frame(), "text:4" + large);
  const auto never = [](const shared_frame&) -> shared_frame { throw std::logic_error("again"); };
  EXPECT_FALSE(everybody.smaller(never) == everybody);
}

TEST(PerMessageDeflate, LeavesAMessageAsItIsIfTheApplicationSaysSo) {
  test_server server(deflating());
  server.app.orders = [](connection& session, std::string_view) {
    const auto frame = shared_frame::make(frame_kind::text, {"4", large});
    frame.set_plain_only();
    session.send({&frame, 1});
  };
  auto client = server.connect();
  open_deflating(client);
  client.text("4!");
  EXPECT_EQ(client.frame(), "text:4" + large);
}

TEST(PerMessageDeflate, ServesClientsOfRevision3) {
  auto options = deflating();
  options.allow_eio3 = true;
  test_server server(std::move(options));
  auto client = server.connect();
  EXPECT_EQ(client.upgrade("/socket.io/?EIO=3&transport=websocket", offer).status, 101U);
  static_cast<void>(client.frame());
  client.binary("\x04" + large);
  EXPECT_EQ(inflated(client.frame()), "deflated:\x04" + large);
}

// Lanes are given to connections one after the other, so the WebSockets come from other lanes.
TEST(PerMessageDeflate, IsKeptOverAnUpgradeFromAnyLane) {
  test_server server(deflating());
  auto polling = server.connect();
  for (int i = 0; i < 3; ++i) {
    const auto sid = open_polling(polling);
    auto client = server.connect();
    EXPECT_EQ(client.upgrade(url("websocket", sid), offer).header("Sec-WebSocket-Extensions"),
              accepted);
    send_deflated(client, "2probe");
    EXPECT_EQ(client.frame(), "text:3probe");
    EXPECT_EQ(polling.get(url("polling", sid)).body, "6");
    send_deflated(client, "5");
    send_deflated(client, "4" + large);
    EXPECT_EQ(inflated(client.frame()), "deflated:4" + large);
  }
  EXPECT_GT(server.stats().websockets_moved, 0U);
}

// ---- polling ----

std::string unpacked(const http_answer& answer) {
  const auto how = answer.header("Content-Encoding");
  if (how.empty()) return answer.body;
  z_stream z{};
  ::inflateInit2(&z, how == "gzip" ? 31 : 15);
  std::string out(100'000, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(answer.body.data()));
  z.avail_in = static_cast<uInt>(answer.body.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  const bool whole = ::inflate(&z, Z_FINISH) == Z_STREAM_END && z.avail_in == 0;
  out.resize(z.total_out);
  ::inflateEnd(&z);
  return whole ? out : "<error>";
}

// Posts a message and fetches its echo.
http_answer echo(test_client& client, const std::string& sid, std::string_view message,
                 std::string_view accept) {
  EXPECT_EQ(client.post(url("polling", sid), message).status, 200U);
  const std::string fields =
      accept.empty() ? "" : "Accept-Encoding: " + std::string(accept) + "\r\n";
  return client.get(url("polling", sid), fields);
}

TEST(HttpCompression, UsesWhatTheClientPrefers) {
  struct row {
    std::string_view accept, coding;
  };
  const row table[] = {
      {"gzip, deflate, br", "gzip"},
      {"gzip", "gzip"},
      {"deflate", "deflate"},
      {"br", ""},
      {"", ""},
      {"identity", ""},
      {"*", "gzip"},
      {"gzip;q=0", ""},
      {"gzip;q=0, *", "deflate"},
      {"gzip;q=0.5, deflate;q=0.8", "deflate"},
      {"gzip; Q=0.000, deflate;q=0", ""},
      {"GZIP", "gzip"},
      {"*;q=0", ""},
      {"gzip;q=nonsense", ""},
  };
  test_server server;
  auto client = server.connect();
  const auto sid = open_polling(client);
  for (const row& r : table) {
    const auto answer = echo(client, sid, "4" + large, r.accept);
    EXPECT_EQ(answer.header("Content-Encoding"), r.coding) << r.accept;
    EXPECT_EQ(answer.header("Content-Type"), "text/plain; charset=UTF-8");
    EXPECT_EQ(answer.header("Cache-Control"), "no-store");
    EXPECT_EQ(unpacked(answer), "4" + large) << r.accept;
  }
}

TEST(HttpCompression, BeginsAtItsThreshold) {
  test_server server;
  auto client = server.connect();
  const auto sid = open_polling(client);
  const auto below = echo(client, sid, "4" + std::string(1022, 'x'), "gzip");
  EXPECT_EQ(below.header("Content-Encoding"), "");
  const auto at = echo(client, sid, "4" + std::string(1023, 'x'), "gzip");
  EXPECT_EQ(at.header("Content-Encoding"), "gzip");
  EXPECT_EQ(unpacked(at), "4" + std::string(1023, 'x'));
}

TEST(HttpCompression, CanBeOff) {
  test_server server(with([](auto& o) { o.http_compression.reset(); }));
  auto client = server.connect();
  const auto answer = echo(client, open_polling(client), "4" + large, "gzip");
  EXPECT_EQ(answer.header("Content-Encoding"), "");
  EXPECT_EQ(answer.body, "4" + large);
}

TEST(HttpCompression, LeavesAPayloadOfPlainMessagesAsItIs) {
  test_server server;
  server.app.orders = [](connection& session, std::string_view order) {
    const auto plain = shared_frame::make(frame_kind::text, {"4", large});
    plain.set_plain_only();
    session.send({&plain, 1});
    const auto other = shared_frame::make(frame_kind::text, {"4b"});
    if (order == "both") session.send({&other, 1});
  };
  auto client = server.connect();
  const auto sid = open_polling(client);
  EXPECT_EQ(echo(client, sid, "4!plain", "gzip").header("Content-Encoding"), "");
  const auto both = echo(client, sid, "4!both", "gzip");
  EXPECT_EQ(both.header("Content-Encoding"), "gzip");
  EXPECT_EQ(unpacked(both), "4" + large + "\x1e" + "4b");
}

// ---- cookie and hooks ----

TEST(Cookie, IsOnTheAnswerToAPollingHandshakeOnly) {
  test_server server(with([](auto& o) { o.cookie = http::cookie_options{}; }));
  auto client = server.connect();
  const auto opened = client.get(url("polling"));
  const auto sid = sid_of(opened.body);
  EXPECT_EQ(opened.header("Set-Cookie"), "io=" + sid + "; Path=/; HttpOnly; SameSite=Lax");
  EXPECT_EQ(client.post(url("polling", sid), "4a").header("Set-Cookie"), "");
  EXPECT_EQ(client.get(url("polling", sid)).header("Set-Cookie"), "");
  EXPECT_EQ(server.connect().upgrade(url("websocket")).header("Set-Cookie"), "");
}

TEST(EngineHooks, AddHeadersToAnswers) {
  test_server server(with([](auto& o) {
    o.initial_headers = [](const handshake_info&, const session_id& id, transport_kind transport,
                           http::header_fields& more) {
      more.add("X-First", std::string(id.text()) +
                              (transport == transport_kind::polling ? " polling" : " websocket"));
    };
    o.headers = [](const http::request& request, http::header_fields& more) {
      more.add("X-Any", request.header("x-mine").value_or("none"));
    };
  }));
  auto client = server.connect();
  const auto opened = client.get(url("polling"), "X-Mine: 1\r\n");
  const auto sid = sid_of(opened.body);
  EXPECT_EQ(opened.header("X-First"), sid + " polling");
  EXPECT_EQ(opened.header("X-Any"), "1");
  const auto posted = client.post(url("polling", sid), "4a");
  EXPECT_EQ(posted.header("X-First"), "");
  EXPECT_EQ(posted.header("X-Any"), "none");
  EXPECT_EQ(client.get(url("polling", sid), "X-Mine: 2\r\n").header("X-Any"), "2");
  EXPECT_EQ(server.connect().upgrade(url("websocket", sid), "X-Mine: 3\r\n").header("X-Any"), "3");
  auto socket = server.connect();
  const auto upgraded = socket.upgrade(url("websocket"), "X-Mine: 4\r\n");
  EXPECT_EQ(upgraded.header("X-Any"), "4");
  EXPECT_EQ(upgraded.header("X-First"), sid_of(socket.frame()) + " websocket");
  EXPECT_EQ(client.get("/socket.io/?EIO=4&transport=foo").header("X-Any"), "");
}

TEST(EngineHooks, HearOfRefusedRequests) {
  journal refused;
  test_server server(with([&refused](auto& o) {
    o.connection_error = [&refused](const transport::refused_request& r) {
      refused.write(std::to_string(r.why.code) + ' ' + std::string(r.why.context) + ' ' +
                    std::string(r.sid) + ' ' +
                    (r.request != nullptr ? r.request->target : std::string("-")));
    };
  }));
  auto client = server.connect();
  client.get("/socket.io/?EIO=4&transport=foo");
  EXPECT_EQ(refused.next(), "0 UNKNOWN_TRANSPORT  /socket.io/?EIO=4&transport=foo");
  client.get(url("polling", "abcdefghijABCDEFGHIJ"));
  EXPECT_EQ(refused.next().substr(0, 2), "1 ");
  client.request("OPTIONS", url("polling"));
  EXPECT_EQ(client.answer().status, 400U);
  EXPECT_EQ(refused.next().substr(0, 2), "2 ");
}

TEST(EngineHooks, ThatThrowHarmNobody) {
  test_server server(with([](auto& o) {
    o.initial_headers = [](auto&&...) { throw std::runtime_error("initial"); };
    o.headers = [](auto&&...) { throw std::runtime_error("headers"); };
    o.connection_error = [](auto&&...) { throw std::runtime_error("error"); };
  }));
  auto client = server.connect();
  const auto sid = open_polling(client);
  EXPECT_EQ(client.post(url("polling", sid), "4a").status, 200U);
  EXPECT_EQ(client.get(url("polling", sid)).body, "4a");
  EXPECT_EQ(client.get("/socket.io/?EIO=4&transport=foo").status, 400U);
}

}  // namespace
}  // namespace gossamer::test
