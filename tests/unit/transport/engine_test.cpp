#include "gateway/transport/handshake.hpp"

#include "test_server.hpp"
#include <atomic>
#include <future>
#include <stdexcept>
#include <thread>

namespace gossamer::test {
namespace {

using namespace std::chrono_literals;

TEST(TransportEngine, AsksTheApplicationAboutHandshakes) {
  engine_options options;
  options.allow_request = [](const std::shared_ptr<const handshake_info>& info,
                             const transport::decision& decide) {
    const auto deny = info->query("deny");
    decide(!deny, deny.value_or(""));
    decide(true, "");  // only the first answer counts
  };
  test_server server(options);
  auto client = server.connect();
  const auto denied = client.get(url("polling") + "&deny=not%20you%22");
  EXPECT_EQ(denied.status, 403U);
  EXPECT_EQ(denied.body, R"({"code":4,"message":"not you\""})");
  EXPECT_EQ(client.get(url("polling") + "&deny=").body, R"({"code":4,"message":"Forbidden"})");
  EXPECT_TRUE(session_id::looks_like(open_polling(client)));

  auto websocket = server.connect();
  const auto refused = websocket.upgrade(url("websocket") + "&deny=no");
  EXPECT_EQ(refused.status, 400U);
  EXPECT_EQ(refused.body, "no");
  auto allowed = server.connect();
  open_websocket(allowed);
}

TEST(TransportEngine, WaitsForADecisionFromAnotherThread) {
  std::promise<transport::decision> asked;
  engine_options options;
  options.allow_request = [&](const std::shared_ptr<const handshake_info>&,
                              transport::decision decide) { asked.set_value(std::move(decide)); };
  test_server server(options);
  auto client = server.connect();
  client.request("GET", url("polling"));
  auto decide = asked.get_future().get();
  std::thread([&] { decide(true, ""); }).join();
  EXPECT_EQ(client.answer().status, 200U);
  EXPECT_EQ(server.stats().polling, 1U);
}

TEST(TransportEngine, ForgetsAClientThatLeavesDuringTheDecision) {
  std::promise<transport::decision> asked;
  engine_options options;
  options.allow_request = [&](const std::shared_ptr<const handshake_info>&,
                              transport::decision decide) { asked.set_value(std::move(decide)); };
  test_server server(options, 1);
  auto client = server.connect();
  client.request("GET", url("polling"));
  auto decide = asked.get_future().get();
  client.hang_up();
  auto other = server.connect();
  while (server.http().stats().connections() > 1) EXPECT_EQ(other.get("/other/").status, 404U);
  // A turn later the engine has been told; two more, and it has the decision.
  for (int i = 0; i < 2; ++i) EXPECT_EQ(other.get("/other/").status, 404U);
  decide(true, "");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(other.get("/other/").status, 404U);
  EXPECT_EQ(server.stats().opened, 0U);
}

TEST(TransportEngine, TakesIdsOfTheApplication) {
  engine_options options;
  std::atomic<int> made{0};
  options.generate_id = [&](const handshake_info& info) {
    if (info.query("bad")) return std::string("not an id");
    return "AAAAAAAAAAAAAAAAAAA" + std::to_string(info.query("same") ? 9 : made++);
  };
  test_server server(options);
  std::vector<test_client> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(server.connect());
    EXPECT_EQ(open_polling(clients.back()), "AAAAAAAAAAAAAAAAAAA" + std::to_string(i));
  }
  for (int i = 0; i < 4; ++i) {
    const std::string sid = "AAAAAAAAAAAAAAAAAAA" + std::to_string(i);
    EXPECT_EQ(clients[0].post(url("polling", sid), "4x" + sid).body, "ok");
    EXPECT_EQ(clients[1].get(url("polling", sid)).body, "4x" + sid);
  }
  EXPECT_EQ(clients[0].get(url("polling") + "&bad=1").body,
            R"({"code":3,"message":"Bad request"})");
  EXPECT_EQ(clients[0].get(url("polling") + "&same=1").status, 200U);
  EXPECT_EQ(clients[1].get(url("polling") + "&same=1").body,
            R"({"code":3,"message":"Bad request"})");
  const std::string last = "AAAAAAAAAAAAAAAAAAA9";
  EXPECT_EQ(clients[2].post(url("polling", last), "1").body, "ok");
  EXPECT_EQ(server.app.notes.next(), "closed: transport close");
  EXPECT_EQ(clients[1].get(url("polling") + "&same=1").status, 200U) << "free again";
}

TEST(TransportEngine, MiddlewaresSeeEveryRequestAndAddFields) {
  engine_options options;
  options.middlewares = std::make_shared<transport::middleware_list>();
  options.middlewares->add(
      [](const http::request& asked, http::header_fields& more) -> std::optional<http::response> {
        more.add("X-Filter", "seen");
        if (asked.method == http::method::options) {
          http::response own;
          own.status = 204;
          return own;
        }
        return std::nullopt;
      });
  test_server server(options);
  auto client = server.connect();
  client.request("OPTIONS", url("polling"));
  const auto preflight = client.answer();
  EXPECT_EQ(preflight.status, 204U);
  EXPECT_EQ(preflight.header("X-Filter"), "seen");
  const auto opened = client.get(url("polling"));
  EXPECT_EQ(opened.header("X-Filter"), "seen");
  const std::string sid = sid_of(opened.body);
  EXPECT_EQ(client.post(url("polling", sid), "4x").header("X-Filter"), "seen");
  EXPECT_EQ(client.get(url("polling", sid)).header("X-Filter"), "seen");
  EXPECT_EQ(client.get(url("polling", "gone")).header("X-Filter"), "seen");
  auto websocket = server.connect();
  EXPECT_EQ(websocket.upgrade(url("websocket")).header("X-Filter"), "seen");
}

TEST(TransportEngine, AddsInitialHeadersToHandshakesOnly) {
  engine_options options;
  options.initial_headers = [](const handshake_info&, const session_id& id, transport_kind kind,
                               http::header_fields& more) {
    if (kind == transport_kind::polling) more.add("Set-Cookie", "io=" + id.string());
  };
  test_server server(options);
  auto client = server.connect();
  const auto opened = client.get(url("polling"));
  const std::string sid = sid_of(opened.body);
  EXPECT_EQ(opened.header("Set-Cookie"), "io=" + sid);
  EXPECT_EQ(client.post(url("polling", sid), "4x").header("Set-Cookie"), "");
}

TEST(TransportEngine, ClosesEverythingAndThenReports) {
  test_server server;
  auto poller = server.connect();
  auto absent = server.connect();
  auto websocket = server.connect();
  const std::string waits = open_polling(poller);
  open_polling(absent);
  open_websocket(websocket);
  auto other = server.connect();
  poller.request("GET", url("polling", waits));
  EXPECT_EQ(other.post(url("polling", waits), "4x").body, "ok");
  EXPECT_EQ(poller.answer().body, "4x");

  std::promise<void> closed;
  server.io().close(50ms, [&] { closed.set_value(); });
  closed.get_future().get();
  EXPECT_EQ(websocket.frame(), "close:1005");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(server.app.notes.next(), "closed: server shutting down");
  EXPECT_EQ(server.stats().sessions(), 0U);
  const auto& causes = server.stats().closed;
  EXPECT_EQ(causes[static_cast<std::size_t>(engineio::close_cause::shutting_down)], 3U);
  EXPECT_EQ(other.get(url("polling")).status, 503U);
}

TEST(TransportEngine, SurvivesApplicationsThatThrow) {
  engine_options options;
  const auto fails = [](const std::optional<std::string>& wanted) {
    if (wanted) throw std::runtime_error("the application is broken");
  };
  options.middlewares = std::make_shared<transport::middleware_list>();
  options.middlewares->add(
      [=](const http::request& asked, http::header_fields&) -> std::optional<http::response> {
        if (asked.target.ends_with("&filter")) fails("yes");
        return std::nullopt;
      });
  options.middlewares->add([=](const http::request& asked, const transport::middleware_next& next) {
    if (asked.target.ends_with("&later")) fails("yes");
    next();
    fails(asked.target.ends_with("&late") ? std::optional<std::string>("yes") : std::nullopt);
  });
  options.allow_request = [=](const std::shared_ptr<const handshake_info>& info,
                              const transport::decision& decide) {
    fails(info->query("allow"));
    decide(true, "");
  };
  options.generate_id = [=](const handshake_info& info) {
    fails(info.query("id"));
    return std::string("AAAAAAAAAAAAAAAAAAAA");
  };
  test_server server(options);
  auto client = server.connect();
  EXPECT_EQ(client.get(url("polling") + "&filter").body, R"({"code":3,"message":"Bad request"})");
  EXPECT_EQ(client.get(url("polling") + "&later").body, R"({"code":3,"message":"Bad request"})");
  EXPECT_EQ(client.get(url("polling") + "&late").body, R"({"code":3,"message":"Bad request"})");
  EXPECT_EQ(client.get(url("polling") + "&allow").body, R"({"code":4,"message":"Forbidden"})");
  EXPECT_EQ(client.get(url("polling") + "&id").body, R"({"code":3,"message":"Bad request"})");
  server.app.on_open = [](connection&) { throw std::runtime_error("no sessions today"); };
  const std::string sid = open_polling(client);
  EXPECT_EQ(client.post(url("polling", sid), "4x").body, "ok");
  EXPECT_EQ(client.get(url("polling", sid)).body,
            "6\x1e"
            "1");
}

// A route table may hand over whole requests only, without asking choose().
TEST(TransportEngine, TakesAPostItWasNotAskedAbout) {
  test_server server;
  server.whole_requests_only();
  auto client = server.connect();
  const std::string sid = open_polling(client);
  EXPECT_EQ(client.post(url("polling", sid), "4x").body, "ok");
  EXPECT_EQ(client.get(url("polling", sid)).body, "4x");
}

TEST(TransportEngine, StopsWithOpenSessions) {
  for (int i = 0; i < 5; ++i) {
    test_server server;
    auto poller = server.connect();
    const std::string sid = open_polling(poller);
    poller.request("GET", url("polling", sid));
    auto websocket = server.connect();
    open_websocket(websocket);
    auto probe = server.connect();
    EXPECT_EQ(probe.upgrade(url("websocket", sid)).status, 101U);
  }
}

TEST(TransportHandshake, LooksFieldsUpWhenAsked) {
  http::request first;
  first.target = "/socket.io/?EIO=4&a=1%20&a=2&b";
  first.headers.add("Host", "example.org");
  first.headers.add("X-List", "one");
  first.headers.add("x-list", "two");
  const auto info = transport::make_handshake(first, 1234);
  EXPECT_EQ(info->url(), first.target);
  EXPECT_EQ(info->header("HOST"), "example.org");
  EXPECT_EQ(info->header("x-list"), "one, two");
  EXPECT_EQ(info->header("nope"), std::nullopt);
  EXPECT_EQ(info->query("a"), "2");
  EXPECT_EQ(info->query("b"), "");
  EXPECT_EQ(info->query("c"), std::nullopt);
  EXPECT_EQ(info->issued_ms(), 1234);
  EXPECT_FALSE(info->xdomain());
  EXPECT_FALSE(info->secure());
  std::string seen;
  const auto note = [](void* to, std::string_view name, std::string_view value) {
    static_cast<std::string*>(to)->append(name).append("=").append(value).append(";");
  };
  info->each_header(note, &seen);
  EXPECT_EQ(seen, "host=example.org;x-list=one;x-list=two;");
  seen.clear();
  info->each_query(note, &seen);
  EXPECT_EQ(seen, "EIO=4;a=1 ;a=2;b=;");
}

TEST(TransportHandshake, KnowsTheAddress) {
  test_server server;
  std::promise<std::string> address;
  server.app.on_open = [&](connection& session) {
    address.set_value(std::string(session.handshake()->address()));
  };
  auto client = server.connect();
  open_polling(client);
  EXPECT_EQ(address.get_future().get(), "127.0.0.1");
}

}  // namespace
}  // namespace gossamer::test
