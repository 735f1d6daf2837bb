// The server of tests: lanes that the test's thread runs, in virtual time.
#include "actors/room_actors_caf.hpp"
#include "actors/runtime_side.hpp"
#include "gateway/testing/client_core.hpp"
#include "gateway/testing/universe.hpp"
#include "gateway/testing/wire.hpp"
#include "runtime/lanes/actor_runtime_caf.hpp"

#include <utility>

namespace gossamer::testing {

void world::configure(caf::actor_system_config& config, std::size_t lanes) {
  gossamer::configure(config, universe_->lanes(lanes));
  gossamer::detail::add_room_groups(config);
}

struct server::own_lanes {
  std::unique_ptr<gossamer::detail::runtime_side> side;
};

server::own_lanes server::lanes_for(const world& in, const options& settings) {
  auto lanes = in.universe_->lanes(settings.lanes);
  const auto asked = gossamer::detail::lane_settings(settings);
  lanes.inbox_bytes_max = asked.inbox_bytes_max;
  lanes.slow_turn = asked.slow_turn;
  lanes.log = asked.log;
  return {gossamer::detail::own_runtime(std::move(lanes))};
}

server::server(const options& settings) : server(world(), settings) {}

server::server(const world& in, const options& settings)
    : server(in, lanes_for(in, settings), settings) {}

server::server(const world& in, caf::actor_system& system, const options& settings)
    : server(in, own_lanes{gossamer::detail::attached_runtime(system)}, settings) {}

server::server(const world& in, own_lanes&& lanes, const options& settings)
    : gossamer::server(std::move(lanes.side), settings), world_(in), parser_(settings.parser) {
  world_.universe_->add(this, [this] { return inside().lanes; });
}

server::~server() {
  try {
    (void)stop();
    world_.run();                      // clients see it
  } catch (const std::logic_error&) {  // it does not come to rest
  }
  world_.universe_->remove(this);
}

client server::connect(const connect_options& how) {
  const detail::destination to{this, inside(), parser_};
  const auto wire = std::make_shared<detail::wire>(world_.universe_, to, how);
  world_.universe_->add(wire);
  const auto core = std::make_shared<detail::client_core>(how.nsp, how.auth);
  wire->add(core);
  wire->open();
  wire->run();
  return client(core);
}

}  // namespace gossamer::testing
