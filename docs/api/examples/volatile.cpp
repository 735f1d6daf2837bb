// The examples of volatile packets: they are not sent to a client that is busy. `ada` is, since she
// takes nothing; `bob` is not.
#include <gtest/gtest.h>

#include <gossamer/testing.hpp>
#include <string>

namespace {

class ApiVolatile : public testing::Test {
 protected:
  ApiVolatile() {
    io.on("busy", [this](gossamer::socket s) { ada = s; });
    io.on_connection([](gossamer::socket s) { s.join("desk"); });
    a.emplace(io.connect());
    b.emplace(io.connect());
    a->emit("busy");
    a->freeze();
    ada.emit("fills", std::string(1000, 'a'));
    io.run();
  }
  /// What is sent to both reaches Bob only.
  void expect_that_only_bob_hears(const char* name) {
    io.run();
    b->expect(name);
    a->thaw();
    a->expect("fills");
    EXPECT_EQ(a->waiting(), 0U);
  }
  gossamer::testing::server io;
  gossamer::socket ada;
  std::optional<gossamer::testing::client> a, b;
};

TEST_F(ApiVolatile, Socket) {
  gossamer::error_code lost;
  io.on("where", [&](gossamer::socket s) {
    // example: socket::volatile_
    s.volatile_().emit("position", 47.5, 8.5);          // s takes what it gets: sent
    lost = ada.volatile_().emit("position", 1.0, 2.0);  // she is busy: errc::dropped
    // end
  });
  b->emit("where");
  EXPECT_EQ(lost, gossamer::errc::dropped);
  expect_that_only_bob_hears("position");
}

TEST_F(ApiVolatile, SocketOperator) {
  gossamer::error_code lost;
  io.on("where", [&](gossamer::socket s) {
    // example: socket_operator::volatile_
    s.compress(false).volatile_().emit("position", 1);
    lost = ada.compress(false).volatile_().emit("position", 2);  // errc::dropped
    // end
  });
  b->emit("where");
  EXPECT_EQ(lost, gossamer::errc::dropped);
  expect_that_only_bob_hears("position");
}

TEST_F(ApiVolatile, BroadcastOperator) {
  // example: broadcast_operator::volatile_
  io.to("desk").volatile_().emit("position", 1, 2);  // not to those who are busy
  // end
  expect_that_only_bob_hears("position");
}

TEST_F(ApiVolatile, Nsp) {
  auto desk = io.sockets();
  // example: nsp::volatile_
  desk.volatile_().emit("position", 1, 2);
  // end
  expect_that_only_bob_hears("position");
}

TEST_F(ApiVolatile, Server) {
  // example: server::volatile_
  io.volatile_().emit("position", 1, 2);
  // end
  expect_that_only_bob_hears("position");
}

}  // namespace
