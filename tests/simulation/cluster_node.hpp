// A simulated node of a cluster: the three cores, and a load that uses all of them. Broadcasts to
// rooms go where the directory says.
#pragma once

#include "tests/simulation/message_load.hpp"
#include "tests/simulation/room_load.hpp"
#include "tests/simulation/wired_node.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gossamer::simulation {

struct cluster_options {
  wired_options wired;
  /// How long a message takes to be dealt with, at most.
  duration work_max{};
  time_point load_until;
};

class cluster_node final : public wired_node {
 public:
  struct listener {
    membership_node::listener member;
    std::function<void(const cluster_node&, const directory::notice&)> peer;
    /// A broadcast to a room goes to these.
    std::function<void(const cluster_node&, std::uint64_t room, const std::vector<node_id>&)>
        routed;
    /// It was told to join a room, and does.
    std::function<void(const cluster_node&, const node_id& by, std::uint64_t room)> summoned;
    std::function<void(const cluster_node&, const std::string&)> wrong;
  };

  cluster_node(environment& env, const boot_info& boot, const cluster_options& options,
               time_point now, listener heard);

  void start(time_point now) override;
  void leave(time_point now) override;

  /// A broadcast after the load.
  void say_last(time_point now, std::uint64_t room);
  /// How many of the last ones it heard, by room.
  [[nodiscard]] const std::map<std::uint64_t, std::uint32_t>& last_words() const {
    return last_words_;
  }

  /// Did it speak in a room that it has others join, but not to this node?
  [[nodiscard]] bool passed_over(std::uint64_t room, const node_id& who) const;

  [[nodiscard]] const room_load& rooms() const { return rooms_; }
  [[nodiscard]] message_load& talk() { return talk_; }
  [[nodiscard]] const message_load& talk() const { return talk_; }
  void audit(time_point now) const;

 private:
  void on_member(const membership::notice& n) override;
  void on_peer(const directory::notice& n) override { heard_.peer(*this, n); }
  void on_link(const cluster::link_notice& n) override { talk_.link(n); }
  void on_message(cluster::exchange_effects::delivery d) override;
  void on_outcome(const cluster::request_outcome& r) override { talk_.ended(r); }
  void on_outcome(const cluster::ack_outcome& r) override { talk_.ended(r); }
  void on_unreadable(error_code why) override;
  void on_renewing() override { talk_.renewing(); }
  void on_renewed() override;
  void on_tick() override;
  [[nodiscard]] time_point load_wake() const override;

  void work();
  void say_in(std::uint64_t room, bool last);
  void summon();
  void poke();
  void relay(const node_id& origin, std::uint64_t seq, std::uint64_t room, std::uint64_t sent_at);
  void poked(const node_id& from, const cluster::server_emit& m);
  void wrong(const std::string& what) const { heard_.wrong(*this, what); }

  cluster_options options_;
  listener heard_;
  room_load rooms_;
  message_load talk_;
  time_point work_at_ = time_point::max();
  struct summons {
    std::uint64_t room;
    std::set<node_id> passed_over;
  };
  std::deque<summons> summoned_in_;
  std::map<std::uint64_t, std::uint32_t> last_words_;
};

}  // namespace gossamer::simulation
