// docs/embedding.md: two servers on the program's own actor system.
#include "tests/unit/server/loopback.hpp"

#include <caf/event_based_actor.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <gossamer/actors.hpp>
#include <gossamer/server.hpp>

namespace {

std::atomic<int> audited{0};

caf::behavior audit(caf::event_based_actor* self, const gossamer::room_handle& room) {
  self->join(room);
  return {[](const gossamer::room_event&) { ++audited; }};
}

TEST(EmbeddingPage, GivesItsActorSystemToServers) {
  // begin: system
  caf::actor_system_config config;
  gossamer::configure(config, {.lanes = 2});  // before the system is made
  caf::actor_system system(config);
  gossamer::server shop(system, {});
  gossamer::server office(system, {});
  const auto auditor = system.spawn(audit, shop.room("/", "sales"));  // a member of a room
  // end
  EXPECT_TRUE(gossamer::test::eventually([&] {
    office.to("sales").emit("sold", 1);
    shop.to("sales").emit("sold", 2);
    return audited != 0;
  }));
}

}  // namespace
