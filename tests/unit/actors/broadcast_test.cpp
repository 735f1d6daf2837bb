// Rooms and broadcasts between sockets on several lanes.
#include "tests/unit/actors/fake_clients.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gossamer {
namespace {

using test::fake_client;
using test::world;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;
using strings = std::vector<std::string>;

struct crowd {
  world w{3};
  std::vector<fake_client*> clients;
  std::vector<std::string> ids;
  explicit crowd(std::size_t count) {
    w.of("/").on("join", [](socket s, std::string room) { s.join(room); });
    w.of("/").on("leave", [](socket s, std::string room) { s.leave(room); });
    w.of("/").on("say", [](socket s, std::string room, int n) { s.to(room).emit("said", n); });
    w.of("/").on("rooms", [](socket s) { return s.rooms(); });
    w.start();
    for (std::size_t i = 0; i < count; ++i) {
      clients.push_back(&w.open(i % 3));
      ids.push_back(clients.back()->joins());
    }
    forget();
  }
  void forget() {
    for (auto* client : clients) client->forget_received();
  }
  // Who got this packet since `forget`, a digit for each copy: "0223" says that client 2 got it
  // twice.
  std::string who_got(const std::string& packet) {
    w.settle();
    std::string who;
    for (std::size_t i = 0; i < clients.size(); ++i) {
      for (const auto& one : clients[i]->received()) {
        if (one == packet) who += static_cast<char>('0' + i);
      }
    }
    return who;
  }
};

TEST(Broadcast, ReachesEverybodyOnEveryLaneOnce) {
  crowd c(7);
  EXPECT_FALSE(c.w.of("/").emit("hello"));
  EXPECT_EQ(c.who_got("42[\"hello\"]"), "0123456");
}

TEST(Broadcast, FromASocketLeavesOutTheSender) {
  crowd c(6);
  for (int i = 0; i < 5; ++i) c.clients[static_cast<std::size_t>(i)]->says("2[\"join\",\"r\"]");
  c.clients[1]->says("2[\"say\",\"r\",5]");
  EXPECT_EQ(c.who_got("42[\"said\",5]"), "0234");
}

TEST(Broadcast, ReachesMembersOfSeveralRoomsOnceAndNoExceptedOnes) {
  crowd c(9);
  for (const int i : {0, 1, 2, 3})
    c.clients[static_cast<std::size_t>(i)]->says("2[\"join\",\"a\"]");
  for (const int i : {2, 3, 4, 5})
    c.clients[static_cast<std::size_t>(i)]->says("2[\"join\",\"b\"]");
  for (const int i : {3, 8}) c.clients[static_cast<std::size_t>(i)]->says("2[\"join\",\"muted\"]");
  (void)c.w.of("/").to({"a", "b"}).except("muted").emit("x");
  EXPECT_EQ(c.who_got("42[\"x\"]"), "01245");
  c.forget();
  (void)c.w.of("/").except({"a", c.ids[7]}).emit("y");
  EXPECT_EQ(c.who_got("42[\"y\"]"), "4568");
}

TEST(Broadcast, ToAnIdReachesItsSocketAndWhoeverJoinedThatName) {
  crowd c(4);
  c.clients[3]->says("2[\"join\",\"" + c.ids[1] + "\"]");
  (void)c.w.of("/").to(c.ids[1]).emit("private");
  EXPECT_EQ(c.who_got("42[\"private\"]"), "13");
}

TEST(Broadcast, DoesNotReachWhoHasLeft) {
  crowd c(3);
  for (auto* client : c.clients) client->says("2[\"join\",\"r\"]");
  c.clients[1]->says("2[\"leave\",\"r\"]");
  c.clients[2]->says("1");
  (void)c.w.of("/").to("r").emit("x");
  EXPECT_EQ(c.who_got("42[\"x\"]"), "0");
  EXPECT_EQ(c.w.of("/").room_size("r"), 1U);
}

TEST(Broadcast, VolatileIsDroppedForBusyClients) {
  crowd c(3);
  c.clients[1]->busy = true;
  (void)c.w.of("/").volatile_().emit("v");
  EXPECT_EQ(c.who_got("42[\"v\"]"), "02");
}

TEST(Broadcast, WithAcksCollectsAnswersOfAllLanes) {
  crowd c(4);
  std::promise<broadcast_answers> done;
  (void)c.w.of("/").timeout(milliseconds(10'000)).emit("q", [&](broadcast_answers a) {
    done.set_value(std::move(a));
  });
  c.w.settle();
  for (std::size_t i = 0; i < 3; ++i) c.clients[i]->says("30[" + std::to_string(i) + "]");
  c.clients[3]->drops();
  const auto answers = done.get_future().get();
  EXPECT_TRUE(answers.complete) << "who left is not waited for";
  strings texts;
  for (const auto& one : answers.responses) texts.emplace_back(one.items());
  EXPECT_THAT(texts, UnorderedElementsAre("0", "1", "2"));
}

TEST(Broadcast, WithAcksGivesWhatCameInTime) {
  crowd c(3);
  std::promise<broadcast_answers> done;
  (void)c.w.of("/").timeout(milliseconds(300)).emit("q", [&](broadcast_answers a) {
    done.set_value(std::move(a));
  });
  c.w.settle();
  c.clients[1]->says("30[7]");
  const auto answers = done.get_future().get();
  EXPECT_FALSE(answers.complete);
  ASSERT_EQ(answers.responses.size(), 1U);
  EXPECT_EQ(answers.responses[0].items(), "7");
}

TEST(Broadcast, FetchesJoinsLeavesAndDisconnectsMany) {
  crowd c(5);
  const auto all = c.w.of("/");
  (void)all.in({c.ids[0], c.ids[1], c.ids[2]}).sockets_join({"x", "y"});
  (void)all.to("x").sockets_leave("y");
  (void)all.in(c.ids[2]).sockets_join("z");
  c.w.settle();
  std::promise<strings> found;
  all.in("x").fetch_sockets([&](std::vector<remote_socket> sockets) {
    strings lines;
    for (const auto& one : sockets) {
      auto rooms = one.rooms();
      std::sort(rooms.begin() + 1, rooms.end());
      std::string line(one.id() == rooms[0] ? "self" : "?");
      for (std::size_t i = 1; i < rooms.size(); ++i) line += " " + rooms[i];
      lines.push_back(line);
    }
    found.set_value(lines);
  });
  EXPECT_THAT(found.get_future().get(), UnorderedElementsAre("self x", "self x", "self x z"));
  (void)all.in("x").disconnect_sockets(true);
  EXPECT_EQ(c.who_got("41"), "012");
  EXPECT_EQ(all.socket_count(), 2U);
  EXPECT_EQ(all.room_count(), 2U) << "the two sockets' own rooms";
}

// From a thread that is no lane: join on another lane, then emit to the room that did not exist
// before.
TEST(Broadcast, FollowsAJoinOfTheSameSender) {
  crowd c(6);
  const auto all = c.w.of("/");
  std::promise<std::vector<remote_socket>> found;
  all.in(c.ids[4]).fetch_sockets([&](auto sockets) { found.set_value(std::move(sockets)); });
  const auto sockets = found.get_future().get();
  ASSERT_EQ(sockets.size(), 1U);
  strings expected;
  for (int round = 0; round < 400; ++round) {
    const auto room = "fresh" + std::to_string(round);
    if (round % 2 == 0) {
      (void)sockets[0].join(room);
    } else {
      (void)all.in(c.ids[4]).sockets_join(room);
    }
    EXPECT_FALSE(all.to(room).emit("r", round));
    expected.push_back("42[\"r\"," + std::to_string(round) + "]");
  }
  c.w.settle();
  EXPECT_EQ(c.clients[4]->received(), expected);
}

TEST(Broadcast, WatchersOfOutgoingEventsMayDoAnything) {
  world w;
  strings seen;
  auto nsp = w.of("/");
  nsp.on_connection([&](socket s) {
    s.join("r");
    s.on_any_outgoing([&](socket who, std::string_view event, const args_view& values) {
      seen.push_back(std::string(event) + " " + std::string(values.items()));
      if (event == "x") {
        who.leave("r");
        who.emit("inner");
        who.disconnect();
      }
    });
  });
  w.start();
  auto& a = w.open(0);
  auto& b = w.open(0);
  a.joins();
  b.joins();
  (void)nsp.to("r").emit("x", 1);
  w.settle();
  EXPECT_THAT(seen, ElementsAre("x 1", "inner ", "x 1", "inner "));
  EXPECT_THAT(a.received(), ElementsAre("42[\"inner\"]", "41"));
  EXPECT_EQ(nsp.room_size("r"), 0U);
}

TEST(Compress, IsSaidOfEachMessageByItself) {
  world w;
  auto everybody = w.of("/");
  everybody.on("go", [everybody](socket s) {
    s.compress(false).emit("plain", 1);
    s.emit("any", 2);
    s.compress(false).emit("asked", 3, [](result<args>) {});
    everybody.to("room").compress(false).emit("all plain", 4);
    everybody.to("room").emit("all", 5);
  });
  w.of("/").on_connection([](socket s) { s.join("room"); });
  w.start();
  auto& here = w.open(0);
  auto& there = w.open(1);
  here.joins();
  there.joins();
  w.settle();
  here.says("2[\"go\"]");
  w.settle();
  EXPECT_THAT(here.received_plain(),
              ElementsAre("42[\"plain\",1]", HasSubstr("[\"asked\",3]"), "42[\"all plain\",4]"));
  EXPECT_THAT(there.received_plain(), ElementsAre("42[\"all plain\",4]"));
  EXPECT_THAT(there.received(), Contains("42[\"all\",5]"));
}

}  // namespace
}  // namespace gossamer
