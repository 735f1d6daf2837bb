// The examples of docs/api/http.md: routes, files, a bare Engine.IO server, operations.
#include "tests/unit/api/site.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace gossamer::api {
namespace {

using ApiHttp = site;
using test::test_client;

TEST_F(ApiHttp, Routes) {
  // example: server::http, router::get, router::post
  io.http().get("/hello/:name", [](const gossamer::http::routed_request& request,
                                   gossamer::http::responder& response) {
    response.send("hello " + request.param("name"));
  });
  io.http().post("/news", [&io = io](const auto& request, auto& response) {
    io.emit("news", request.body());
    response.status(202).end();
  });
  // end
  client ada(io);
  test_client http(listen(io));
  EXPECT_EQ(http.get("/hello/ada").body, "hello ada");
  EXPECT_EQ(http.post("/news", "rain").status, 202U);
  EXPECT_EQ(ada.hears(), R"(["news","rain"])");
}

TEST_F(ApiHttp, Methods) {
  // example: router::put, router::patch, router::del, router::options, router::any, router::add
  auto& routes = io.http();
  const auto name_it = [](const auto& request, auto& response) {
    response.send(gossamer::http::text(request.method()));
  };
  routes.put("/thing", name_it);
  routes.patch("/thing", name_it);
  routes.del("/thing", name_it);
  routes.options("/thing", name_it);
  routes.any("/anything/*", name_it);
  routes.add(gossamer::http::method::post, "/small", name_it, 10);  // bodies of 10 bytes at most
  // end
  test_client http(listen(io));
  for (const auto* verb : {"PUT", "PATCH", "DELETE", "OPTIONS"}) {
    http.request(verb, "/thing", {}, "Content-Length: 0\r\n");
    EXPECT_EQ(http.answer().body, verb);
  }
  EXPECT_EQ(http.get("/anything/at/all").body, "GET");
  EXPECT_EQ(http.post("/small", "1234567890").status, 200U);
  EXPECT_EQ(test_client(listen(io)).post("/small", "12345678901").status, 413U);
}

TEST_F(ApiHttp, Request) {
  // example: routed_request::method, routed_request::path, routed_request::param
  // example: routed_request::query, routed_request::header, routed_request::cookie
  // example: routed_request::body, routed_request::ip, routed_request::secure, routed_request::raw
  io.http().any("/about/:who", [](const gossamer::http::routed_request& request, auto& response) {
    std::string told(gossamer::http::text(request.method()));
    told.append(" ").append(request.path()).append(" who=").append(request.param("who"));
    told.append(" page=").append(request.query("page").value_or("1"));
    told.append(" agent=").append(request.header("user-agent").value_or("-"));
    told.append(" theme=").append(request.cookie("theme").value_or("-"));
    told.append(" from ").append(request.ip()).append(request.secure() ? " by TLS" : "");
    told.append(" ").append(request.raw().target).append(" ").append(request.body());
    response.send(told);
  });
  // end
  test_client http(listen(io));
  EXPECT_EQ(http.get("/about/ada?page=2", "User-Agent: me\r\nCookie: theme=dark\r\n").body,
            "GET /about/ada who=ada page=2 agent=me theme=dark from 127.0.0.1 /about/ada?page=2 ");
}

TEST_F(ApiHttp, Response) {
  // example: responder::status, responder::header, responder::type, responder::send
  // example: responder::json, responder::end, responder::redirect, responder::respond
  auto& routes = io.http();
  routes.get("/page", [](const auto&, auto& response) {
    response.status(203).type("text/html").header("X-Page", "1").send("<p>hello</p>");
  });
  routes.get("/json", [](const auto&, auto& response) { response.json(R"({"ok":true})"); });
  routes.get("/nothing", [](const auto&, auto& response) { response.status(204).end(); });
  routes.get("/old", [](const auto&, auto& response) { response.redirect("/page"); });
  routes.get("/teapot", [](const auto&, auto& response) {
    response.respond(gossamer::http::plain_response(418, "short and stout"));
  });
  // end
  test_client http(listen(io));
  const auto page = http.get("/page");
  EXPECT_EQ(page.status, 203U);
  EXPECT_EQ(page.header("X-Page"), "1");
  EXPECT_THAT(page.header("Content-Type"), testing::StartsWith("text/html"));
  EXPECT_EQ(http.get("/json").body, R"({"ok":true})");
  EXPECT_EQ(http.get("/nothing").status, 204U);
  EXPECT_EQ(http.get("/old").header("Location"), "/page");
  EXPECT_EQ(http.get("/teapot").body, "short and stout");
}

TEST_F(ApiHttp, AnswersLater) {
  std::thread worker;
  // example: responder
  io.http().get("/slow", [&](const auto&, gossamer::http::responder& response) {
    worker = std::thread([response]() mutable { response.send("done"); });  // any thread, later
  });
  // end
  test_client http(listen(io));
  EXPECT_EQ(http.get("/slow").body, "done");
  worker.join();
  stop();
}

TEST_F(ApiHttp, ServeDirectory) {
  auto folder = (std::filesystem::temp_directory_path() / "gossamer-api-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  std::ofstream(folder + "/index.html") << "<p>hello</p>";
  // example: server::serve_directory
  const auto files = io.serve_directory("/", folder);  // how many, or why not
  if (!files) std::fputs(files.error().message().c_str(), stderr);
  // end
  EXPECT_EQ(files.value(), 1U);
  EXPECT_EQ(test_client(listen(io)).get("/").body, "<p>hello</p>");
  std::filesystem::remove_all(folder);
}

// example: server::mount_engine
// Engine.IO without Socket.IO: each message is sent back as it came.
class echo_client final : public gossamer::client {
 public:
  explicit echo_client(gossamer::connection& session) : session_(session) {}
  void on_text(std::string_view message) override {  // "4" is Engine.IO's type: message
    const auto frame = gossamer::shared_frame::make(gossamer::frame_kind::text, {"4", message});
    (void)session_.send({&frame, 1});
  }
  void on_binary(gossamer::bytes) override {}
  void on_close(gossamer::close_reason) override {}

 private:
  gossamer::connection& session_;
};
class echo final : public gossamer::session_acceptor {
 public:
  std::unique_ptr<gossamer::client> on_session(gossamer::connection& session) override {
    return std::make_unique<echo_client>(session);
  }
};
// end

TEST(ApiEngine, MountEngine) {
  // example: server::mount_engine
  echo above;  // outlives the server
  gossamer::server io(two_lanes());
  io.mount_engine("/engine.io", above);
  // end
  test_client wire(listen(io));
  (void)wire.upgrade("/engine.io/?EIO=4&transport=websocket");
  (void)wire.frame();
  wire.text("4hello");
  EXPECT_EQ(wire.frame(), "text:4hello");
}

TEST_F(ApiHttp, Operations) {
  // example: server::mount_ops, server::listen_ops, server::ops_address
  io.mount_ops("/internal");  // /internal/healthz and /internal/metrics, where the clients are
  const auto bound = io.listen_ops({.host = "127.0.0.1", .port = 0});  // or apart from them
  if (!bound) std::fputs(bound.error().message().c_str(), stderr);
  const auto where = io.ops_address();  // where listen_ops or the option `ops` has bound first
  // end
  EXPECT_EQ(test_client(listen(io)).get("/internal/healthz").body, R"({"status":"ok"})");
  ASSERT_TRUE(where);
  EXPECT_EQ(where->port, bound->port);
  EXPECT_THAT(test_client(where->port).get("/metrics").body, HasSubstr("gossamer_sessions"));
}

}  // namespace
}  // namespace gossamer::api
