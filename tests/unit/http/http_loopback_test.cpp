// HTTP over real sockets: exact bytes, order, bodies, keep-alive.
#include "tests/unit/http/test_server.hpp"

#include <gtest/gtest.h>

#include <string>
#include <unistd.h>
#include <vector>

namespace gossamer::http::test {
namespace {

class HttpLoopback : public loopback {};

TEST_F(HttpLoopback, AnswersWithExactBytes) {
  start([](std::shared_ptr<exchange> x) {
    response out;
    out.headers.add("X-One", "1");
    out.body = "hello";
    x->respond(std::move(out));
  });
  client c(port);
  c.write("GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string expected =
      "HTTP/1.1 200 OK\r\nX-One: 1\r\nContent-Length: 5\r\nConnection: keep-alive\r\n"
      "Keep-Alive: timeout=75\r\n\r\nhello";
  EXPECT_EQ(c.read(expected.size()), expected);
}

TEST_F(HttpLoopback, KeepsTheConnectionForFurtherRequests) {
  start(echo);
  client c(port);
  for (int i = 0; i < 3; ++i) {
    c.write("POST /n HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
    EXPECT_EQ(c.read_answer().body, "POST /n\nabc");
  }
  EXPECT_EQ(http->stats().connections_opened, 1U);
  EXPECT_EQ(http->stats().requests, 3U);
}

TEST_F(HttpLoopback, ReadsARequestThatComesByteByByte) {
  start(echo);
  client c(port);
  const std::string request =
      "POST /t HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3\r\nabc\r\n2;e=1\r\nde\r\n0\r\n"
      "T: 1\r\n\r\n";
  for (const char byte : request) c.write({&byte, 1});
  EXPECT_EQ(c.read_answer().body, "POST /t\nabcde");
}

TEST_F(HttpLoopback, ClosesAfterConnectionClose) {
  start(echo);
  client c(port);
  c.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const auto got = c.read_answer();
  EXPECT_EQ(got.field("Connection"), "close");
  EXPECT_EQ(c.read_all(), "");
  EXPECT_FALSE(c.was_reset());
}

TEST_F(HttpLoopback, ClosesAfterHttp10UnlessKeepAliveIsAsked) {
  start(echo);
  client old(port);
  old.write("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(old.read_answer().field("Connection"), "close");
  EXPECT_EQ(old.read_all(), "");

  client kept(port);
  for (int i = 0; i < 2; ++i) {
    kept.write("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(kept.read_answer().field("Connection"), "keep-alive");
  }
}

TEST_F(HttpLoopback, SendsNoBodyToHead) {
  start(echo);
  client c(port);
  c.write("HEAD /x HTTP/1.1\r\nHost: x\r\n\r\nGET /y HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(c.read_answer(true).field("Content-Length"), "8");
  EXPECT_EQ(c.read_answer().body, "GET /y\n");
}

TEST_F(HttpLoopback, AnswersPipelinedRequestsInTheirOrder) {
  std::vector<std::shared_ptr<exchange>> held;
  start([&held](std::shared_ptr<exchange> x) {
    held.push_back(std::move(x));
    if (held.size() != 3) return;
    for (const std::size_t i : {2U, 0U, 1U}) echo(held[i]);
    held.clear();
  });
  client c(port);
  c.write(
      "GET /0 HTTP/1.1\r\nHost: x\r\n\r\nGET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 "
      "HTTP/1.1\r\nHost: "
      "x\r\n\r\n");
  for (const auto* wanted : {"GET /0\n", "GET /1\n", "GET /2\n"}) {
    EXPECT_EQ(c.read_answer().body, wanted);
  }
  stop();  // the handler uses `held`
}

TEST_F(HttpLoopback, StopsReadingAtThePipelineBoundAndGoesOnLater) {
  std::vector<std::shared_ptr<exchange>> held;
  std::size_t most = 0;
  server_options options;
  options.pipeline_max = 4;
  start(
      [&](std::shared_ptr<exchange> x) {
        held.push_back(std::move(x));
        most = std::max(most, held.size());
        if (held.size() == 4 || held.back()->req().target == "/last") {
          for (auto& each : held) echo(each);
          held.clear();
        }
      },
      options);
  client c(port);
  std::string all;
  for (int i = 0; i < 99; ++i) all += "GET /n HTTP/1.1\r\nHost: x\r\n\r\n";
  all += "GET /last HTTP/1.1\r\nHost: x\r\n\r\n";
  c.write(all);
  for (int i = 0; i < 99; ++i) ASSERT_EQ(c.read_answer().body, "GET /n\n");
  EXPECT_EQ(c.read_answer().body, "GET /last\n");
  stop();  // the lane has ended: what its handler wrote may be read
  EXPECT_EQ(most, 4U);
}

TEST_F(HttpLoopback, SendsContinueBeforeTheBody) {
  start(echo);
  client c(port);
  c.write("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(c.read(25), "HTTP/1.1 100 Continue\r\n\r\n");
  c.write("ab");
  EXPECT_EQ(c.read_answer().body, "PUT /\nab");
}

TEST_F(HttpLoopback, SendsABigAnswerToASlowReader) {
  const std::string big(8'000'000, 'b');
  start([&big](std::shared_ptr<exchange> x) {
    response out;
    out.shared = shared_frame::make(frame_kind::raw, {big});
    x->respond(std::move(out));
  });
  client c(port, 4096);
  c.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto got = c.read_answer();
  EXPECT_EQ(got.body.size(), big.size());
  EXPECT_EQ(got.body, big);
}

TEST_F(HttpLoopback, AnswersLaterOnItsLane) {
  std::promise<std::shared_ptr<exchange>> seen;
  start([&seen](std::shared_ptr<exchange> x) { seen.set_value(std::move(x)); });
  client c(port);
  c.write("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  auto held = seen.get_future().get();
  on_lane([&held] {
    echo(held);
    EXPECT_FALSE(held->open());
    held.reset();
  });
  EXPECT_EQ(c.read_answer().body, "GET /later\n");
}

TEST_F(HttpLoopback, Answers500ForADroppedExchangeAndAThrowingHandler) {
  start([](std::shared_ptr<exchange> x) {
    if (x->req().target == "/throw") throw std::runtime_error("handler");
  });
  client c(port);
  c.write("GET /drop HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(c.read_answer().status(), 500U);
  c.write("GET /throw HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(c.read_answer().status(), 500U);
}

class abort_recorder final : public exchange_listener {
 public:
  void on_abort(exchange&) override { gone.set_value(); }
  std::promise<void> gone;
};

TEST_F(HttpLoopback, TellsAListenerThatTheClientHasGone) {
  abort_recorder recorder;
  std::promise<void> waiting;
  std::shared_ptr<exchange> held;
  start([&](std::shared_ptr<exchange> x) {
    x->listen(&recorder);
    x->drop_request();
    held = std::move(x);
    waiting.set_value();
  });
  client c(port);
  c.write("GET /poll HTTP/1.1\r\nHost: x\r\n\r\n");
  waiting.get_future().wait();
  c.close();
  recorder.gone.get_future().wait();
  on_lane([&held] {
    EXPECT_FALSE(held->open());
    held->respond(plain_response(200));  // does nothing
    held.reset();
  });
}

TEST_F(HttpLoopback, SpreadsConnectionsOverTheLanes) {
  start(echo, {}, 3);
  std::vector<client> clients;
  for (int i = 0; i < 9; ++i) {
    clients.emplace_back(port);
    clients.back().write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    clients.back().read_answer();
  }
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(lanes->at(i).connections(), 3U);
}

TEST_F(HttpLoopback, ListensOnAUnixPathAndRemovesIt) {
  const std::string path = ::testing::TempDir() + "gossamer_http_" + std::to_string(::getpid());
  listen_options where;
  where.address = "unix:" + path;
  start(echo, {}, 1, where);
  client c = client::to_unix(path);
  c.write("GET /u HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(c.read_answer().body, "GET /u\n");
  c.close();
  stop();
  EXPECT_NE(::access(path.c_str(), F_OK), 0);
}

}  // namespace
}  // namespace gossamer::http::test
