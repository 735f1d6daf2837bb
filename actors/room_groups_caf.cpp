// Rooms as groups of CAF.
#include "actors/include/gossamer/actors.hpp"
#include "actors/room_actors_caf.hpp"
#include "runtime/lanes/actor_runtime_caf.hpp"
#include "runtime/lanes/lane_caf.hpp"
#include "runtime/lanes/scheduler_caf.hpp"

#include <caf/actor_system.hpp>
#include <caf/expected.hpp>
#include <caf/group_manager.hpp>
#include <caf/sec.hpp>

#include <utility>

namespace gossamer {
namespace detail {

// -- the module -----------------------------------------------------------------------------------

void add_room_groups(caf::actor_system_config& config) {
  // CAF tells a group module nothing of its system; the scheduler's factory, which runs earlier,
  // does.
  const auto made_for = std::make_shared<caf::actor_system*>(nullptr);
  auto& scheduler = config.module_factories.back();
  scheduler = [made_for, make = std::move(scheduler)](caf::actor_system& system) {
    *made_for = &system;
    return make(system);
  };
  config.group_module_factories.emplace_back([made_for] { return new room_module(**made_for); });
}

room_module* room_module::of(caf::actor_system& system) {
  auto found = system.groups().get_module("room");
  return found ? dynamic_cast<room_module*>(&*found) : nullptr;
}

void room_module::serve(const std::shared_ptr<room_actors>& side) {
  const std::lock_guard lock(mutex_);
  std::erase_if(sides_, [](const auto& one) { return one.expired(); });
  sides_.push_back(side);
}

caf::expected<caf::group> room_module::get(const std::string& name) {
  std::vector<std::weak_ptr<room_actors>> sides;
  {
    const std::lock_guard lock(mutex_);
    sides = sides_;
  }
  const auto comma = name.find(',');
  for (const auto& one : sides) {
    const auto side = one.lock();
    if (side == nullptr || comma == std::string::npos) continue;
    const std::string_view all(name);
    if (auto found = side->group_of(all.substr(0, comma), all.substr(comma + 1))) return found;
  }
  return caf::make_error(caf::sec::runtime_error, "no such namespace: <namespace>,<room> expected");
}

caf::error room_module::load(caf::deserializer&, caf::group&) {
  return caf::make_error(caf::sec::runtime_error, "rooms are not sent as groups");
}

// -- groups of a server ---------------------------------------------------------------------------

room_actors::room_actors(server_core& server, caf::actor_system& system)
    : system_(system), module_(room_module::of(system)), server_(&server) {
  if (module_ != nullptr) return;
  own_module_ = std::make_unique<room_module>(system);
  module_ = own_module_.get();
}

std::shared_ptr<room_actors> make_room_actors(server_core& server) {
  auto& system = unit(server.lanes().at(std::size_t{0})).system();
  auto side = std::make_shared<room_actors>(server, system);
  if (auto* module = room_module::of(system)) module->serve(side);
  return side;
}

void close_room_actors(room_actors& side, server_core& server) {
  side.close(server);
}

caf::group room_actors::group_of(nsp_core& nsp, std::string_view room) {
  auto found = rooms::room_ptr();
  const std::unique_lock lock(mutex_);
  if (server_ == nullptr) return {};
  found = nsp.rooms().find_or_create(room);
  auto& known = groups_[found.get()];
  if (known != nullptr && known->try_ref()) {
    return caf::group(caf::abstract_group_ptr(known, false));
  }
  auto made = caf::make_counted<room_group>(*module_, shared_from_this(), nsp, found);
  known = made.get();
  return caf::group(caf::abstract_group_ptr(std::move(made)));
}

caf::group room_actors::group_of(std::string_view nsp, std::string_view room) {
  nsp_core* found = nullptr;
  {
    const std::shared_lock lock(mutex_);
    if (server_ != nullptr) found = server_->find(nsp);
  }
  return found == nullptr ? caf::group() : group_of(*found, room);
}

bool room_actors::send(const room_group& to, const caf::message& what, const void* sender) {
  const std::shared_lock lock(mutex_);
  if (server_ == nullptr) return false;
  if (!what.match_elements<emit_event>()) {
    lane_scheduler::of(system_)->census().unknown_messages.fetch_add(1, std::memory_order_relaxed);
    return true;
  }
  const auto& event = what.get_as<emit_event>(0);
  const args_view values = event.arguments;
  auto frames = socketio::encode_event(to.nsp_->address(), std::nullopt, event.name, values);
  if (!frames) {
    server_->log().error("event of an actor not sent nsp={} room={} event={} reason={}",
                         to.nsp_->name(), to.room_->name(), event.name, frames.error().message());
    return true;
  }
  (void)broadcast_by_actor(*to.nsp_, to.room_->name(), std::move(*frames), sender);
  return true;
}

void room_actors::forget(const room_group& group) {
  const auto found = groups_.find(group.key_);
  if (found != groups_.end() && found->second == &group) groups_.erase(found);
}

// -- one group ------------------------------------------------------------------------------------

room_group::room_group(room_module& module, std::shared_ptr<room_actors> side, nsp_core& nsp,
                       rooms::room_ptr room)
    : caf::abstract_group(module, nsp.name() + "," + std::string(room->name()),
                          module.system().node()),
      side_(std::move(side)),
      nsp_(&nsp),
      room_(std::move(room)),
      key_(room_.get()) {}

caf::error room_group::save(caf::serializer&) const {
  return caf::make_error(caf::sec::runtime_error, "rooms are not sent as groups");
}

bool room_group::subscribe(caf::strong_actor_ptr who) {
  return side_->join(*this, std::move(who));
}

void room_group::unsubscribe(const caf::actor_control_block* who) {
  (void)side_->leave(*this, who);
}

void room_group::enqueue(caf::strong_actor_ptr sender, caf::message_id, caf::message what,
                         caf::execution_unit*) {
  (void)side_->send(*this, what, sender.get());
}

bool room_group::try_ref() const noexcept {
  auto count = rc_.load(std::memory_order_relaxed);
  while (count != 0) {
    if (rc_.compare_exchange_weak(count, count + 1, std::memory_order_relaxed)) return true;
  }
  return false;
}

// CAF calls this with one reference left (not decremented) or none. A look-up may have taken
// another one in the first case; in the second it cannot any more.
void room_group::request_deletion(bool decremented) const noexcept {
  const auto side = side_;  // outlives the lock
  {
    const std::unique_lock lock(side->mutex_);
    if (!decremented && rc_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    side->forget(*this);
    room_ = {};  // while the server is there
  }
  delete this;
}

}  // namespace detail

// -- the public face ------------------------------------------------------------------------------

void configure(caf::actor_system_config& config, const system_options& how) {
  lane_options options;
  options.lanes = how.lanes;
  if (how.polled) options.drive = lane_drive::polled;
  options.pin_cpus = how.pin_cpus;
  options.inbox_bytes_max = how.lane_inbox_bytes_max;
  options.slow_turn = how.slow_handler;
  options.log = how.log;
  configure(config, std::move(options));
  detail::add_room_groups(config);
}

void configure(caf::actor_system_config& config, std::size_t lanes) {
  system_options how;
  how.lanes = lanes;
  configure(config, how);
}

caf::group room_of(const nsp& in, std::string_view room) {
  const detail::nsp_use used(in.ref());
  if (!used) return {};
  const auto& side = in.core().server().actors();
  return side == nullptr ? caf::group() : side->group_of(in.core(), room);
}

room_handle::operator caf::group() const {
  return room_of(gossamer::nsp(nsp_), name_);
}

}  // namespace gossamer
