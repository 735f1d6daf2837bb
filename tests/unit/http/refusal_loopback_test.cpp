// What HTTP refuses by itself, on the wire: status, close without reset, counter.
#include "tests/unit/http/test_server.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>

namespace gossamer::http::test {
namespace {

class HttpRefusal : public loopback {
 protected:
  std::uint64_t count(refusal why) { return http->stats().refusals[static_cast<std::size_t>(why)]; }
  void expect_refused(client& c, refusal why) {
    const auto got = c.read_answer();
    EXPECT_EQ(got.status(), status_of(why));
    EXPECT_EQ(got.field("Connection"), "close");
    EXPECT_EQ(c.read_all(), "");
    EXPECT_FALSE(c.was_reset());
    EXPECT_EQ(count(why), 1U);
  }
  static server_options quick() {
    server_options options;
    options.head_time_max = options.body_time_max = options.idle_time_max = milliseconds(60);
    return options;
  }
};

TEST_F(HttpRefusal, AnswersGarbageWith400) {
  start(echo);
  client c(port);
  c.write("\x16\x03\x01");
  expect_refused(c, refusal::malformed);
}

TEST_F(HttpRefusal, AnswersAVersionItDoesNotSpeakWith505) {
  start(echo);
  client c(port);
  c.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  expect_refused(c, refusal::bad_version);
}

TEST_F(HttpRefusal, AnswersALargeHeadWith431) {
  start(echo);
  client c(port);
  c.write("GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(17'000, 'a'));
  expect_refused(c, refusal::head_too_large);
}

TEST_F(HttpRefusal, RefusesABodyByTheLimitOfItsRoute) {
  start(echo);
  client small(port);
  small.write("POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n");
  expect_refused(small, refusal::body_too_large);
  client large(port);
  large.write("POST /large HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\nhello world");
  EXPECT_EQ(large.read_answer().status(), 200U);
}

TEST_F(HttpRefusal, LetsTheClientSeeTheAnswerWhileItStillSends) {
  start(echo);
  client c(port);
  c.write("POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n");
  c.write(std::string(500'000, 'b'));
  expect_refused(c, refusal::body_too_large);
}

TEST_F(HttpRefusal, SendsNoContinueForABodyItRefuses) {
  start(echo);
  client c(port);
  c.write("POST /small HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n");
  expect_refused(c, refusal::body_too_large);
}

TEST_F(HttpRefusal, AnswersEarlierRequestsFirst) {
  std::promise<std::shared_ptr<exchange>> seen;
  start([&seen](std::shared_ptr<exchange> x) { seen.set_value(std::move(x)); });
  client c(port);
  c.write("GET /first HTTP/1.1\r\nHost: x\r\n\r\nBAD\r\n");
  auto held = seen.get_future().get();
  on_lane([&held] {
    echo(held);
    held.reset();
  });
  EXPECT_EQ(c.read_answer().body, "GET /first\n");
  expect_refused(c, refusal::malformed);
}

TEST_F(HttpRefusal, EndsAHeadThatTricklesInTime) {
  start(echo, quick());
  client c(port);
  c.write("GET / HTTP/1.1\r\nHo");
  expect_refused(c, refusal::head_timeout);
}

TEST_F(HttpRefusal, EndsABodyThatDoesNotCome) {
  start(echo, quick());
  client c(port);
  c.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab");
  expect_refused(c, refusal::body_timeout);
}

TEST_F(HttpRefusal, ClosesSilentAndIdleConnectionsQuietly) {
  start(echo, quick());
  client silent(port);
  EXPECT_EQ(silent.read_all(), "");
  client idle(port);
  idle.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  idle.read_answer();
  EXPECT_EQ(idle.read_all(), "");
  EXPECT_FALSE(idle.was_reset());
  EXPECT_EQ(http->stats().idle_closed, 2U);
}

TEST_F(HttpRefusal, WaitsForAHandlerWithoutATimeLimit) {
  std::promise<std::shared_ptr<exchange>> seen;
  start([&seen](std::shared_ptr<exchange> x) { seen.set_value(std::move(x)); }, quick());
  client waiting(port);
  waiting.write("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
  auto held = seen.get_future().get();
  client other(port);  // its silence is ended after the same time
  EXPECT_EQ(other.read_all(), "");
  on_lane([&held] {
    EXPECT_TRUE(held->open());
    echo(held);
    held.reset();
  });
  EXPECT_EQ(waiting.read_answer().body, "GET /wait\n");
}

TEST_F(HttpRefusal, CutsOffAClientThatTakesNoByteOfItsAnswer) {
  server_options options;
  options.write_stall_max = milliseconds(100);
  start(
      [](std::shared_ptr<exchange> x) {
        response out;
        out.body.assign(32'000'000, 'x');
        x->respond(std::move(out));
      },
      options);
  client c(port, 4096);
  c.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  // The server's own counter says when it is done; the client never reads.
  while (http->stats().connections_closed == 0) std::this_thread::yield();
  EXPECT_LT(c.read_all().size(), 32'000'000U);
}

TEST_F(HttpRefusal, TurnsConnectionsAwayOverTheLimit) {
  server_options options;
  options.connections_max = 1;
  start(echo, options);
  client first(port);
  first.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(first.read_answer().status(), 200U);
  client second(port);
  expect_refused(second, refusal::server_full);
  first.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(first.read_answer().status(), 200U);
}

}  // namespace
}  // namespace gossamer::http::test
