// Clients that take nothing: on a WebSocket, without a poll, with an answer that they do not read.
// The server holds as much for them as the limits say, then closes them; nobody else notices.
#include "tests/unit/server/heap.hpp"
#include "tests/unit/server/loopback.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <string>
#include <sys/socket.h>

namespace gossamer::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr std::size_t news_bytes = 16U << 10U;
constexpr std::size_t soft_limit = 64U << 10U;
constexpr std::size_t hard_limit = 256U << 10U;
constexpr std::size_t cap = 1U << 20U;
// What the server may hold beside one client's queue: frames under way, buffers of other clients.
constexpr std::ptrdiff_t slack = 1 << 20;

// Everybody hears of `news`, which the bystander makes.
class SlowReader : public ::testing::Test {
 protected:
  SlowReader() {
    io().on("news", [this, news = std::string(news_bytes, 'n')](socket, int count) {
      for (int i = 0; i < count; ++i) io().emit("news", news);
      return count;
    });
    io().on("try", [this](socket s) {
      if (s.volatile_().emit("maybe") == errc::dropped) dropped_ = true;
    });
    io().on("echo", [](socket, std::string text) { return text; });
    io().on_connection([this](socket s) {
      s.on_disconnect([this](socket gone, disconnect_reason why) {
        if (ended_once_.test_and_set()) return;
        ended_.set_value(std::string(gone.id()) + " " + std::string(text(why)));
      });
    });
    server_.listen();
  }
  server& io() { return server_.io; }

  // Makes news until `enough`, with a look at the memory after each; gives the most it was.
  std::ptrdiff_t make_news_until(socket_client& bystander, const std::function<bool()>& enough) {
    const auto before = live_heap_bytes();
    std::ptrdiff_t most = 0;
    for (int i = 0; i < 5'000 && !enough(); ++i) {
      bystander.emit(R"(["news",1])", "7");
      heard_ += bystander.next().starts_with(R"(42["news",")") ? 1 : 0;
      EXPECT_EQ(bystander.answer(), "[1]");
      most = std::max(most, live_heap_bytes() - before);
    }
    return most;
  }
  bool closed() { return ended_future_.wait_for(0s) == std::future_status::ready; }

  int heard_ = 0;
  std::atomic<bool> dropped_{false};
  std::promise<std::string> ended_;
  std::future<std::string> ended_future_ = ended_.get_future();
  std::atomic_flag ended_once_;
  // The last member: its handlers use the others until it has stopped.
  loopback_server server_{[](options& to) {
    to.ping_interval = 1s;
    to.ping_timeout = 1'500ms;
    to.send_soft_bytes = soft_limit;
    to.send_hard_bytes = hard_limit;
    to.send_cap_bytes = cap;
  }};
};

// Opens a polling session in the main namespace that polls no more.
std::string join_by_polling(test_client& by) {
  const auto sid = sid_of(by.get(polling_url).body);
  EXPECT_EQ(by.post(with_sid(polling_url, sid), "40").body, "ok");
  EXPECT_THAT(by.get(with_sid(polling_url, sid)).body, HasSubstr("40{"));
  return sid;
}

TEST_F(SlowReader, IsClosedAtTheLimitOfItsQueue) {
  socket_client bystander(server_.port);
  socket_client slow(server_.port);
  const auto most = make_news_until(bystander, [&] { return closed(); });

  ASSERT_TRUE(closed());
  EXPECT_THAT(ended_future_.get(), HasSubstr("transport error"));
  const auto line = server_.log.wait_for("reason=slow_client");
  EXPECT_THAT(line, HasSubstr("sid=" + slow.sid));
  EXPECT_GT(most, static_cast<std::ptrdiff_t>(hard_limit));
  EXPECT_LT(most, static_cast<std::ptrdiff_t>(cap) + slack);
  EXPECT_TRUE(eventually([&] { return io().counts().connections == 1; }));
  EXPECT_EQ(io().sockets().socket_count(), 1U);
  EXPECT_EQ(bystander.echo("still here"), R"(["still here"])");
  EXPECT_GT(heard_, 0);
}

TEST_F(SlowReader, GetsNoVolatilePacketsBeforeItIsClosed) {
  socket_client bystander(server_.port);
  socket_client slow(server_.port);
  slow.emit(R"(["try"])");
  ASSERT_EQ(slow.next(), R"(42["maybe"])");
  // From here on it only writes.
  (void)make_news_until(bystander, [&] {
    slow.emit(R"(["try"])");
    return dropped_ || closed();
  });
  EXPECT_TRUE(dropped_);
  EXPECT_FALSE(closed());
}

TEST_F(SlowReader, WithoutAPollIsClosedAtThePingTimeout) {
  socket_client bystander(server_.port);
  test_client slow(server_.port);
  const auto sid = join_by_polling(slow);
  (void)make_news_until(bystander, [&, rounds = 0]() mutable { return ++rounds > 10; });
  EXPECT_FALSE(closed());
  ASSERT_TRUE(eventually([&] { return bystander.next_by_now(), closed(); }));
  EXPECT_THAT(ended_future_.get(), HasSubstr("ping timeout"));
  EXPECT_THAT(server_.log.wait_for("reason=ping_timeout"), HasSubstr("sid=" + sid));
  EXPECT_EQ(slow.get(with_sid(polling_url, sid)).status, 400U);
  EXPECT_EQ(io().counts().polling_sessions, 0U);
}

TEST_F(SlowReader, WithoutAPollIsClosedAtTheLimitOfItsQueue) {
  socket_client bystander(server_.port);
  test_client slow(server_.port);
  const auto sid = join_by_polling(slow);
  const auto most = make_news_until(bystander, [&] { return closed(); });
  ASSERT_TRUE(closed());
  EXPECT_THAT(server_.log.wait_for("reason=slow_client"), HasSubstr("sid=" + sid));
  EXPECT_LT(most, static_cast<std::ptrdiff_t>(cap) + slack);
  EXPECT_EQ(bystander.echo("still here"), R"(["still here"])");
}

TEST_F(SlowReader, OfAPollsAnswerIsClosedAtThePingTimeout) {
  socket_client bystander(server_.port);
  test_client slow(server_.port);
  const auto sid = join_by_polling(slow);
  // Its poll takes all that waits in one answer, more than a client's socket holds unread.
  (void)make_news_until(bystander, [&, rounds = 0]() mutable { return ++rounds > 40; });
  ASSERT_FALSE(closed());
  const int little = 4096;
  ::setsockopt(slow.fd(), SOL_SOCKET, SO_RCVBUF, &little, sizeof little);
  slow.request("GET", with_sid(polling_url, sid));
  ASSERT_TRUE(eventually([&] { return bystander.next_by_now(), closed(); }));
  EXPECT_THAT(ended_future_.get(), HasSubstr("ping timeout"));
  EXPECT_EQ(io().counts().polling_sessions, 0U);
  EXPECT_EQ(bystander.echo("still here"), R"(["still here"])");
}

}  // namespace
}  // namespace gossamer::test
