// Events and acks between sockets on several lanes.
#include "tests/unit/actors/fake_clients.hpp"

#include <boost/describe.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gossamer {
namespace {

using test::world;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using strings = std::vector<std::string>;

struct place_order {
  std::string symbol;
  int quantity = 0;
  std::optional<double> limit;
};
BOOST_DESCRIBE_STRUCT(place_order, (), (symbol, quantity, limit))
struct placed {
  std::uint64_t id = 0;
};
BOOST_DESCRIBE_STRUCT(placed, (), (id))
inline constexpr event<place_order, placed> order{"order"};

TEST(Events, GiveTypedArgumentsAndAnswerWithTheReturnValue) {
  world w;
  w.of("/").on(order, [](socket, place_order o) {
    EXPECT_EQ(o.symbol, "ACME");
    EXPECT_EQ(o.limit, std::nullopt);
    return placed{static_cast<std::uint64_t>(o.quantity) + 1};
  });
  w.start();
  auto& client = w.open(0);
  client.joins();
  client.says(R"(27["order",{"symbol":"ACME","quantity":3,"more":true}])");
  EXPECT_THAT(client.received(), ElementsAre(R"(437[{"id":4}])"));
}

TEST(Events, NameTheArgumentThatDoesNotFit) {
  world w;
  w.of("/").on(order, [](socket, place_order) { return placed{}; });
  w.start();
  auto& client = w.open(0);
  client.joins();
  client.says(R"(21["order",{"symbol":"A","quantity":"x"}])");
  EXPECT_THAT(
      client.received(),
      ElementsAre(
          R"(431[{"error":{"code":"bad_arguments","message":"order[0].quantity: expected integer, got string"}}])"));
}

TEST(Events, RelayRawArgumentsUnchanged) {
  world w;
  w.of("/").on("echo", [](socket s, args all) { s.emit("echo", all); });
  w.start();
  auto& client = w.open(0);
  client.joins();
  client.says(R"(2["echo",12345678901234567890, {"__proto__":1,"a":"\ud800"},"\u2028",1.0])");
  ASSERT_EQ(client.received().size(), 1U);
  EXPECT_EQ(client.received()[0],
            R"(42["echo",12345678901234567890, {"__proto__":1,"a":"\ud800"},"\u2028",1.0])");
}

TEST(Events, CarryBinaryBothWays) {
  world w;
  w.of("/").on("echo", [](socket s, args all) { s.emit("echo", all); });
  w.of("/").on("size", [](bytes content) { return content.size(); });
  w.start();
  auto& client = w.open(0);
  client.joins();
  client.says(R"(451-["echo",{"_placeholder":true,"num":0}])" + 1);
  client.says_binary(std::string("\0\1\2", 3));
  EXPECT_THAT(client.received(), ElementsAre(R"(451-["echo",{"_placeholder":true,"num":0}])",
                                             std::string("\0\1\2", 3)));
  client.forget_received();
  client.says(R"(51-5["size",{"_placeholder":true,"num":0}])");
  client.says_binary("abcd");
  EXPECT_THAT(client.received(), ElementsAre("435[4]"));
}

TEST(Events, AnswerFailuresExceptionsAndTypedErrors) {
  world w;
  auto nsp = w.of("/");
  nsp.on("throws", [](socket) -> int { throw std::runtime_error("inner detail"); });
  nsp.on("fails", [](socket) -> outcome<int> { return failure{"E_NO", "not today"}; });
  nsp.on("later", [](socket) -> task<outcome<int>> { co_return failure{"E_LATER", "no"}; });
  nsp.on("later_throws", [](socket) -> task<int> {
    throw std::runtime_error("x");
    co_return 1;
  });
  w.start();
  auto& client = w.open(0);
  client.joins();
  for (const auto* name : {"throws", "fails", "later", "later_throws"}) {
    client.says("21[\"" + std::string(name) + "\"]");
  }
  EXPECT_THAT(
      client.received(),
      ElementsAre(R"(431[{"error":{"code":"internal_error","message":"internal error"}}])",
                  R"(431[{"error":{"code":"E_NO","message":"not today"}}])",
                  R"(431[{"error":{"code":"E_LATER","message":"no"}}])",
                  R"(431[{"error":{"code":"internal_error","message":"internal error"}}])"));
  EXPECT_THAT(w.log_lines(), Contains(HasSubstr("inner detail")));
}

TEST(Events, AckOnceFromAnyThread) {
  world w;
  ack kept;
  w.of("/").on("twice", [&](ack reply) {
    kept = reply;
    reply(1, "a");
    reply(2);
  });
  w.of("/").on("none", [](ack reply) {
    EXPECT_FALSE(reply.wanted());
    reply(1);
  });
  w.start();
  auto& client = w.open(0);
  client.joins();
  client.says("29[\"twice\"]");
  client.says("2[\"none\"]");
  kept(3);
  w.settle();
  EXPECT_THAT(client.received(), ElementsAre("439[1,\"a\"]"));
}

TEST(Events, GoThroughMiddlewareAndCatchAll) {
  world w;
  strings seen;
  w.of("/").on_connection([&](socket s) {
    s.use([](socket, std::string_view event, const args&, next go_on) {
      if (event == "blocked") return go_on(refuse("blocked event"));
      go_on();
    });
    s.on_any([&](socket, std::string_view event, const args&) {
      seen.push_back("any " + std::string(event));
    });
    s.on_error([](socket who, const failure& why) { who.emit("mw-error", why.message); });
    s.on("hello", [&](socket, std::string name) { seen.push_back("hello " + name); });
    s.once("hello", [&](socket) { seen.emplace_back("once"); });
  });
  w.start();
  auto& client = w.open(0);
  client.joins();
  client.says("2[\"hello\",\"ada\"]");
  client.says("2[\"hello\",\"bob\"]");
  client.says("2[\"blocked\"]");
  EXPECT_THAT(seen, ElementsAre("any hello", "hello ada", "once", "any hello", "hello bob"));
  EXPECT_THAT(client.received(), ElementsAre("42[\"mw-error\",\"blocked event\"]"));
}

TEST(Asking, GivesTheAnswerATimeoutOrTheDisconnect) {
  world w;
  std::vector<std::string> answers;
  w.of("/").on("go", [&](socket s) -> task<> {
    auto age = co_await s.timeout(milliseconds(10'000)).ask<int>("age");
    answers.push_back(age ? std::to_string(*age) : age.error().message());
    auto bad = co_await s.ask<int>("bad");
    answers.push_back(bad.error().message());
    auto none = co_await s.timeout(milliseconds(20)).ask<int>("none");
    answers.push_back(none.error().message());
    auto gone = co_await s.ask<int>("gone");
    answers.push_back(gone.error().message());
  });
  w.start();
  auto& client = w.open(1);
  client.joins();
  client.says("2[\"go\"]");
  EXPECT_THAT(client.received(), ElementsAre("420[\"age\"]"));
  client.says("30[41]");
  client.says("30[42]");
  client.says("31[\"x\"]");
  for (int i = 0; i < 2000 && client.received().size() < 4; ++i) {
    std::this_thread::sleep_for(milliseconds(5));
  }
  EXPECT_THAT(client.received(),
              ElementsAre("420[\"age\"]", "421[\"bad\"]", "422[\"none\"]", "423[\"gone\"]"));
  client.drops();
  EXPECT_THAT(answers, ElementsAre("41", "the arguments are not of the expected type",
                                   "operation has timed out", "the socket is disconnected"));
}

TEST(Asking, TakesBooleansForWhatTheyAre) {
  world w;
  std::vector<result<bool>> answers;
  w.of("/").on("go", [&](socket s) -> task<> {
    answers.push_back(co_await s.ask<bool>("yes?"));
    answers.push_back(co_await s.ask<bool>("what?"));
  });
  w.start();
  auto& client = w.open(0);
  client.joins();
  client.says("2[\"go\"]");
  client.says("30[false]");
  client.says("31[1]");
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_TRUE(answers[0].has_value() && !*answers[0]);
  EXPECT_EQ(answers[1].error(), errc::bad_arguments);
}

TEST(Asking, CallsTheCallbackOfAnEmit) {
  world w;
  strings answers;
  w.of("/").on("go", [&](socket s) {
    s.emit("q", 1,
           [&](result<args> a) { answers.push_back(a ? std::string(a->items()) : "none"); });
  });
  w.start();
  auto& client = w.open(0);
  client.joins();
  client.says("2[\"go\"]");
  client.says("30[1,\"b\"]");
  EXPECT_THAT(answers, ElementsAre("1,\"b\""));
}

TEST(Socket, ThatNamesNothingDoesNothing) {
  const socket nobody;
  EXPECT_EQ(nobody.to("room").emit("a"), errc::disconnected);
  EXPECT_EQ(nobody.broadcast().sockets_join("room"), errc::disconnected);
  EXPECT_EQ(nobody.broadcast().disconnect_sockets(), errc::disconnected);
  EXPECT_EQ(nobody.leave("room"), errc::disconnected);
}

}  // namespace
}  // namespace gossamer
