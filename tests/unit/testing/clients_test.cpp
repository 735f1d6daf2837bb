// gossamer::testing as a program's own tests use it: clients without sockets.
#include <boost/describe/class.hpp>
#include <gtest/gtest.h>

#include <gossamer/testing.hpp>
#include <string>
#include <vector>

namespace {

using gossamer::testing::client;
using gossamer::testing::server;
using std::chrono::milliseconds;
using std::chrono::seconds;

struct order {
  std::string symbol;
  int quantity = 0;
};
BOOST_DESCRIBE_STRUCT(order, (), (symbol, quantity))
inline constexpr gossamer::event<order, int> place{"place"};

void install_chat(gossamer::server& io) {
  io.use([](const gossamer::handshake& h) -> gossamer::admission {
    if (h.auth("name") == "Mallory") return gossamer::refuse("not you", {{"retry", false}});
    return gossamer::admit();
  });
  io.on_connection([](gossamer::socket s) { s.join("lobby"); });
  io.on("say", [](gossamer::socket s, std::string text) { s.to("lobby").emit("said", text); });
  io.on(place.name, [](const order& o) { return o.quantity * 2; });
  io.on("echo", [](gossamer::socket s, const gossamer::args& all) { s.emit("echo", all); });
}

TEST(TestingClient, HearsWhatAnotherSays) {
  server io;
  install_chat(io);
  auto ada = io.connect({.auth = {{"name", "Ada"}}});
  auto bob = io.connect();
  ada.emit("say", "hello");
  EXPECT_EQ(bob.expect("said").get<std::string>(), "hello");
  EXPECT_EQ(ada.waiting(), 0U);
  EXPECT_NE(ada.id(), bob.id());
}

TEST(TestingClient, IsRefusedWithMessageAndData) {
  server io;
  install_chat(io);
  const auto mallory = io.connect({.auth = {{"name", "Mallory"}}});
  EXPECT_FALSE(mallory.connected());
  ASSERT_TRUE(mallory.refused());
  EXPECT_EQ(mallory.refused()->message, "not you");
  EXPECT_EQ(mallory.refused()->data.at("retry"), false);
  const auto nowhere = io.connect({.nsp = "/nowhere"});
  EXPECT_EQ(nowhere.refused()->message, "Invalid namespace");
}

TEST(TestingClient, AsksAndIsAsked) {
  server io;
  install_chat(io);
  std::string answered;
  io.on("ask me", [&](gossamer::socket s) -> gossamer::task<> {
    const auto age = co_await s.ask<int>("age");
    answered = age ? std::to_string(*age) : age.error().message();
  });
  auto ada = io.connect();
  EXPECT_EQ(ada.ask(place, {"ACME", 21}), 42);
  EXPECT_EQ(ada.ask<int>("place", order{"ACME", 4}), 8);
  ada.emit("ask me");
  const auto question = ada.expect("age");
  EXPECT_TRUE(question.wants_answer());
  EXPECT_EQ(answered, "");
  question.answer(36);
  EXPECT_EQ(answered, "36");
}

TEST(TestingClient, AnswersByAFunction) {
  server io;
  io.on("ask me", [](gossamer::socket s) -> gossamer::task<int> {
    const auto age = co_await s.ask<int>("age");
    co_return age ? *age + 1 : -1;
  });
  auto ada = io.connect();
  ada.on("age", [](const gossamer::testing::event& asked) { asked.answer(36); });
  EXPECT_EQ(ada.ask<int>("ask me"), 37);
}

TEST(TestingClient, SeesTheErrorOfAWrongArgument) {
  server io;
  install_chat(io);
  auto ada = io.connect();
  const auto failed = ada.ask<boost::json::value>("place", 7);
  EXPECT_EQ(failed.at("error").at("code"), "bad_arguments");
}

TEST(TestingClient, SendsAndGetsBinaries) {
  server io;
  install_chat(io);
  auto ada = io.connect();
  const gossamer::bytes picture(std::string("\0\x01\xff", 3));
  ada.emit("echo", "text", picture, 7);
  const auto back = ada.expect("echo");
  EXPECT_EQ(back.size(), 3U);
  EXPECT_EQ(back.get<gossamer::bytes>(1), picture);
  EXPECT_EQ(back.get<int>(2), 7);
}

TEST(TestingClient, SpeaksTheServersParser) {
  server io({.parser = gossamer::msgpack_parser()});
  install_chat(io);
  auto ada = io.connect({.auth = {{"name", "Ada"}}});
  ASSERT_TRUE(ada.connected());
  const gossamer::bytes picture(std::string("\0\x01\xff", 3));
  ada.emit("echo", picture);
  EXPECT_EQ(ada.expect("echo").get<gossamer::bytes>(), picture);
  EXPECT_EQ(ada.ask(place, {"ACME", 2}), 4);
}

TEST(TestingClient, SaysWhatWasThereInsteadOfWhatWasExpected) {
  server io;
  install_chat(io);
  auto ada = io.connect();
  const auto text_of = [](const auto& call) {
    try {
      (void)call();
    } catch (const std::logic_error& failed) {
      return std::string(failed.what());
    }
    return std::string();
  };
  EXPECT_NE(text_of([&] { return ada.expect("said"); }).find("no event"), std::string::npos);
  ada.emit("echo", 1);
  EXPECT_NE(text_of([&] { return ada.expect("said"); }).find("'echo' [1]"), std::string::npos);
  EXPECT_NE(text_of([&] {
              return ada.expect("echo").get<std::string>();
            }).find("echo[0]: expected string"),
            std::string::npos);
  EXPECT_NE(text_of([&] { return ada.ask<int>("say", "x"); }).find("no answer to 'say'"),
            std::string::npos);
  ada.close();
  EXPECT_NE(text_of([&] { return ada.ask<int>("place", 1); }).find("not connected"),
            std::string::npos);
}

// Each way in which a connection ends, as both ends see it.
TEST(TestingClient, EndsInEachWay) {
  server io;
  std::vector<std::string> reasons;
  io.sockets().on_disconnect([&](gossamer::socket, gossamer::disconnect_reason why) {
    reasons.emplace_back(gossamer::text(why));
  });
  io.on("go", [](gossamer::socket s, bool close) { s.disconnect(close); });
  std::vector<std::string> seen;
  const auto end = [&](auto how) {
    auto one = io.connect();
    how(one);
    EXPECT_FALSE(one.connected());
    seen.push_back(one.disconnect_reason().value_or(""));
  };
  end([](client& c) { c.disconnect(); });
  end([](client& c) { c.close(); });
  end([](client& c) { c.drop(); });
  end([](client& c) { c.emit("go", false); });
  end([](client& c) { c.emit("go", true); });
  end([](client& c) { c.send_raw("9 no packet"); });
  EXPECT_EQ(seen, (std::vector<std::string>{"io client disconnect", "io client disconnect",
                                            "transport close", "io server disconnect",
                                            "io server disconnect", "transport close"}));
  EXPECT_EQ(reasons, (std::vector<std::string>{"client namespace disconnect", "transport close",
                                               "transport close", "server namespace disconnect",
                                               "server namespace disconnect", "forced close"}));
  EXPECT_EQ(io.counts().sessions(), 2U);  // those that left a namespace only
}

TEST(TestingClient, HearsThatTheServerStops) {
  auto io = std::make_unique<server>();
  auto ada = io->connect();
  (void)io->stop();
  ada.forget_events();
  EXPECT_FALSE(io->listen({.host = "127.0.0.1", .port = 0}));
  io->run();
  EXPECT_EQ(ada.disconnect_reason(), "transport close");
  io.reset();
  EXPECT_THROW(ada.emit("any"), std::logic_error);
  ada.drop();
}

TEST(TestingClient, IsInSeveralNamespacesOnOneConnection) {
  server io;
  io.of("/desk").on("where", [](gossamer::socket s) { return s.nsp(); });
  io.on("where", [](gossamer::socket s) { return s.nsp(); });
  auto main = io.connect();
  auto desk = main.join("desk");
  EXPECT_EQ(main.ask<std::string>("where"), "/");
  EXPECT_EQ(desk.ask<std::string>("where"), "/desk");
  EXPECT_EQ(io.counts().sessions(), 1U);
  desk.disconnect();
  EXPECT_TRUE(main.connected());
}

TEST(TestingClient, BringsHeadersAndQuery) {
  server io;
  io.on("who", [](gossamer::socket s) {
    return s.handshake().header("x-name").value_or("") + s.handshake().query("id").value_or("");
  });
  auto ada = io.connect({.headers = {{"X-Name", "Ada"}}, .query = "&id=7"});
  EXPECT_EQ(ada.ask<std::string>("who"), "Ada7");
}

TEST(TestingClient, IsAskedForByAllowRequest) {
  gossamer::options how;
  how.allow_request = [](const auto& info, const gossamer::handshake_decision& decide) {
    decide(info->query("token") == "good", "no token");
  };
  server io(how);
  EXPECT_TRUE(io.connect({.query = "&token=good"}).connected());
  EXPECT_EQ(io.connect().refused()->message, "no token");
  EXPECT_EQ(io.counts().sessions(), 1U);
}

TEST(TestingClient, ThatTakesNothingMissesVolatileEventsOnly) {
  server io;
  auto ada = io.connect();
  ada.freeze();
  io.emit("a");
  io.run();
  io.volatile_().emit("lost");
  io.emit("b");
  io.run();
  EXPECT_EQ(ada.waiting(), 0U);
  ada.thaw();
  ada.expect("a");
  ada.expect("b");
  io.volatile_().emit("c");
  io.run();
  ada.expect("c");
}

TEST(TestingServer, RunsSeveralLanesOnOneThreadWithTheSameOutcome) {
  const auto play = [] {
    server io({.lanes = 3});
    install_chat(io);
    std::vector<client> all;
    for (int i = 0; i < 6; ++i) all.push_back(io.connect());
    std::string heard;
    for (auto& one : all) one.emit("say", one.id());
    for (auto& one : all) {
      while (const auto said = one.next()) heard += said->get<std::string>() + " ";
    }
    return heard;
  };
  const auto first = play();
  EXPECT_EQ(first.size(), 6U * 5U * 21U);
  EXPECT_EQ(first, play());
}

TEST(TestingServer, PutsClientsOnTheLanesThatTheyName) {
  server io({.lanes = 2});
  io.on("lane", [](gossamer::socket s) { return static_cast<int>(s.ref().home); });
  for (const std::size_t lane : {1U, 0U, 1U}) {
    EXPECT_EQ(io.connect({.lane = lane}).ask<int>("lane"), static_cast<int>(lane));
  }
  EXPECT_THROW((void)io.connect({.lane = 2}), std::logic_error);
}

TEST(TestingServer, SharesItsTimeWithAnother) {
  gossamer::testing::world world;
  server east(world);
  server west(world);
  east.on("say", [&](std::string text) { west.emit("said", text); });
  auto ada = east.connect();
  auto bob = west.connect();
  ada.emit("say", "over there");
  EXPECT_EQ(bob.expect("said").get<std::string>(), "over there");
  std::vector<std::string> order;
  (void)east.after(milliseconds(20), [&] { order.emplace_back("east"); });
  (void)west.after(milliseconds(10), [&] { order.emplace_back("west"); });
  world.advance(seconds(1));
  EXPECT_EQ(order, (std::vector<std::string>{"west", "east"}));
}

}  // namespace
