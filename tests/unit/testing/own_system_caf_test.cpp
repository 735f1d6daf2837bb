// Servers on an actor system of the program's own.
#include "tests/unit/server/loopback.hpp"

#include <boost/system/system_error.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/group_manager.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <gossamer/actors.hpp>
#include <gossamer/server.hpp>
#include <gossamer/testing.hpp>
#include <mutex>
#include <string>
#include <vector>

namespace gossamer::test {
namespace {

using namespace std::chrono_literals;

struct heard {
  guarded<std::vector<std::string>> lines;
  void add(std::string line) {
    lines.with([&](auto& all) { all.push_back(std::move(line)); });
  }
  std::vector<std::string> now() {
    return lines.with([](const auto& all) { return all; });
  }
};

caf::behavior listener(caf::event_based_actor* self, const room_handle& room, heard* notes) {
  self->join(room);
  return {[notes](const room_event& event) {
    notes->add(event.nsp + " " + event.room + " " + event.name + " " +
               std::string(event.arguments.items()));
  }};
}

TEST(OwnSystem, CarriesTwoServersAndTheProgramsActors) {
  heard notes;
  caf::actor_system_config config;
  configure(config, {.lanes = 2});
  caf::actor_system system(config);
  std::atomic<int> ended{0};
  {
    server east(system, {});
    server west(system, {.lanes = 2});
    for (auto* io : {&east, &west}) {
      io->on_connection([](socket s) { s.join("lobby"); });
      io->on("say", [](socket s, std::string text) {
        s.to("lobby").emit("said", text);
        return true;
      });
    }
    const auto in_east = system.spawn(listener, east.room("/", "lobby"), &notes);
    const auto in_west = system.spawn(listener, west.room("/", "lobby"), &notes);
    for (const auto& one : {in_east, in_west}) {
      one->attach_functor([&](const caf::error&) { ++ended; });
    }
    const auto port_of = [](server& io) {
      return io.listen({.host = "127.0.0.1", .port = 0}).value().port;
    };
    socket_client ada(port_of(east));
    socket_client bob(port_of(west));
    for (auto* one : {&ada, &bob}) {
      one->emit("[\"say\",\"hello\"]", "7");
      EXPECT_EQ(one->answer(), "[true]");
    }
    ASSERT_TRUE(eventually([&] { return notes.now().size() == 2; }));
    EXPECT_EQ(notes.now(), std::vector<std::string>(2, "/ lobby said \"hello\""));

    EXPECT_TRUE(east.stop({.at_most = 200ms}).clean);
    EXPECT_TRUE(eventually([&] { return ended == 1; }));  // its member only
    EXPECT_EQ(east.emit("any"), errc::server_stopped);
    EXPECT_FALSE(east.listen({.host = "127.0.0.1", .port = 0}));
    bob.emit("[\"say\",\"again\"]", "7");
    EXPECT_EQ(bob.answer(), "[true]");
    EXPECT_TRUE(eventually([&] { return notes.now().size() == 3; }));
  }
  // Both servers are gone, the system is not.
  EXPECT_TRUE(eventually([&] { return ended == 2; }));
  caf::scoped_actor self(system);
  const auto doubler =
      system.spawn([]() -> caf::behavior { return {[](int n) { return 2 * n; }}; });
  int answer = 0;
  self->request(doubler, 10s, 21).receive([&](int n) { answer = n; }, [](const caf::error&) {});
  EXPECT_EQ(answer, 42);
  caf::anon_send_exit(doubler, caf::exit_reason::user_shutdown);
}

TEST(OwnSystem, DropsTheCallsThatAStoppedServerHadPromised) {
  gossamer::testing::world world;
  caf::actor_system_config config;
  world.configure(config);
  caf::actor_system system(config);
  gossamer::testing::server gone(world, system);
  gossamer::testing::server stays(world, system);
  std::vector<std::string> called;
  (void)gone.after(5s, [&] { called.emplace_back("gone"); });
  (void)stays.after(5s, [&] { called.emplace_back("stays"); });
  EXPECT_TRUE(gone.stop().clean);
  world.advance(10s);
  EXPECT_EQ(called, std::vector<std::string>{"stays"});
}

TEST(OwnSystem, FindsRoomsOfEachServerByName) {
  caf::actor_system_config config;
  configure(config, {.lanes = 1});
  caf::actor_system system(config);
  const auto find = [&](const std::string& name) {
    const auto found = system.groups().get("room", name);
    return found ? *found : caf::group();
  };
  auto east = std::make_unique<server>(system, options());
  server west(system, {});
  (void)west.of("/west");
  EXPECT_EQ(find("/,lobby"), caf::group(east->room("/", "lobby")));
  EXPECT_EQ(find("/west,lobby"), caf::group(west.room("/west", "lobby")));
  EXPECT_FALSE(find("/nowhere,lobby"));
  east.reset();
  EXPECT_EQ(find("/,lobby"), caf::group(west.room("/", "lobby")));
}

TEST(OwnSystem, ServersComeAndGo) {
  caf::actor_system_config config;
  configure(config, {.lanes = 1});
  caf::actor_system system(config);
  for (int round = 0; round < 5; ++round) {
    server io(system, {});
    io.on("echo", [](std::string text) { return text; });
    socket_client ada(io.listen({.host = "127.0.0.1", .port = 0}).value().port);
    EXPECT_EQ(ada.echo(std::to_string(round)), "[\"" + std::to_string(round) + "\"]");
  }
}

template <class Make>
std::string failure_of(Make make) {
  try {
    make();
  } catch (const std::exception& failed) {
    return failed.what();
  }
  return {};
}

TEST(OwnSystem, SaysWhatItsConfigurationLacks) {
  caf::actor_system_config plain;
  caf::actor_system not_ours(plain);
  const auto lacks = failure_of([&] { server(not_ours, {}); });
  EXPECT_NE(lacks.find("gossamer::configure"), std::string::npos) << lacks;

  caf::actor_system_config config;
  configure(config, {.lanes = 2});
  caf::actor_system system(config);
  EXPECT_EQ(failure_of([&] { server(system, {.lanes = 3}); }),
            "option lanes: must be 0 or 2, as gossamer::configure was told for this actor system");
  EXPECT_EQ(failure_of([&] { server(system, {.polled = true}); }),
            "option polled: must be false, as gossamer::configure was told for this actor system");
}

TEST(OwnSystem, IsPolledIfItWasConfiguredSo) {
  caf::actor_system_config config;
  configure(config, {.polled = true});
  caf::actor_system system(config);
  server io(system, {.polled = true});
  bool ran = false;
  (void)io.after(0ms, [&] { ran = true; });
  while (!ran) (void)io.poll(1ms);
  EXPECT_TRUE(io.stop().clean);
}

TEST(Poll, EndsWithItsBudget) {
  server io({.polled = true});
  const auto busy = io.system().spawn([](caf::event_based_actor* self) -> caf::behavior {
    caf::anon_send(self, 1);
    return {[self](int n) { caf::anon_send(self, n); }};  // never idle
  });
  const auto began = steady_clock::now();
  EXPECT_TRUE(io.poll(3ms));
  EXPECT_GE(steady_clock::now() - began, 3ms);
  EXPECT_TRUE(io.poll());
  caf::anon_send_exit(busy, caf::exit_reason::kill);
}

TEST(OwnSystem, RunsInVirtualTimeWithItsActors) {
  gossamer::testing::world world;
  caf::actor_system_config config;
  world.configure(config);
  caf::actor_system system(config);
  heard notes;
  gossamer::testing::server io(world, system);
  const auto member = system.spawn(listener, io.room("/", "lobby"), &notes);
  const auto late = system.spawn([&notes](caf::event_based_actor* self) -> caf::behavior {
    self->delayed_send(self, std::chrono::seconds(30), 7);
    return {[&notes, self](int) {
      notes.add("30 s");
      self->quit();
    }};
  });
  world.run();
  io.to("lobby").emit("said", 1);
  world.run();
  EXPECT_EQ(notes.now(), std::vector<std::string>{"/ lobby said 1"});
  world.advance(std::chrono::seconds(29));
  EXPECT_EQ(notes.now().size(), 1U);
  world.advance(std::chrono::seconds(1));
  EXPECT_EQ(notes.now().size(), 2U);
  EXPECT_TRUE(io.stop().clean);
  world.run();  // the member was told to exit
}

}  // namespace
}  // namespace gossamer::test
