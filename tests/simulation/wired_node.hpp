// One boot of a node with its three pure cores, wired as a real node does: membership says who is
// there, the exchange carries every message between two nodes in order, and the room directory's
// frames are such messages. What comes out is handed to the derived class, which is the load.
//
// On a link each blob names the boot it is from and the boot it is for: the simulated link is one
// between machines, a real one between two boots. Membership's own bytes (syncs, pings over the
// link) go beside them, since they are for nodes that are no members yet. Each frame of a directory
// says when it was written, for the checks.
//
// The rules of the wiring:
// - a member is up for the exchange before the directory greets it, and down after;
// - a broken connection is a `link_lost` of the directory; messages of a peer that never came, and
//   a new session of it, are a `frames_lost`;
// - interest is flushed, as messages, before the data that depends on it;
// - what the directory says goes as `control`, so that data cannot crowd it out.
#pragma once

#include "runtime/cluster/exchange.hpp"
#include "runtime/directory/room_directory.hpp"
#include "tests/simulation/membership_node.hpp"

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

namespace gossamer::simulation {

struct wired_options {
  membership_options membership;
  directory::settings timing;
  cluster::link_settings link;
  /// Until then blobs are lost or handed on twice, and frames of the directory are damaged.
  time_point faults_until;
  std::uint32_t lost_of_1000 = 0;
  std::uint32_t doubled_of_1000 = 0;
  std::uint32_t damaged_of_1000 = 0;
  /// Speaks the version of the cluster's messages before this one.
  bool previous_version = false;
};

class wired_node : public node {
 public:
  void start(time_point now) override;
  void datagram(time_point now, const address& from, std::string_view bytes) final;
  void link_message(time_point now, const address& from, std::string_view bytes) final;
  void link_lost(time_point now, const address& peer) final;
  void tick(time_point now) final;
  [[nodiscard]] time_point wake() const final;
  void leave(time_point now) override;
  [[nodiscard]] bool stopped() const final { return members_.stopped(); }

  [[nodiscard]] const membership_node& members() const { return members_; }
  [[nodiscard]] const directory::room_directory& directory() const { return directory_; }
  [[nodiscard]] const cluster::exchange& exchange() const { return exchange_; }
  [[nodiscard]] const boot_info& boot() const { return members_.boot(); }
  [[nodiscard]] node_id self() const { return members_.swim().self().id; }
  [[nodiscard]] bool lives(const node_id& id) const;
  [[nodiscard]] std::vector<node_id> peers() const;

  // For the load.
  /// When the frame of a directory was written that is being read; now, if none is.
  [[nodiscard]] time_point written_at() const { return written_at_; }
  [[nodiscard]] random_source& random() { return env_.random(); }
  [[nodiscard]] time_point now() const { return now_; }
  [[nodiscard]] const wired_options& options() const { return options_; }
  /// Carries out what the directory wants done.
  void carry_out(directory::actions todo);
  [[nodiscard]] directory::room_directory& directory() { return directory_; }
  /// Whoever gets it may change the exchange.
  [[nodiscard]] cluster::exchange& touch_exchange() {
    touched_ = true;
    return exchange_;
  }
  /// Messages of the directory went to this peer, or came from it, since then.
  [[nodiscard]] bool murmured(const node_id& peer, time_point since) const;

 protected:
  wired_node(environment& env, const boot_info& boot, const wired_options& options, time_point now);

  /// For what the world asks of a node: between these two it may do anything.
  void begin_turn(time_point now) { now_ = written_at_ = now; }
  void settle();

  // What the cores say, within the turn in which they say it.
  virtual void on_member(const membership::notice& n) = 0;
  virtual void on_peer(const directory::notice& n) = 0;
  virtual void on_link(const cluster::link_notice& n) = 0;
  virtual void on_message(cluster::exchange_effects::delivery d) = 0;
  virtual void on_outcome(const cluster::request_outcome& r) = 0;
  virtual void on_outcome(const cluster::ack_outcome& r) = 0;
  virtual void on_unreadable(error_code why) = 0;
  /// This node goes on under another id: before, and after what waited has gone out.
  virtual void on_renewing() = 0;
  virtual void on_renewed() = 0;
  virtual void on_tick() = 0;
  [[nodiscard]] virtual time_point load_wake() const = 0;

 private:
  void noticed(const membership::notice& n);
  void renewed(const membership::member_record& r);
  void blob(const node_id& source, const node_id& target, std::string_view bytes);
  void deliver(cluster::exchange_effects::delivery d);
  void transmit(const cluster::exchange_effects::outgoing_blob& b);
  [[nodiscard]] bool chance_of_1000(std::uint32_t share);
  [[nodiscard]] bytes perhaps_damaged(const bytes& frame);

  environment& env_;
  wired_options options_;
  time_point now_;
  time_point written_at_;
  membership_node members_;
  directory::room_directory directory_;
  cluster::exchange exchange_;
  bool touched_ = true;
  time_point directory_wake_ = time_point::max();
  time_point exchange_wake_ = time_point::max();
  time_point reconcile_at_ = time_point::max();
  std::map<node_id, time_point> murmurs_;
};

}  // namespace gossamer::simulation
