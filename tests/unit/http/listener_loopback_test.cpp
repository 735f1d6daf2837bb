// Listeners: ports, descriptors that run out, stopping; routes and files behind them.
#include "gateway/http/router.hpp"
#include "gateway/http/static_files.hpp"
#include "tests/unit/http/test_server.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <fcntl.h>
#include <netinet/in.h>
#include <string>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace gossamer::http::test {
namespace {

class Listener : public loopback {};

TEST_F(Listener, SaysWhatIsWrongWithAnAddress) {
  start(echo);
  listen_options where;
  where.address = "not-an-address";
  EXPECT_EQ(http->listen(where).error(), errc::bad_address);
  where.address = "127.0.0.1";
  where.port = port;
  EXPECT_EQ(http->listen(where).error().value(), EADDRINUSE);
}

TEST_F(Listener, ListensOnSeveralPorts) {
  start(echo, {}, 2);
  listen_options where;
  where.address = "127.0.0.1";
  const auto second = http->listen(where);
  ASSERT_TRUE(second);
  EXPECT_NE(second->port, port);
  client c(second->port);
  c.write("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(c.read_answer().body, "GET /2\n");
}

std::string socket_path() {
  static int last = 0;
  return "/tmp/gossamer-listener-" + std::to_string(::getpid()) + "-" + std::to_string(++last);
}

unsigned mode_of(const std::string& path) {
  struct stat found {};
  return ::lstat(path.c_str(), &found) == 0 ? found.st_mode & 07777U : 0U;
}

// A socket file as a server leaves it that was killed; it listens as long as `fd` is open.
int leave_socket(const std::string& path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  path.copy(at.sun_path, sizeof at.sun_path - 1);
  EXPECT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at), 0);
  EXPECT_EQ(::listen(fd, 1), 0);
  return fd;
}

TEST_F(Listener, GivesAUnixSocketItsMode) {
  start(echo);
  const mode_t old = ::umask(022);
  for (const unsigned mode : {0600U, 0660U, 0777U}) {
    listen_options where;
    where.address = "unix:" + socket_path();
    where.unix_mode = mode;
    ASSERT_TRUE(http->listen(where));
    EXPECT_EQ(mode_of(where.address.substr(5)), mode);
  }
  ::umask(old);
}

TEST_F(Listener, ReplacesASocketFileThatNobodyListensOn) {
  start(echo);
  listen_options where;
  const auto path = socket_path();
  where.address = "unix:" + path;
  const int fd = leave_socket(path);
  EXPECT_EQ(http->listen(where).error().value(), EADDRINUSE);
  ::close(fd);
  ASSERT_TRUE(http->listen(where));
  client c = client::to_unix(path);
  c.write("GET /u HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(c.read_answer().body, "GET /u\n");
  EXPECT_EQ(http->listen(where).error().value(), EADDRINUSE);
  http->stop_listening();
  EXPECT_NE(::access(path.c_str(), F_OK), 0);
}

TEST_F(Listener, LeavesFilesOfOthersAlone) {
  start(echo);
  const auto path = socket_path();
  listen_options where;
  where.address = "unix:" + path;
  const int file = ::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  ::close(file);
  EXPECT_EQ(http->listen(where).error().value(), EADDRINUSE);
  EXPECT_EQ(::access(path.c_str(), F_OK), 0);
  ::unlink(path.c_str());
  ASSERT_TRUE(http->listen(where));
  ::unlink(path.c_str());
  const int successor = leave_socket(path);
  http->stop_listening();
  EXPECT_EQ(::access(path.c_str(), F_OK), 0);
  ::close(successor);
  ::unlink(path.c_str());
}

TEST_F(Listener, WaitsWhenDescriptorsRunOutAndGoesOn) {
  start(echo);
  client waiting_for_its_turn(port);
  waiting_for_its_turn.write("GET /before HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(waiting_for_its_turn.read_answer().status(), 200U);

  rlimit old{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &old), 0);
  const int client_fd = ::socket(AF_INET, SOCK_STREAM, 0);  // made while there is one left
  const int highest = ::dup(client_fd);
  rlimit none = old;
  none.rlim_cur = static_cast<rlim_t>(highest);
  ::close(highest);
  std::vector<int> fillers;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  for (int fd = ::dup(client_fd); fd >= 0; fd = ::dup(client_fd)) fillers.push_back(fd);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::connect(client_fd, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  while (http->stats().accept_pauses == 0) std::this_thread::yield();
  // Those who are connected already are served meanwhile.
  waiting_for_its_turn.write("GET /during HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(waiting_for_its_turn.read_answer().body, "GET /during\n");
  for (const int fd : fillers) ::close(fd);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &old), 0);

  const std::string request = "GET /after HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  ASSERT_EQ(::send(client_fd, request.data(), request.size(), 0),
            static_cast<ssize_t>(request.size()));
  std::string got;
  char piece[512];
  for (ssize_t size = 1; size > 0;) {
    size = ::recv(client_fd, piece, sizeof piece, 0);
    if (size > 0) got.append(piece, static_cast<std::size_t>(size));
  }
  ::close(client_fd);
  EXPECT_TRUE(got.ends_with("GET /after\n")) << got;
}

TEST_F(Listener, RefusesConnectionsOnceStopped) {
  start(echo);
  client kept(port);
  kept.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  kept.read_answer();
  http->stop_listening();
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_NE(::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  ::close(fd);
  kept.write("GET /still HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(kept.read_answer().body, "GET /still\n");
}

TEST_F(Listener, ClosesIdleConnectionsAndFinishesAnswersWhenTheServerStops) {
  std::promise<std::shared_ptr<exchange>> seen;
  start([&seen](std::shared_ptr<exchange> x) { seen.set_value(std::move(x)); });
  client idle(port);
  client busy(port);
  busy.write("GET /busy HTTP/1.1\r\nHost: x\r\n\r\n");
  auto held = seen.get_future().get();
  std::promise<void> done;
  http->close_connections(seconds(20), [&done] { done.set_value(); });
  EXPECT_EQ(idle.read_all(), "");
  on_lane([&held] {
    echo(held);
    held.reset();
  });
  const auto got = busy.read_answer();
  EXPECT_EQ(got.body, "GET /busy\n");
  EXPECT_EQ(got.field("Connection"), "close");
  idle.close();
  busy.close();
  done.get_future().wait();
}

class RoutedServer : public loopback {
 protected:
  void start_routes() {
    lane_options threads;
    threads.lanes = 2;
    lanes = std::make_unique<lane_group>(std::move(threads));
    lanes->start();
    http = std::make_unique<server>(*lanes, table);
    listen_options where;
    where.address = "127.0.0.1";
    port = http->listen(where)->port;
  }
  answer ask(const std::string& line, const std::string& rest = "\r\n") {
    client c(port);
    c.write(line + " HTTP/1.1\r\nHost: x\r\n" + rest);
    return c.read_answer(line.starts_with("HEAD"));
  }
  router table;
};

TEST_F(RoutedServer, AnswersByPatternMethodAndParameter) {
  table.get("/hello/:name", [](const auto& request, auto& response) {
    response.header("X-Q", request.query("q").value_or("-")).send("hello " + request.param("name"));
  });
  table.post("/json", [](const auto& request, auto& response) {
    response.status(201).json("{\"got\":" + request.body() + "}");
  });
  start_routes();
  const auto hello = ask("GET /hello/J%C3%BCrgen?q=1");
  EXPECT_EQ(hello.body, "hello J\xc3\xbcrgen");
  EXPECT_EQ(hello.field("X-Q"), "1");
  EXPECT_EQ(ask("POST /json", "Content-Length: 1\r\n\r\n7").body, "{\"got\":7}");
  EXPECT_EQ(ask("HEAD /hello/x").field("Content-Length"), "7");
  EXPECT_EQ(ask("GET /nothing").status(), 404U);
  const auto wrong = ask("DELETE /hello/x");
  EXPECT_EQ(wrong.status(), 405U);
  EXPECT_EQ(wrong.field("Allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(ask("OPTIONS /json").status(), 204U);
  EXPECT_NE(ask("GET /hello/x").field("Date"), "");
}

TEST_F(RoutedServer, TakesRoutesWhileItListens) {
  start_routes();
  EXPECT_EQ(ask("GET /late").status(), 404U);
  table.any("/late", [](const auto&, auto& response) { response.send("now"); });
  EXPECT_EQ(ask("GET /late").body, "now");
}

TEST_F(RoutedServer, AnswersFromAnotherThreadAndWhenNobodyDoes) {
  std::promise<responder> later;
  table.get("/async", [&later](const auto&, auto& response) { later.set_value(response); });
  table.get("/forgotten", [](const auto&, auto&) {});
  table.get("/throws", [](const auto&, auto&) { throw std::runtime_error("no"); });
  start_routes();
  client c(port);
  c.write("GET /async HTTP/1.1\r\nHost: x\r\n\r\n");
  {
    auto response = later.get_future().get();
    response.redirect("/elsewhere");
    response.send("ignored");
  }
  const auto got = c.read_answer();
  EXPECT_EQ(got.status(), 302U);
  EXPECT_EQ(got.field("Location"), "/elsewhere");
  EXPECT_EQ(ask("GET /forgotten").status(), 500U);
  EXPECT_EQ(ask("GET /throws").status(), 500U);
}

TEST_F(RoutedServer, ServesMountedFiles) {
  auto files = std::make_shared<static_files>();
  ASSERT_TRUE(files->add({"/app/index.html", std::string(5000, 'a'), "", ""}));
  table.mount("/app/", 1000, files);
  start_routes();
  EXPECT_EQ(ask("GET /app/index.html").body.size(), 5000U);
  EXPECT_EQ(ask("GET /app/index.html", "Accept-Encoding: gzip\r\n\r\n").field("Content-Encoding"),
            "gzip");
  EXPECT_EQ(ask("GET /app/../secret").status(), 404U);
}

}  // namespace
}  // namespace gossamer::http::test
