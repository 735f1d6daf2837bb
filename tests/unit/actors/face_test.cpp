// The public face: in_order, stop tokens, attached objects, single_lane.
#include "tests/unit/actors/fake_clients.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <thread>

namespace gossamer {
namespace {

using test::world;
using testing::ElementsAre;
using testing::HasSubstr;
using strings = std::vector<std::string>;

// -- what handlers return
// ---------------------------------------------------------------------------

TEST(Outcome, OfAStringIsTheStringOrTheFailure) {
  world w;
  w.of("/").on("name", [](socket, bool known) -> outcome<std::string> {
    if (!known) return failure{"E_WHO", "nobody"};
    std::string name = "ada";
    return name;
  });
  w.start();
  auto& client = w.open(0);
  client.joins();
  client.says(R"(21["name",true])");
  client.says(R"(22["name",false])");
  EXPECT_THAT(
      client.received(),
      ElementsAre(R"(431["ada"])", R"(432[{"error":{"code":"E_WHO","message":"nobody"}}])"));
}

TEST(Failures, AreNoLinesForOperators) {
  world w;
  w.of("/").on("n", [](socket, int n) { return n; });
  w.start();
  auto& client = w.open(0);
  client.joins();
  client.says(R"(21["n","x"])");
  EXPECT_THAT(w.log_lines(), testing::Not(testing::Contains(HasSubstr("level=info"))));
}

// -- in order
// -----------------------------------------------------------------------------------------

// Tasks that wait until the test lets them go on.
struct gates {
  std::map<int, std::function<void(int)>> waiting;
  auto wait(int number) {
    return detail::callback_awaiter<int>([this, number](auto done) { waiting[number] = done; });
  }
  void open(world& w, std::size_t lane, int number) {
    w.on_lane(lane, [&] {
      auto go_on = std::move(waiting.at(number));
      waiting.erase(number);
      go_on(number);
    });
    w.settle();
  }
};

TEST(InOrder, StartsAnEventWhenTheEarlierTaskHasEnded) {
  gates g;
  world w;
  strings seen;
  const auto work = [&](socket, int n) -> task<int> {
    seen.push_back("start " + std::to_string(n));
    co_await g.wait(n);
    seen.push_back("end " + std::to_string(n));
    co_return n;
  };
  w.of("/").on("serial", in_order(work));
  w.of("/").on("quick", in_order([&](socket, int n) { seen.push_back("q " + std::to_string(n)); }));
  w.of("/").on("free", work);
  w.start();
  auto& client = w.open(0);
  client.joins();
  client.says(R"(21["serial",1])");
  client.says(R"(22["serial",2])");
  client.says(R"(2["quick",3])");
  client.says(R"(2["quick","bad"])");
  client.says(R"(23["free",4])");
  EXPECT_THAT(seen, ElementsAre("start 1", "start 4"));
  g.open(w, 0, 4);
  g.open(w, 0, 1);
  EXPECT_THAT(seen, ElementsAre("start 1", "start 4", "end 4", "end 1", "start 2"));
  g.open(w, 0, 2);
  EXPECT_EQ(seen.back(), "q 3");
  EXPECT_THAT(client.received(), ElementsAre("433[4]", "431[1]", "432[2]"));
}

TEST(InOrder, GoesOnAfterAThrow) {
  world w;
  strings seen;
  w.of("/").on("a", in_order([&](socket) -> task<> {
                 seen.emplace_back("a");
                 throw std::runtime_error("x");
                 co_return;
               }));
  w.of("/").on("b", in_order([&](socket) {
                 seen.emplace_back("b");
                 throw std::runtime_error("x");
               }));
  w.start();
  auto& client = w.open(0);
  client.joins();
  for (const auto* name : {"a", "b", "a"}) client.says("2[\"" + std::string(name) + "\"]");
  EXPECT_THAT(seen, ElementsAre("a", "b", "a"));
}

TEST(InOrder, ClosesAClientThatSendsMoreThanCanWait) {
  gates g;
  world w;
  w.of("/").on("serial", in_order([&](socket, int n) -> task<> { co_await g.wait(n); }));
  w.start();
  auto& client = w.open(0);
  client.joins();
  client.says(R"(2["serial",0])");
  for (int i = 0; i < 1024; ++i) client.says(R"(2["serial",1])");
  EXPECT_EQ(client.closed(), std::nullopt);
  client.says(R"(2["serial",1])");
  EXPECT_EQ(client.closed(), close_reason::forced_close);
}

// -- stop tokens
// --------------------------------------------------------------------------------------

TEST(StopToken, FiresOnceBetweenDisconnectingAndDisconnect) {
  world w;
  strings seen;
  socket kept;
  std::optional<std::stop_callback<std::function<void()>>> callback;
  w.of("/").on_connection([&](socket s) {
    kept = s;
    callback.emplace(s.stop_token(), [&] { seen.emplace_back("stop"); });
  });
  w.of("/").on_disconnecting([&](socket s, disconnect_reason) {
    seen.push_back(s.stop_token().stop_requested() ? "early" : "disconnecting");
  });
  w.of("/").on_disconnect([&](socket s, disconnect_reason) {
    seen.push_back(s.stop_token().stop_requested() ? "disconnect" : "late");
  });
  w.start();
  auto& client = w.open(1);
  client.joins();
  client.drops();
  EXPECT_THAT(seen, ElementsAre("disconnecting", "stop", "disconnect"));
  w.on_lane(1, [&] { EXPECT_TRUE(kept.stop_token().stop_requested()); });
}

// -- attached objects
// ---------------------------------------------------------------------------------

struct counted {
  std::atomic<int> alive{0};
  gates g;
  strings seen;
};

class chat_session {
 public:
  chat_session(socket s, counted& all) : socket_(s), all_(all) {
    if (s.handshake().auth("fail") == true) throw std::runtime_error("no session");
    ++all_.alive;
  }
  chat_session(const chat_session&) = delete;
  chat_session& operator=(const chat_session&) = delete;
  ~chat_session() { --all_.alive; }

  int say(const std::string& text) {
    said_.push_back(text);
    return static_cast<int>(said_.size());
  }
  task<int> slow(socket who, int n) {
    EXPECT_EQ(who, socket_);
    co_await all_.g.wait(n);
    all_.seen.push_back(said_.empty() ? "nothing said" : said_.back());
    co_return n;
  }
  void left(disconnect_reason why) { all_.seen.emplace_back(text(why)); }

 private:
  socket socket_;
  counted& all_;
  strings said_;
};

TEST(Attach, GivesEachSocketAnObjectWithHandlers) {
  counted all;
  world w;
  w.of("/")
      .attach<chat_session>(std::ref(all))
      .on("say", &chat_session::say)
      .on("slow", in_order(&chat_session::slow))
      .on_disconnect(&chat_session::left);
  w.start();
  auto& a = w.open(0);
  auto& b = w.open(1);
  a.joins();
  b.joins();
  EXPECT_EQ(all.alive, 2);
  a.says(R"(21["say","one"])");
  a.says(R"(22["say","two"])");
  b.says(R"(23["say","three"])");
  b.says(R"(24["say",5])");
  EXPECT_THAT(a.received(), ElementsAre("431[1]", "432[2]"));
  ASSERT_EQ(b.received().size(), 2U);
  EXPECT_THAT(b.received()[1], HasSubstr("bad_arguments"));
  a.drops();
  w.settle();
  EXPECT_THAT(all.seen, ElementsAre("transport close"));
  EXPECT_EQ(all.alive, 1);
  w.on_lane(1, [&] {
    const auto ref = w.of("/").core().shard(lane_index{1}).sockets.at(0)->ref();
    EXPECT_NE(socket(ref).find_data<chat_session>(), nullptr);
  });
}

TEST(Attach, KeepsTheObjectWhileItsTaskWaits) {
  counted all;
  world w;
  w.of("/").attach<chat_session>(std::ref(all)).on("slow", &chat_session::slow);
  w.start();
  auto& client = w.open(0);
  client.joins();
  client.says(R"(2["slow",1])");
  client.drops();
  w.settle();
  EXPECT_EQ(all.alive, 1);
  all.g.open(w, 0, 1);
  EXPECT_THAT(all.seen, ElementsAre("nothing said"));
  EXPECT_EQ(all.alive, 0);
}

TEST(Attach, EndsASocketWhoseObjectCannotBeMade) {
  counted all;
  world w;
  w.of("/").attach<chat_session>(std::ref(all)).on("say", &chat_session::say);
  w.start();
  auto& client = w.open(0);
  client.says(R"(0{"fail":true})");
  w.settle();
  EXPECT_EQ(client.received().back(), "41");
  EXPECT_EQ(all.alive, 0);
  EXPECT_EQ(w.of("/").socket_count(), 0U);
}

// -- one at a time
// --------------------------------------------------------------------------------------

TEST(SingleLane, HandlersOfSeveralLanesNeverOverlap) {
  constexpr int rounds = 300;
  world w(3);
  int inside = 0;  // not atomic: that is the point
  int total = 0;
  bool overlapped = false;
  const auto enter = [&] {
    overlapped = overlapped || ++inside != 1;
    std::this_thread::yield();
    ++total;
    --inside;
  };
  for (const auto* name : {"/a", "/b"}) {
    w.of(name).single_lane();
    w.of(name).on("x", [&](socket s) -> task<> {
      enter();
      (void)co_await nsp_of(s).all().fetch_sockets();
      enter();
    });
    w.of(name).on_disconnect([&](socket, disconnect_reason) { enter(); });
  }
  w.start();
  std::vector<test::fake_client*> clients;
  for (std::size_t i = 0; i < 3; ++i) {
    clients.push_back(&w.open(i));
    clients.back()->joins(i == 1 ? "/b" : "/a");
  }
  {
    std::vector<std::jthread> threads;
    for (auto* client : clients) {
      threads.emplace_back([client, &clients] {
        for (int i = 0; i < rounds; ++i) {
          client->says(client == clients[1] ? R"(2/b,["x"])" : R"(2/a,["x"])");
        }
      });
    }
  }
  w.settle();
  for (auto* client : clients) client->drops();
  w.settle();
  EXPECT_FALSE(overlapped);
  EXPECT_EQ(total, 3 * (2 * rounds + 1));
}

}  // namespace
}  // namespace gossamer
