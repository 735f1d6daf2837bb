// One boot of a node with membership and directory, wired as a real node does, and a load of joins
// and leaves.
//
// On a link, each message of the directory and each poke names the boot it is from and the boot it
// is for: the simulated link is one between machines, a real one between two boots.
// A poke says "I am in this room": who receives it must count its sender among the room's targets
// from then on.
#pragma once

#include "runtime/directory/room_directory.hpp"
#include "tests/simulation/membership_node.hpp"

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gossamer::simulation {

struct directory_options {
  membership_options membership;
  directory::settings timing;
  /// Until then the hub loses frames, or the memory of a machine flips their bits.
  time_point faults_until;
  std::uint32_t lost_of_1000 = 0;
  std::uint32_t damaged_of_1000 = 0;
  time_point load_until;
};

class directory_node final : public node {
 public:
  struct listener {
    membership_node::listener member;
    std::function<void(const directory_node&, const directory::notice&)> peer;
    std::function<void(const directory_node&, const std::string&)> wrong;
  };

  directory_node(environment& env, const boot_info& boot, directory_options options, time_point now,
                 listener heard);

  void start(time_point now) override;
  void datagram(time_point now, const address& from, std::string_view bytes) override;
  void link_message(time_point now, const address& from, std::string_view bytes) override;
  void link_lost(time_point now, const address& peer) override;
  void tick(time_point now) override;
  [[nodiscard]] time_point wake() const override;
  void leave(time_point now) override;
  [[nodiscard]] bool stopped() const override { return members_.stopped(); }

  [[nodiscard]] const membership_node& members() const { return members_; }
  [[nodiscard]] const directory::room_directory& directory() const { return directory_; }
  [[nodiscard]] const boot_info& boot() const { return members_.boot(); }

  /// The rooms of this node, its sockets, and the rooms named after them.
  [[nodiscard]] const std::map<std::uint64_t, std::uint32_t>& rooms() const { return rooms_; }
  [[nodiscard]] const std::vector<directory::room_key>& own_rooms() const { return own_rooms_; }
  [[nodiscard]] std::uint32_t sockets() const { return sockets_; }
  [[nodiscard]] std::optional<std::uint64_t> watched() const { return watched_; }
  /// What must be true of itself at any time.
  void audit(time_point now) const;

  [[nodiscard]] static const directory::key_maker& keys();
  [[nodiscard]] static std::uint64_t socket_count();

 private:
  void noticed(const membership::notice& n);
  void carry_out(directory::actions todo);
  void send(const node_id& to, char kind, std::string_view bytes);
  void work(time_point now);
  void join(time_point now, const directory::room_key& room);
  void leave_one(time_point now);
  void connect(time_point now);
  void disconnect(time_point now);
  void poke(time_point now);
  void poked(time_point now, const node_id& from, std::string_view bytes);
  [[nodiscard]] directory::member member_of(const membership::member_record& r) const;

  environment& env_;
  directory_options options_;
  listener heard_;
  time_point now_;
  membership_node members_;
  directory::room_directory directory_;
  time_point directory_wake_ = time_point::max();
  time_point work_at_ = time_point::max();
  time_point reconcile_at_ = time_point::max();

  std::map<std::uint64_t, std::uint32_t> rooms_;  // members by room
  std::map<std::uint64_t, time_point> left_at_;   // of published rooms without members
  std::vector<directory::room_key> own_rooms_;
  std::deque<std::pair<time_point, std::uint64_t>> fresh_;  // rooms of pokes, to be left
  std::uint32_t sockets_ = 0;
  std::uint64_t made_ = 0;
  std::optional<std::uint64_t> watched_;
};

}  // namespace gossamer::simulation
