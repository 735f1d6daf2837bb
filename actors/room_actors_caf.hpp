// The actors in rooms, as the CAF side sees them: guest lists, and rooms as groups.
#pragma once

#include "actors/room_actors.hpp"
#include "actors/server_core.hpp"

#include <caf/abstract_group.hpp>
#include <caf/actor_control_block.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/group.hpp>
#include <caf/group_module.hpp>

#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gossamer::detail {

class room_group;

/// Registers the group module "room". Call after the lanes' `configure`.
void add_room_groups(caf::actor_system_config& config);

/// Finds groups by name, `<namespace>,<room>`: of the oldest server of its actor system that has
/// the namespace. Any thread.
class room_module final : public caf::group_module {
 public:
  explicit room_module(caf::actor_system& system) : caf::group_module(system, "room") {}
  /// The module of a system, or nullptr if it was configured without.
  [[nodiscard]] static room_module* of(caf::actor_system& system);

  void serve(const std::shared_ptr<room_actors>& side);
  void stop() override {}
  caf::expected<caf::group> get(const std::string& name) override;
  /// Rooms are not sent to other nodes as groups: an error.
  caf::error load(caf::deserializer&, caf::group&) override;

 private:
  std::mutex mutex_;
  std::vector<std::weak_ptr<room_actors>> sides_;  // oldest first
};

/// Any thread unless said otherwise. A group, a delivery or a dying actor may outlive the server:
/// each of them asks here first, under the mutex, whether there is one.
class room_actors : public std::enable_shared_from_this<room_actors> {
 public:
  room_actors(server_core& server, caf::actor_system& system);

  /// Empty after `close`.
  [[nodiscard]] caf::group group_of(nsp_core& nsp, std::string_view room);
  [[nodiscard]] caf::group group_of(std::string_view nsp, std::string_view room);
  void close(server_core& server);

  // -- for groups; false if the server has stopped ----------------------------------------------

  bool join(const room_group& to, caf::strong_actor_ptr who);
  bool leave(const room_group& from, const void* who);
  bool send(const room_group& to, const caf::message& what, const void* sender);
  /// `group` has no references any more; see room_group.
  void forget(const room_group& group);

  // -- for dying actors -------------------------------------------------------------------------

  void ended(const nsp_ref& nsp, const std::string& room, const void* who);

 private:
  friend class room_group;
  struct joining;
  void add(joining& one);  // on the room's home lane
  static void remove(rooms::room& from, const void* who);
  static void remove_all(rooms::room& from);

  caf::actor_system& system_;
  std::unique_ptr<room_module> own_module_;  // if the system has none
  room_module* module_;
  mutable std::shared_mutex mutex_;
  server_core* server_;  // null after `close`
  std::unordered_map<const rooms::room*, room_group*> groups_;
};

/// A room as a CAF group. There is at most one for a room, so that two handles to a room are equal.
class room_group final : public caf::abstract_group {
 public:
  room_group(room_module& module, std::shared_ptr<room_actors> side, nsp_core& nsp,
             rooms::room_ptr room);

  caf::error save(caf::serializer&) const override;
  bool subscribe(caf::strong_actor_ptr who) override;
  void unsubscribe(const caf::actor_control_block* who) override;
  void enqueue(caf::strong_actor_ptr sender, caf::message_id id, caf::message what,
               caf::execution_unit* from) override;
  void stop() override {}

  /// Takes a reference unless there is none any more: the way from a table of plain pointers to a
  /// handle.
  [[nodiscard]] bool try_ref() const noexcept;
  void request_deletion(bool decremented) const noexcept override;

 private:
  friend class room_actors;
  const std::shared_ptr<room_actors> side_;
  nsp_core* nsp_;                 // used under the side's mutex, as `room_`
  mutable rooms::room_ptr room_;  // empty after `close`
  const rooms::room* key_;
};

}  // namespace gossamer::detail
