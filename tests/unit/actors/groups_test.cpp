// Actors as members of rooms, and rooms as groups.
#include "actors/include/gossamer/actors.hpp"
#include "runtime/lanes/actors_caf.hpp"
#include "tests/unit/actors/fake_clients.hpp"
#include "tests/unit/actors/listening_actors.hpp"

#include <caf/group_manager.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace gossamer {
namespace {

using test::asked;
using test::eventually;
using test::heard;
using test::listen;
using test::world;
using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

std::size_t rooms_alive(world& w) {
  return w.of("/").core().rooms().size();
}

// Waits until deliveries and actors are through with `what`.
#define EVENTUALLY(w, what) EXPECT_TRUE(eventually(w, [&] { return what; }))

class pinned_listener final : public pinned_actor {
 public:
  pinned_listener(caf::actor_config& config, heard* into, caf::group room)
      : pinned_actor(config), into_(into), room_(std::move(room)) {}
  caf::behavior make_behavior() override { return listen(this, into_, room_); }
  std::size_t attachables() const {
    std::size_t count = 0;
    for (auto* each = attachables_head_.get(); each != nullptr; each = each->next.get()) ++count;
    return count;
  }

 private:
  heard* into_;
  caf::group room_;
};

struct three_kinds {
  explicit three_kinds(world& w) {
    const auto room = room_of(w.of("/"), "lobby");
    actors.push_back(test::spawn_listener(w, into[0], room));
    actors.push_back(test::spawn_listener<caf::detached>(w, into[1], room));
    actors.push_back(spawn_on<pinned_listener>(w.lanes().at(std::size_t{1}), &into[2], room));
    for (const auto& each : actors) EXPECT_EQ(asked(w, each, std::string("join")), 0);
  }
  std::array<heard, 3> into;
  std::vector<caf::actor> actors;
};

TEST(ActorMembers, OfAnyKindHearTheRoomUntilTheyLeave) {
  world w(3);
  w.start();
  three_kinds members(w);
  EXPECT_EQ(w.of("/").to("lobby").emit("said", "hi", 1), error_code());
  for (auto& each : members.into) {
    EXPECT_TRUE(each.wait_for(1));
    EXPECT_THAT(each.lines(), ElementsAre("/ lobby said \"hi\",1 from="));
  }
  for (const auto& each : members.actors) EXPECT_EQ(asked(w, each, std::string("leave")), 0);
  EXPECT_EQ(w.of("/").to("lobby").emit("said", "again"), error_code());
  w.settle();
  for (std::size_t i = 0; i < members.actors.size(); ++i) {
    EXPECT_EQ(asked(w, members.actors[i], std::string("quit")), 0);
    EXPECT_EQ(members.into[i].lines().size(), 1U);
  }
  members.actors.clear();  // they hold handles to the room
  EVENTUALLY(w, rooms_alive(w) == 0);
}

TEST(ActorMembers, AreInterestButDoNotCount) {
  world w(2);
  w.start();
  three_kinds members(w);
  w.settle();
  auto nsp = w.of("/");
  EXPECT_EQ(nsp.room_size("lobby"), 0U);
  EXPECT_EQ(nsp.room_count(), 0U);
  EXPECT_THAT(nsp.core().rooms().names(), IsEmpty());
  const auto room = nsp.core().rooms().find("lobby");
  EXPECT_FALSE(room->idle_on(room->home()));
  std::promise<broadcast_answers> answered;
  EXPECT_EQ(nsp.to("lobby").timeout(5s).emit(
                "ask", [&](broadcast_answers all) { answered.set_value(std::move(all)); }),
            error_code());
  const auto answers = answered.get_future().get();
  EXPECT_TRUE(answers.complete);
  EXPECT_THAT(answers.responses, IsEmpty());
  for (auto& each : members.into) EXPECT_TRUE(each.wait_for(1));
}

TEST(ActorMembers, LearnWhichSocketSpoke) {
  world w(2);
  w.of("/").on("say", [](socket s, std::string text) { s.to("lobby").emit("said", text); });
  w.start();
  three_kinds members(w);
  auto& client = w.open(0);
  const auto id = client.joins();
  client.says(R"(2["say","hi"])");
  for (auto& each : members.into) {
    EXPECT_TRUE(each.wait_for(1));
    EXPECT_THAT(each.lines(), ElementsAre("/ lobby said \"hi\" from=" + id));
  }
}

TEST(ActorMembers, OfExceptedRoomsAreLeftOut) {
  world w(4);
  w.start();
  heard into;
  heard other;
  auto quiet = test::spawn_listener(w, into, room_of(w.of("/"), "lobby"));
  auto loud = test::spawn_listener(w, other, room_of(w.of("/"), "lobby"));
  EXPECT_EQ(asked(w, quiet, std::string("join")), 0);
  EXPECT_EQ(asked(w, loud, std::string("join")), 0);
  const auto excepted = room_of(w.of("/"), "quiet");
  EXPECT_TRUE(excepted.subscribe(caf::actor_cast<caf::strong_actor_ptr>(quiet)));
  w.settle();
  EXPECT_EQ(w.of("/").to("lobby").except("quiet").emit("said", 1), error_code());
  EXPECT_EQ(w.of("/").to("lobby").emit("said", 2), error_code());
  EXPECT_TRUE(into.wait_for(1));
  EXPECT_TRUE(other.wait_for(2));
  EXPECT_THAT(into.lines(), ElementsAre("/ lobby said 2 from="));
}

TEST(ActorMembers, AreForgottenWhenKilled) {
  world w(2);
  w.start();
  three_kinds members(w);
  w.settle();
  EXPECT_EQ(rooms_alive(w), 1U);
  for (const auto& each : members.actors) caf::anon_send_exit(each, caf::exit_reason::kill);
  auto room = w.of("/").core().rooms().find("lobby");
  EVENTUALLY(w, room->idle_on(room->home()));
  // One that is dead already does not stay either.
  EXPECT_TRUE(room_of(w.of("/"), "lobby")
                  .subscribe(caf::actor_cast<caf::strong_actor_ptr>(members.actors[0])));
  w.settle();
  EVENTUALLY(w, room->idle_on(room->home()));
  room = {};
  members.actors.clear();
  EVENTUALLY(w, rooms_alive(w) == 0);
}

TEST(ActorMembers, LeaveNothingBehindInTheActor) {
  world w(2);
  w.start();
  heard into;
  const auto room = room_of(w.of("/"), "lobby");
  auto actor = spawn_on<pinned_listener>(w.lanes().at(std::size_t{1}), &into, room);
  for (int i = 0; i < 500; ++i) {
    EXPECT_EQ(asked(w, actor, std::string("join")), 0);
    EXPECT_EQ(asked(w, actor, std::string("leave")), 0);
  }
  w.settle();
  const auto& made =
      static_cast<pinned_listener&>(*caf::actor_cast<caf::strong_actor_ptr>(actor)->get());
  EXPECT_LE(made.attachables(), 2U);
}

TEST(RoomGroup, IsOneObjectForARoom) {
  world w(2);
  w.start();
  const auto one = room_of(w.of("/desk"), "lobby");
  const caf::group two = room_handle(w.of("/desk").core(), "lobby");
  EXPECT_EQ(one, two);
  EXPECT_NE(one, room_of(w.of("/"), "lobby"));
  const auto by_name = w.system().groups().get("room", "/desk,lobby");
  ASSERT_TRUE(by_name);
  EXPECT_EQ(one, *by_name);
  EXPECT_FALSE(w.system().groups().get("room", "/nowhere,lobby"));
  EXPECT_FALSE(w.system().groups().get("room", "lobby"));
}

TEST(RoomGroup, KeepsItsRoomUntilTheLastHandleIsDroppedOnAnotherThread) {
  world w(2);
  w.start();
  auto group = room_of(w.of("/"), "lobby");
  auto copy = group;
  EXPECT_EQ(rooms_alive(w), 1U);
  group = caf::invalid_group;
  EXPECT_EQ(rooms_alive(w), 1U);
  std::thread([held = std::move(copy)]() mutable { held = caf::invalid_group; }).join();
  EXPECT_EQ(rooms_alive(w), 0U);
}

TEST(RoomGroup, SendsToSocketsAndOtherActorsButNotToTheSender) {
  world w(3);
  w.of("/").on_connection([](socket s) { s.join("lobby"); });
  w.start();
  auto& a = w.open(0);
  auto& b = w.open(1);
  a.joins();
  b.joins();
  three_kinds members(w);
  EXPECT_EQ(asked(w, members.actors[1], std::string("speak")), 0);
  EXPECT_TRUE(members.into[0].wait_for(1));
  EXPECT_TRUE(members.into[2].wait_for(1));
  w.settle();
  EXPECT_THAT(a.received(), ElementsAre(R"(42["spoken",1])"));
  EXPECT_THAT(b.received(), ElementsAre(R"(42["spoken",1])"));
  EXPECT_EQ(asked(w, members.actors[1], std::string("quit")), 0);
  EXPECT_THAT(members.into[1].lines(), IsEmpty());
}

TEST(RoomGroup, AlwaysUsesTheQueueAlsoInAHandler) {
  world w(1);
  const auto speak = [&](socket s) {
    caf::anon_send(room_of(w.of("/"), "lobby"), emit_event{"later", args("1", 1)});
    s.emit("first");
  };
  w.of("/").on_connection([](socket s) { s.join("lobby"); });
  w.of("/").on("go", speak);
  w.start();
  auto& client = w.open(0);
  client.joins();
  client.says(R"(2["go"])");
  w.settle();
  EXPECT_THAT(client.received(), ElementsAre(R"(42["first"])", R"(42["later",1])"));
}

TEST(RoomGroup, CountsMessagesThatAreNoEvents) {
  world w(1);
  w.start();
  const auto before = test::unknown_messages(w);
  const auto group = room_of(w.of("/"), "lobby");
  caf::anon_send(group, 42);
  caf::anon_send(group, emit_event{"connect", args()});  // a reserved name: refused and logged
  EXPECT_EQ(test::unknown_messages(w), before + 1);
  EXPECT_THAT(w.log_lines(), testing::Contains(testing::HasSubstr("event of an actor not sent")));
}

TEST(RoomGroup, OutlivesTheServerAndDoesNothingThen) {
  caf::group kept;
  {
    world w(2);
    w.start();
    kept = room_of(w.of("/"), "lobby");
    three_kinds members(w);
    members.actors.clear();
  }
  EXPECT_FALSE(kept.subscribe(nullptr));
  caf::anon_send(kept, emit_event{"said", args()});
  kept = caf::invalid_group;
}

// Two threads empty and make a room again and again, with actors, handles and a socket in it.
TEST(RoomGroup, IsEmptiedAndMadeAgainByTwoThreads) {
  world w(2);
  w.start();
  std::array<heard, 2> into;
  std::array<caf::actor, 2> actors;
  for (std::size_t i = 0; i < 2; ++i) {
    actors[i] = test::spawn_listener<caf::detached>(w, into[i], room_of(w.of("/"), "other"));
  }
  auto& client = w.open(0);
  client.joins();
  socket member;
  w.on_lane(0, [&] { member = socket(w.of("/").core().shard(lane_index{0}).sockets[0]->ref()); });
  const auto churn = [&](std::size_t which) {
    const auto who = caf::actor_cast<caf::strong_actor_ptr>(actors[which]);
    for (int i = 0; i < 3'000; ++i) {
      auto group = room_of(w.of("/"), "busy");
      EXPECT_TRUE(group.subscribe(who));
      if (i % 3 == 0) {
        EXPECT_EQ(w.of("/").to("busy").emit("tick", i), error_code());
      }
      if (which == 0) {
        EXPECT_EQ(member.join("busy"), error_code());
      }
      group.unsubscribe(who.get());
      if (which == 0) {
        EXPECT_EQ(member.leave("busy"), error_code());
      }
    }
  };
  {
    const std::jthread one(churn, 0);
    const std::jthread two(churn, 1);
  }
  w.settle();
  EXPECT_FALSE(w.of("/").core().rooms().find("busy"));
  EXPECT_GE(into[0].lines().size() + into[1].lines().size(), 2'000U);
}

}  // namespace
}  // namespace gossamer
