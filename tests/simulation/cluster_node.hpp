// One boot of a node with membership and exchange, wired as a real node does, and a load of
// messages: numbered broadcasts, joins and leaves, questions, broadcasts with acks.
//
// On a link each blob names the boot it is from and the boot it is for: the simulated link is one
// between machines, a real one between two boots. Everything that a node sends to another carries
// one rising number, so that any two messages can be compared.
#pragma once

#include "runtime/cluster/exchange.hpp"
#include "tests/simulation/membership_node.hpp"

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace gossamer::simulation {

struct cluster_options {
  membership_options membership;
  cluster::link_settings link;
  /// Until then the hub loses blobs, or hands one on twice.
  time_point faults_until;
  std::uint32_t lost_of_1000 = 0;
  std::uint32_t doubled_of_1000 = 0;
  /// How long a message takes to be dealt with, at most.
  duration work_max{};
  /// Speaks the version before this one.
  bool previous_version = false;
  time_point load_until;
};

class cluster_node final : public node {
 public:
  struct listener {
    membership_node::listener member;
    std::function<void(const cluster_node&, const std::string&)> wrong;
  };
  /// Messages to one peer under its present id, over all links: taken, and reported as not (or
  /// perhaps not) delivered.
  struct account {
    std::uint64_t taken_before = 0;  // by links that are over
    std::uint64_t came_before = 0;   // from it, while this node had another id
    std::uint64_t reported = 0;
    std::uint64_t lost = 0;
    std::uint64_t missed = 0;  // of its messages to us
  };

  cluster_node(environment& env, const boot_info& boot, cluster_options options, time_point now,
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
  [[nodiscard]] const cluster::exchange& exchange() const { return exchange_; }
  [[nodiscard]] const boot_info& boot() const { return members_.boot(); }
  [[nodiscard]] std::uint64_t taken_for(const node_id& peer) const;
  [[nodiscard]] const account& account_of(const node_id& peer) { return accounts_[peer]; }
  [[nodiscard]] std::uint64_t broadcasts_heard() const { return broadcasts_heard_; }
  [[nodiscard]] std::uint64_t requests_ended() const { return requests_ended_; }
  /// What must be true of itself at any time, and what when nobody says anything any more.
  void audit(time_point now) const;
  void audit_calm() const;

 private:
  struct job {
    time_point done_at;
    cluster::exchange_effects::delivery what;
  };
  struct asked {
    time_point deadline;
    std::set<node_id> members;
    std::set<node_id> died;
    std::set<node_id> refused_maybe;  // its link was full
  };
  struct from_peer {
    std::int64_t last = -1;  // the newest number
    bool inside = false;     // its room has our sockets
    bool gap = true;         // it has not been told since something may have been missed
    std::uint64_t session = 0;
  };
  struct late_answer {
    time_point when;
    cluster::owed_acks::key key;
    socket_id socket;
    bool leaves = false;
  };

  void noticed(const membership::notice& n);
  void up(const membership::member_record& r);
  void gone(const membership::member_record& r, bool for_ever);
  void renewed(const membership::member_record& r);
  void settle(time_point now);
  void transmit(const cluster::exchange_effects::outgoing_blob& b);
  void take_notice(const cluster::link_notice& n);

  void heard(const node_id& from, const cluster::message& m, time_point now);
  void heard_number(const node_id& from, std::int64_t number);
  void heard_broadcast(const node_id& from, const cluster::broadcast& m);
  void asked_acks(const node_id& from, const cluster::broadcast_ack& m, time_point now);
  void answer_late(time_point now);
  void finish_jobs(time_point now);
  void ended(const cluster::request_outcome& r);
  void ended(const cluster::ack_outcome& r);
  template <class Outcome>
  void check_asked(const Outcome& r, const asked& a, const std::vector<cluster::member>& missing);

  void work(time_point now);
  void say(time_point now);
  void ask_count(time_point now);
  void ask_acks(time_point now);
  [[nodiscard]] std::vector<node_id> peers() const;
  [[nodiscard]] asked new_request(const std::vector<node_id>& to, duration timeout,
                                  time_point now) const;
  void wrong(const std::string& what) const { heard_.wrong(*this, what); }

  environment& env_;
  cluster_options options_;
  listener heard_;
  time_point now_;
  membership_node members_;
  cluster::exchange exchange_;
  time_point work_at_ = time_point::max();
  std::int64_t number_ = 0;
  bool inside_ = false;  // our sockets on the other nodes are in our room
  std::uint32_t ack_ids_ = 0;
  std::deque<job> jobs_;
  std::vector<late_answer> late_;
  std::map<node_id, from_peer> from_;
  std::map<node_id, account> accounts_;
  std::map<cluster::request_id, asked> open_;
  std::uint64_t broadcasts_heard_ = 0;
  std::uint64_t requests_ended_ = 0;
};

}  // namespace gossamer::simulation
