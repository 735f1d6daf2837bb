// The examples of docs/api/engine-options.md: transports, heartbeat, CORS, compression, hooks.
#include "tests/unit/api/site.hpp"

#include <boost/json/parse.hpp>

namespace gossamer::api {
namespace {

using test::test_client;

constexpr std::string_view polling = "/socket.io/?EIO=4&transport=polling";
constexpr std::string_view websocket = "/socket.io/?EIO=4&transport=websocket";

TEST(ApiEngineOptions, Heartbeat) {
  // example: options::ping_interval, options::ping_timeout
  gossamer::options how;
  how.ping_interval = 10s;  // 25 s unless told
  how.ping_timeout = 5s;    // 20 s unless told; clients are told both
  gossamer::server io(how);
  // end
  const brief_end soon(io);
  const client ada(io);
  EXPECT_THAT(ada.open, HasSubstr(R"("pingInterval":10000,"pingTimeout":5000)"));
}

TEST(ApiEngineOptions, Transports) {
  // example: options::transports, options::allow_upgrades, options::upgrade_timeout
  gossamer::options how;
  how.transports = {"polling"};  // WebSockets are refused
  how.allow_upgrades = false;    // a polling session stays one; for both transports: no upgrade
  how.upgrade_timeout = 5s;      // 10 s unless told: from the first probe to the end of an upgrade
  gossamer::server io(how);
  // end
  const brief_end soon(io);
  EXPECT_THAT(test_client(listen(io)).get(polling).body, HasSubstr(R"("upgrades":[])"));
  EXPECT_EQ(test_client(listen(io)).upgrade(websocket).status, 400U);
}

TEST(ApiEngineOptions, OldClients) {
  // example: options::allow_eio3
  gossamer::options how;
  how.allow_eio3 = true;  // clients 1.x and 2.x too, on the same port and path
  gossamer::server io(how);
  // end
  const brief_end soon(io);
  EXPECT_EQ(test_client(listen(io)).get("/socket.io/?EIO=3&transport=polling").status, 200U);
}

TEST(ApiEngineOptions, InitialPacket) {
  // example: options::initial_packet
  gossamer::options how;
  how.initial_packet = "hello";  // Engine.IO's first message to each client
  gossamer::server io(how);
  // end
  const brief_end soon(io);
  EXPECT_THAT(test_client(listen(io)).get(polling).body, testing::EndsWith("4hello"));
}

TEST(ApiEngineOptions, Cookie) {
  // example: options::cookie, cookie_options::name, cookie_options::path, cookie_options::domain
  // example: cookie_options::max_age, cookie_options::expires, cookie_options::http_only
  // example: cookie_options::secure, cookie_options::partitioned, cookie_options::priority
  // example: cookie_options::same_site
  gossamer::options how;
  auto& cookie = how.cookie.emplace();  // for load balancers with sticky sessions
  cookie.name = "io";
  cookie.path = "/";
  cookie.domain = "example.org";
  cookie.max_age = 86'400;        // seconds
  cookie.expires = std::nullopt;  // seconds since 1970
  cookie.http_only = true;
  cookie.secure = true;
  cookie.partitioned = false;
  cookie.priority = gossamer::http::cookie_priority::unset;
  cookie.same_site = gossamer::http::same_site::strict;
  gossamer::server io(how);
  // end
  const brief_end soon(io);
  EXPECT_THAT(
      test_client(listen(io)).get(polling).header("Set-Cookie"),
      testing::MatchesRegex(
          "io=.*; Max-Age=86400; Domain=example.org; Path=/; HttpOnly; Secure; SameSite=Strict"));
}

TEST(ApiEngineOptions, Cors) {
  // example: options::cors, origin_policy::list, cors_options::origin, cors_options::credentials
  // example: cors_options::methods, cors_options::allowed_headers, cors_options::exposed_headers
  // example: cors_options::max_age, cors_options::preflight_status
  // example: cors_options::preflight_continue
  gossamer::options how;
  auto& cors = how.cors.emplace();
  const std::vector<std::string> origins{"https://a.example", "https://b.example"};
  cors.origin = gossamer::http::origin_policy::list(origins);
  cors.credentials = true;  // cookies may be sent
  cors.methods = "GET,POST";
  cors.allowed_headers = "x-token";  // nothing: what the browser asks for
  cors.exposed_headers = "x-served-by";
  cors.max_age = 600;  // seconds: how long a browser may remember it
  cors.preflight_status = 204;
  cors.preflight_continue = false;  // true: a handler of yours answers OPTIONS
  gossamer::server io(how);
  // end
  const brief_end soon(io);
  const auto answer = test_client(listen(io)).get(polling, "Origin: https://b.example\r\n");
  EXPECT_EQ(answer.header("Access-Control-Allow-Origin"), "https://b.example");
  EXPECT_EQ(answer.header("Access-Control-Expose-Headers"), "x-served-by");
  test_client http(listen(io));
  http.request("OPTIONS", polling, {},
               "Origin: https://a.example\r\nAccess-Control-Request-Method: POST\r\n");
  EXPECT_EQ(http.answer().header("Access-Control-Max-Age"), "600");
}

TEST(ApiEngineOptions, Origins) {
  using gossamer::http::origin_policy;
  const auto allowed = [](const origin_policy& origin) {
    auto how = two_lanes();
    how.cors.emplace().origin = origin;
    server io(how);
    const brief_end soon(io);
    return test_client(listen(io))
        .get(polling, "Origin: https://a.example\r\n")
        .header("Access-Control-Allow-Origin");
  };
  // example: origin_policy::any, origin_policy::fixed, origin_policy::reflect
  // example: origin_policy::pattern, origin_policy::decided_by
  const auto everybody = origin_policy::any();                 // told as *
  const auto one = origin_policy::fixed("https://b.example");  // told to whoever asks
  const auto each = origin_policy::reflect();                  // told by its own name
  const auto family = origin_policy::pattern("^https://.*\\.example$");
  const auto by_code = origin_policy::decided_by(
      [](std::string_view origin) -> std::optional<origin_policy> {  // on several lanes at once
        if (origin.starts_with("https://")) return origin_policy::reflect();
        return std::nullopt;  // as if CORS were off
      });
  // end
  EXPECT_EQ(allowed(everybody), "*");
  EXPECT_EQ(allowed(one), "https://b.example");
  EXPECT_EQ(allowed(each), "https://a.example");
  EXPECT_EQ(allowed(family), "https://a.example");
  EXPECT_EQ(allowed(by_code), "https://a.example");
}

TEST(ApiEngineOptions, Deflate) {
  // example: options::per_message_deflate, deflate_options::threshold, deflate_options::level
  // example: deflate_options::memory_level, deflate_options::server_max_window_bits
  // example: deflate_options::client_max_window_bits
  gossamer::options how;
  how.per_message_deflate = gossamer::websocket::deflate_options{
      .threshold = 100,  // bytes; shorter messages are sent as they are; 1,024 unless told
      .level = 3,        // 1 (fast) to 9 (small)
      .memory_level = 7,
      .server_max_window_bits = 13,
      .client_max_window_bits = 13,
  };
  gossamer::server io(how);
  // end
  const brief_end soon(io);
  io.on_connection([](gossamer::socket s) { s.emit("long", std::string(200, 'a')); });
  client ada(io, {.fields = "Sec-WebSocket-Extensions: permessage-deflate\r\n"});
  EXPECT_THAT(ada.head, HasSubstr("permessage-deflate"));
  EXPECT_EQ(ada.hears(), "deflated");
}

TEST(ApiEngineOptions, HttpCompression) {
  // example: options::http_compression, compression_options::threshold, compression_options::level
  gossamer::options how;
  how.http_compression = gossamer::http::compression_options{
      .threshold = 100,  // bytes of an answer to a poll; 1,024 unless told
      .level = 6,        // 1 (fast) to 9 (small)
  };
  how.initial_packet = std::string(200, 'a');
  gossamer::server io(how);
  // end
  const brief_end soon(io);
  EXPECT_EQ(
      test_client(listen(io)).get(polling, "Accept-Encoding: gzip\r\n").header("Content-Encoding"),
      "gzip");
}

// -- hooks ----------------------------------------------------------------------------------------

TEST(ApiEngineOptions, AllowRequest) {
  // example: options::allow_request
  gossamer::options how;
  how.allow_request = [](const std::shared_ptr<const gossamer::handshake_info>& from,
                         const gossamer::handshake_decision& decide) {
    if (from->header("x-token") == "42") return decide(true, "");
    decide(false, "no token");  // now or later, from any thread
  };
  gossamer::server io(how);
  // end
  const brief_end soon(io);
  EXPECT_EQ(test_client(listen(io)).get(polling, "X-Token: 42\r\n").status, 200U);
  const auto refused = test_client(listen(io)).get(polling);
  EXPECT_EQ(refused.status, 403U);
  EXPECT_THAT(refused.body, HasSubstr("no token"));
}

TEST(ApiEngineOptions, EngineMiddlewares) {
  // example: options::engine_middlewares
  gossamer::options how;
  how.engine_middlewares.push_back(
      [](const gossamer::http::request& request,
         gossamer::http::header_fields& more) -> std::optional<gossamer::http::response> {
        if (request.header("x-robot")) return gossamer::http::plain_response(429);
        more.add("X-Served-By", "gossamer");  // to whatever the answer will be
        return std::nullopt;                  // go on
      });
  gossamer::server io(how);
  // end
  const brief_end soon(io);
  EXPECT_EQ(test_client(listen(io)).get(polling).header("X-Served-By"), "gossamer");
  EXPECT_EQ(test_client(listen(io)).get(polling, "X-Robot: 1\r\n").status, 429U);
}

TEST(ApiEngineOptions, UseEngine) {
  server io(two_lanes());
  const brief_end soon(io);
  std::thread worker;
  // example: server::use_engine
  io.use_engine([&](const gossamer::http::request& request, const gossamer::engine_next& next) {
    const bool robot = request.header("x-robot").has_value();
    worker = std::thread([robot, next] {  // any thread, later; the request is gone by then
      if (robot) return next.answer(gossamer::http::plain_response(429));
      gossamer::http::header_fields more;
      more.add("X-Checked", "yes");
      next(std::move(more));  // goes on; next.fail() refuses with code 3
    });
  });
  // end
  EXPECT_EQ(test_client(listen(io)).get(polling).header("X-Checked"), "yes");
  worker.join();
  EXPECT_EQ(test_client(listen(io)).get(polling, "X-Robot: 1\r\n").status, 429U);
  worker.join();
}

TEST(ApiEngineOptions, Headers) {
  // example: options::headers, options::initial_headers
  gossamer::options how;
  how.initial_headers = [](const gossamer::handshake_info&, const gossamer::session_id&,
                           gossamer::transport_kind, gossamer::http::header_fields& more) {
    more.add("X-Welcome", "1");  // on the answer to a handshake
  };
  how.headers = [](const gossamer::http::request&, gossamer::http::header_fields& more) {
    more.add("X-Always", "1");  // on each answer of the engine
  };
  gossamer::server io(how);
  // end
  const brief_end soon(io);
  const auto answer = test_client(listen(io)).get(polling);
  EXPECT_EQ(answer.header("X-Welcome"), "1");
  EXPECT_EQ(answer.header("X-Always"), "1");
}

TEST(ApiEngineOptions, OnConnectionError) {
  gossamer::guarded<strings> told;
  // example: options::on_connection_error, connection_error::code, connection_error::message
  // example: connection_error::context, connection_error::sid, connection_error::request
  gossamer::options how;
  how.on_connection_error = [&](const gossamer::connection_error& why) {
    auto line = std::to_string(why.code) + " " + std::string(why.message) + " " +
                std::string(why.context) + " sid=" + std::string(why.sid);
    if (why.request != nullptr) line += " " + why.request->target;
    told.with([&](auto& lines) { lines.push_back(line); });
  };
  gossamer::server io(how);
  // end
  const brief_end soon(io);
  EXPECT_EQ(test_client(listen(io)).get("/socket.io/?EIO=4&transport=pigeon").status, 400U);
  (void)io.stop();
  EXPECT_THAT(told.with([](auto& lines) { return lines; }),
              ElementsAre("0 Transport unknown UNKNOWN_TRANSPORT sid= "
                          "/socket.io/?EIO=4&transport=pigeon"));
}

TEST(ApiEngineOptions, GenerateId) {
  // example: options::generate_id
  gossamer::options how;
  how.generate_id = [made =
                         std::make_shared<std::atomic<int>>(0)](const gossamer::handshake_info&) {
    auto id = "session-" + std::to_string(++*made);
    return id + std::string(20 - id.size(), '_');  // 20 characters of A-Z a-z 0-9 - _, each new
  };
  gossamer::server io(how);
  // end
  const brief_end soon(io);
  EXPECT_THAT(test_client(listen(io)).get(polling).body,
              HasSubstr(R"("sid":"session-1___________")"));
}

}  // namespace
}  // namespace gossamer::api
