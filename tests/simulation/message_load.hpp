// What a simulated node says to the others and expects to hear: numbered broadcasts, joins and
// leaves of sockets elsewhere, questions, broadcasts with acks; and the account of each link.
//
// Everything that a node says carries one rising number, so that any two messages of one sender can
// be compared, whatever they are.
#pragma once

#include "tests/simulation/wired_node.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace gossamer::simulation {

class message_load {
 public:
  using report = std::function<void(const std::string&)>;
  /// Messages to one peer under its present id, over all links: taken, and reported as not (or
  /// perhaps not) delivered.
  struct account {
    std::uint64_t taken_before = 0;  // by links that are over
    std::uint64_t came_before = 0;   // from it, while this node had another id
    std::uint64_t reported = 0;
    std::uint64_t lost = 0;
    std::uint64_t missed = 0;  // of its messages to us
  };

  message_load(wired_node& owner, duration work_max, report wrong)
      : node_(owner), work_max_(work_max), wrong_(std::move(wrong)) {}

  /// One step: says or asks something.
  void work();
  /// Deals with what was heard, answers what was asked.
  void keep_up();
  [[nodiscard]] time_point wake() const;
  /// Tells these nodes, in order with all else. The message gets its number from `next_number`.
  void tell(const std::vector<node_id>& to, const cluster::message& m);
  [[nodiscard]] std::int64_t next_number() { return number_++; }

  // What the node hears.
  void member_gone(const node_id& who, bool for_ever);
  void renewing();
  void renewed() { accounts_ = std::move(fresh_accounts_); }
  void link(const cluster::link_notice& n);
  /// Checks the message and has it dealt with, in a while.
  void heard(cluster::exchange_effects::delivery d);
  void ended(const cluster::request_outcome& r);
  void ended(const cluster::ack_outcome& r);

  [[nodiscard]] std::uint64_t taken_for(const node_id& peer) const;
  [[nodiscard]] const account& account_of(const node_id& peer) { return accounts_[peer]; }
  [[nodiscard]] std::uint64_t broadcasts_heard() const { return broadcasts_heard_; }
  /// What must be true of itself at any time, and what when nobody says anything any more but
  /// directories.
  void audit(time_point now) const;
  void audit_calm(time_point now) const;

 private:
  static constexpr int sockets_of_a_node = 3;
  struct job {
    time_point done_at;
    node_id from;
    cluster::message_place place;
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
  };
  struct late_answer {
    time_point when;
    cluster::owed_acks::key key;
    socket_id socket;
    bool leaves = false;
  };

  void hear(const node_id& from, const cluster::message& m);
  void heard_number(const node_id& from, std::int64_t number);
  void heard_broadcast(const node_id& from, const cluster::broadcast& m);
  void heard_question(const node_id& from, const cluster::count_sockets& m);
  void asked_acks(const node_id& from, const cluster::broadcast_ack& m);
  void answer_late();
  template <class Outcome>
  void check_asked(const Outcome& r, const asked& a, const std::vector<cluster::member>& missing);

  [[nodiscard]] socket_id socket_at(int index) const;
  void say();
  void move_sockets();
  void ask_count();
  void ask_acks();
  [[nodiscard]] asked new_request(const std::vector<node_id>& to, duration timeout) const;

  wired_node& node_;
  duration work_max_;
  report wrong_;
  std::int64_t number_ = 0;
  bool inside_ = false;  // our sockets on the other nodes are in our room
  std::uint32_t ack_ids_ = 0;
  std::deque<job> jobs_;
  std::vector<late_answer> late_;
  std::map<node_id, from_peer> from_;
  std::map<node_id, account> accounts_;
  std::map<node_id, account> fresh_accounts_;
  std::map<cluster::request_id, asked> open_;
  std::uint64_t broadcasts_heard_ = 0;
};

}  // namespace gossamer::simulation
