// Whole nodes under faults and a load: what must hold for membership, rooms and messages together.
//
// Always:
// - of one sender, no message twice and none before an earlier one (invariants 1 and 2); what
//   follows a join or leave finds it done (3);
// - who says to another that it is in a room is among the room's targets there; a join that all
//   have acknowledged is known to each of them, and one that another node asked for to that node
//   from the moment it asked; a table that is trusted lacks nothing old; nothing is sent to who is
//   not alive;
// - a request ends by its time, at once when only the dead are left, and its result accounts for
//   everybody who was asked; bounds hold;
// - no table of who left, none of the dead for longer than 60 s (5); never two boots of one address
//   alive (6).
// 40 s after the faults (30 for membership, 10 for the directory; the load ends after 20): views
// are the running nodes (6); every node knows exactly what every other one published, which is
// exactly where it has members; counts are the true sums; digests agree (5).
// In the end: a broadcast to a room reaches each node with members once and no other; every queue
// and window is empty, no request is open, and between any two nodes each message that was taken
// was delivered or reported (4); nothing lost its sync any more.
#pragma once

#include "tests/simulation/cluster_node.hpp"
#include "tests/simulation/scenario.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace gossamer::simulation {

class cluster_scenario final : public scenario {
 public:
  [[nodiscard]] std::unique_ptr<node> make(environment& env, const boot_info& boot) override;
  void begin(world& w, const plan& p) override;
  void introduce(world&) override {}  // their seeds are enough for as many as a directory has slots
  void sample(world& w) override;
  [[nodiscard]] duration settle_time() const override { return seconds(40); }
  void settled(world& w) override;
  [[nodiscard]] duration calm_time() const override { return seconds(15); }
  void end(world& w) override;

  /// Over all nodes that ran at the end: so that a run cannot pass by being silent.
  [[nodiscard]] std::uint64_t broadcasts_heard() const { return broadcasts_heard_; }

 private:
  [[nodiscard]] cluster_node* running(std::size_t machine) const;
  [[nodiscard]] const cluster_node* running(const node_id& id) const;
  [[nodiscard]] std::vector<cluster_node*> all() const;
  void heard_member(const membership_node& who, const membership::notice& n);
  void heard_peer(const cluster_node& who, const directory::notice& n);
  void check_synced(const cluster_node& who, const node_id& about);
  void summoned(const cluster_node& who, const node_id& by, std::uint64_t room);
  void routed(const cluster_node& who, std::uint64_t room, const std::vector<node_id>& to);
  void check_view(const cluster_node& who);
  void check_own(const cluster_node& who);
  void check_pair(const cluster_node& reader, const cluster_node& writer);
  void check_counts(const cluster_node& who);
  void begin_last_words();
  void check_last_words(const cluster_node& who);
  void check_account(cluster_node& from, cluster_node& to);
  void wrong(const cluster_node& who, const std::string& what);

  world* world_ = nullptr;
  cluster_options options_;
  std::uint64_t previous_versions_ = 0;  // a bit per machine
  bool few_tags_ = false;
  bool calm_ = false;
  std::set<std::uint64_t> last_rooms_;
  std::uint64_t broadcasts_heard_ = 0;
};

}  // namespace gossamer::simulation
