// Connections below HTTP: upgrade, moves between lanes, close races, coalescing.
#include "gateway/http/connection.hpp"
#include "gateway/http/connection_registry.hpp"
#include "runtime/base/random.hpp"
#include "tests/unit/http/test_server.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace gossamer::http::test {
namespace {

const std::string upgrade_request =
    "GET /up HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

shared_frame raw(std::string_view text) {
  return shared_frame::make(frame_kind::raw, {text});
}

// Sends back what comes, and records how it ended.
class mirror final : public protocol {
 public:
  explicit mirror(connection& on, std::promise<error_code>* closed = nullptr)
      : connection_(on), closed_(closed) {}
  void on_bytes(std::span<char> data) override {
    connection_.send(raw({data.data(), data.size()}));
  }
  void on_closed(error_code why) override {
    if (closed_ != nullptr) closed_->set_value(why);
  }

 private:
  connection& connection_;
  std::promise<error_code>* closed_;
};

class Connection : public loopback {};

TEST_F(Connection, IsSmallWhenIdle) {
  EXPECT_LE(sizeof(connection), 168U);
}

TEST_F(Connection, GivesUnreadBytesToTheProtocolAfterAnUpgrade) {
  std::promise<error_code> closed;
  start([&closed](std::shared_ptr<exchange> x) {
    ASSERT_TRUE(x->is_upgrade());
    connection* c = x->hijack();
    ASSERT_NE(c, nullptr);
    EXPECT_FALSE(x->open());
    c->send(raw("101\n"));
    c->become(std::make_unique<mirror>(*c, &closed));
  });
  client c(port);
  c.write(upgrade_request + "early");
  EXPECT_EQ(c.read(9), "101\nearly");
  c.write("later");
  EXPECT_EQ(c.read(5), "later");
  c.close();
  EXPECT_EQ(closed.get_future().get(), errc::closed_by_peer);
}

TEST_F(Connection, CanBeUpgradedLater) {
  std::promise<std::shared_ptr<exchange>> seen;
  start([&seen](std::shared_ptr<exchange> x) { seen.set_value(std::move(x)); });
  client c(port);
  c.write(upgrade_request + "early");
  auto held = seen.get_future().get();
  c.write("more");
  on_lane([&held] {
    connection* up = held->hijack();
    ASSERT_NE(up, nullptr);
    up->become(std::make_unique<mirror>(*up));
    held.reset();
  });
  EXPECT_EQ(c.read(9), "earlymore");
}

TEST_F(Connection, StaysWithHttpIfTheUpgradeIsRefused) {
  start([](std::shared_ptr<exchange> x) {
    if (x->is_upgrade()) return x->respond(plain_response(400));
    echo(std::move(x));
  });
  client c(port);
  c.write(upgrade_request + "GET /next HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(c.read_answer().status(), 400U);
  EXPECT_EQ(c.read_answer().body, "GET /next\n");
}

TEST_F(Connection, UpgradesOnlyAfterEarlierAnswers) {
  std::vector<std::shared_ptr<exchange>> held;
  std::promise<void> first;
  start([&](std::shared_ptr<exchange> x) {
    if (!x->is_upgrade()) {
      held.push_back(std::move(x));
      return first.set_value();
    }
    connection* c = x->hijack();
    ASSERT_NE(c, nullptr);
    c->send(raw("101\n"));
    c->become(std::make_unique<mirror>(*c));
  });
  client c(port);
  c.write("GET /first HTTP/1.1\r\nHost: x\r\n\r\n" + upgrade_request + "abc");
  first.get_future().wait();
  on_lane([&held] {
    echo(held.back());
    held.clear();
  });
  EXPECT_EQ(c.read_answer().body, "GET /first\n");
  EXPECT_EQ(c.read(7), "101\nabc");
}

TEST_F(Connection, MovesToAnotherLaneWithItsUnreadBytes) {
  start(
      [this](std::shared_ptr<exchange> x) {
        connection* c = x->hijack();
        ASSERT_NE(c, nullptr);
        lane& target = lanes->at(c->home().index() == lane_index(0) ? 1 : 0);
        c->unread(std::string_view("kept+"));
        auto moving = c->detach();
        ASSERT_GE(moving.fd, 0);
        EXPECT_EQ(target.post([this, moving = std::move(moving)](lane& here) mutable {
          connection& arrived = http->registry(here.index()).adopt(std::move(moving));
          arrived.become(std::make_unique<mirror>(arrived));
        }),
                  post_result::accepted);
      },
      {}, 2);
  client c(port);
  c.write(upgrade_request);
  EXPECT_EQ(c.read(5), "kept+");
  c.write("there");
  EXPECT_EQ(c.read(5), "there");
}

TEST_F(Connection, SendsWhatIsQueuedInOneTurnWithOneSystemCall) {
  start([](std::shared_ptr<exchange> x) {
    connection* c = x->hijack();
    for (int i = 0; i < 60; ++i) c->send(raw("0123456789"));
    EXPECT_EQ(c->queued_bytes(), 600U);
    EXPECT_FALSE(c->unsent_from_earlier_turn());
    c->become(std::make_unique<mirror>(*c));
  });
  client c(port);
  c.write(upgrade_request);
  EXPECT_EQ(c.read(600).size(), 600U);
  on_lane([] {});  // the turn that sent them is over
  EXPECT_EQ(http->stats().writes, 1U);
}

TEST_F(Connection, KnowsThatBytesOfAnEarlierTurnAreUnsent) {
  std::promise<connection*> upgraded;
  start([&upgraded](std::shared_ptr<exchange> x) {
    connection* c = x->hijack();
    c->become(std::make_unique<mirror>(*c));
    c->send(raw(std::string(16'000'000, 'x')));
    upgraded.set_value(c);
  });
  client c(port, 4096);
  c.write(upgrade_request);
  connection* up = upgraded.get_future().get();
  // At first the turn that queued them may still be running.
  while (!on_lane([up] { return up->unsent_from_earlier_turn(); })) {
  }
  EXPECT_GT(on_lane([up] { return up->queued_bytes(); }), 0U);
  EXPECT_EQ(c.read(16'000'000).size(), 16'000'000U);
}

TEST_F(Connection, ClosesAfterWhatIsQueued) {
  std::promise<error_code> closed;
  start([&closed](std::shared_ptr<exchange> x) {
    connection* c = x->hijack();
    c->become(std::make_unique<mirror>(*c, &closed));
    c->send(raw(std::string(3'000'000, 'x')));
    c->close_after_flush(seconds(20));
    c->send(raw("never"));
  });
  client c(port);
  c.write(upgrade_request);
  EXPECT_EQ(c.read_all().size(), 3'000'000U);
  EXPECT_FALSE(c.was_reset());
  c.close();
  EXPECT_EQ(closed.get_future().get(), errc::closed_by_us);
}

TEST_F(Connection, GivesUpFlushingAtTheDeadline) {
  std::promise<error_code> closed;
  start([&closed](std::shared_ptr<exchange> x) {
    connection* c = x->hijack();
    c->become(std::make_unique<mirror>(*c, &closed));
    c->send(raw(std::string(32'000'000, 'x')));
    c->close_after_flush(milliseconds(50));
  });
  client c(port, 4096);
  c.write(upgrade_request);
  EXPECT_EQ(closed.get_future().get(), errc::close_timeout);
}

TEST_F(Connection, ReportsAnAbortOnceAtTheEndOfTheTurn) {
  std::promise<error_code> closed;
  start([&closed](std::shared_ptr<exchange> x) {
    connection* c = x->hijack();
    c->become(std::make_unique<mirror>(*c, &closed));
    c->abort(errc::write_stalled);
    c->abort();
    EXPECT_FALSE(c->open());
  });
  client c(port);
  c.write(upgrade_request);
  EXPECT_EQ(closed.get_future().get(), errc::write_stalled);
}

TEST_F(Connection, SurvivesClientsThatLeaveAtAnyMoment) {
  seeded_random random(3);
  start(
      [](std::shared_ptr<exchange> x) {
        if (x->req().path() == "/drop") return x->connection_or_null()->abort();
        if (!x->is_upgrade()) return echo(std::move(x));
        connection* c = x->hijack();
        if (c == nullptr) return;
        c->become(std::make_unique<mirror>(*c));
      },
      {}, 2);
  const std::string all =
      "GET /a HTTP/1.1\r\nHost: x\r\n\r\nPOST /b HTTP/1.1\r\nHost: x\r\nContent-Length: "
      "3\r\n\r\nabc" +
      upgrade_request + "frames";
  for (int round = 0; round < 300; ++round) {
    client c(port);
    const auto cut = static_cast<std::size_t>(random.below(all.size() + 1));
    c.try_write(all.substr(0, cut));
    if (random.below(4) == 0) c.try_write("GET /drop HTTP/1.1\r\nHost: x\r\n\r\n");
    if (random.below(2) == 0) c.try_write(all.substr(cut));
    switch (random.below(4)) {
      case 0: c.reset(); break;
      case 1:
        c.finish_writing();
        c.read_all();
        break;
      default: c.close();
    }
  }
  client last(port);
  last.write("GET /last HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(last.read_answer().body, "GET /last\n");
}

}  // namespace
}  // namespace gossamer::http::test
