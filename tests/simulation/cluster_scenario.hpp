// Membership and exchange under faults and a load of messages: what must hold for messages.
//
// Always: of one sender, no message twice and none before an earlier one (invariants 1 and 2); what
// follows a join or leave finds it done (3); a request ends by its time, at once when only the dead
// are left, and its result accounts for everybody who was asked; bounds hold. When the load is
// over: every queue and window is empty, no request is open, and between any two nodes each message
// that was taken was delivered or reported (4).
#pragma once

#include "tests/simulation/cluster_node.hpp"
#include "tests/simulation/scenario.hpp"

#include <memory>
#include <string>

namespace gossamer::simulation {

class cluster_scenario final : public scenario {
 public:
  [[nodiscard]] std::unique_ptr<node> make(environment& env, const boot_info& boot) override;
  void begin(world& w, const plan& p) override;
  void sample(world& w) override;
  [[nodiscard]] duration settle_time() const override { return seconds(40); }
  void settled(world& w) override;
  [[nodiscard]] duration calm_time() const override { return seconds(15); }
  void end(world& w) override;

  /// Over all nodes that ran at the end: so that a run cannot pass by being silent.
  [[nodiscard]] std::uint64_t broadcasts_heard() const { return broadcasts_heard_; }

 private:
  [[nodiscard]] cluster_node* running(std::size_t machine) const;
  void check_pair(cluster_node& from, cluster_node& to);
  void wrong(const cluster_node& who, const std::string& what);

  world* world_ = nullptr;
  cluster_options options_;
  std::uint64_t previous_versions_ = 0;  // a bit per machine
  std::uint64_t broadcasts_heard_ = 0;
};

}  // namespace gossamer::simulation
