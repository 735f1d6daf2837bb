// The examples of docs/api/attach.md: an object for each socket, state that sockets share.
#include "tests/unit/api/site.hpp"

#include <functional>

namespace gossamer::api {
namespace {

using ApiAttach = site;

// example: nsp::attach, attachment::on
// One for each socket: made when it connects, destroyed after its disconnect. Its methods run on
// the lane of its socket, so its members need no lock.
class counter {
 public:
  explicit counter(gossamer::socket s) : socket_(s) {}
  int on_add(int n) { return sum_ += n; }
  gossamer::task<int> on_ask() {
    const auto n = co_await socket_.timeout(std::chrono::seconds(5)).ask<int>("how much?");
    co_return sum_ += n ? *n : 0;
  }

 private:
  gossamer::socket socket_;
  int sum_ = 0;
};
// end

TEST_F(ApiAttach, AnObjectForEachSocket) {
  // example: nsp::attach, attachment::on
  io.of("/count")
      .attach<counter>()
      .on("add", &counter::on_add)
      .on("ask", gossamer::in_order(&counter::on_ask));
  // end
  client ada(io, {.nsp = "/count"}), bob(io, {.nsp = "/count"});
  EXPECT_EQ(ada.ask(R"(["add",2])"), "[2]");
  EXPECT_EQ(bob.ask(R"(["add",10])"), "[10]");
  ada.wire.text(R"(42/count,7["ask"])");
  EXPECT_EQ(ada.hears(), R"(["how much?"])");
  ada.answers("[3]");
  EXPECT_EQ(ada.wire.frame(), "text:43/count,7[5]");
}

// example: attachment::on_disconnecting, attachment::on_disconnect
// example: guarded::guarded, guarded::with
struct hall {
  int visitors = 0;
  std::vector<std::string> log;
};
// What all visitors share is behind a lock: they are on several lanes.
class visitor {
 public:
  visitor(gossamer::socket s, gossamer::guarded<hall>& shared) : socket_(s), hall_(shared) {
    s.emit("visitors", hall_.with([](hall& h) { return ++h.visitors; }));
  }
  void on_disconnecting(gossamer::disconnect_reason) {
    socket_.to(socket_.rooms()).emit("leaves");
    hall_.with([](hall& h) { h.log.emplace_back("leaves"); });
  }
  void on_disconnect(gossamer::disconnect_reason why) {
    hall_.with([&](hall& h) {
      --h.visitors;
      h.log.emplace_back(gossamer::text(why));
    });
  }

 private:
  gossamer::socket socket_;
  gossamer::guarded<hall>& hall_;
};
// end

TEST_F(ApiAttach, SharedState) {
  gossamer::guarded<hall> shared;  // outlives the handlers
  // example: attachment::on_disconnecting
  io.sockets()
      .attach<visitor>(std::ref(shared))
      .on_disconnecting(&visitor::on_disconnecting)
      .on_disconnect(&visitor::on_disconnect);
  // end
  {
    client ada(io);
    EXPECT_EQ(ada.hears(), R"(["visitors",1])");
    client bob(io);
    EXPECT_EQ(bob.hears(), R"(["visitors",2])");
    bob.leaves();
    EXPECT_TRUE(eventually([&] { return shared.with([](hall& h) { return h.log.size() == 2; }); }));
  }
  stop();
  EXPECT_EQ(shared.with([](const hall& h) { return h.visitors; }), 0);
  EXPECT_THAT(shared.with([](const hall& h) {
    return strings{h.log[0], h.log[1]};
  }),
              ElementsAre("leaves", "client namespace disconnect"));
}

}  // namespace
}  // namespace gossamer::api
