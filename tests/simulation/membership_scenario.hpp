// Membership under faults: what every view of every node must satisfy.
//
// Always: notices of a member come in an order that makes sense, and no view holds two boots of
// one address alive. Under gentle faults: nobody that runs is declared dead. Within 30 s after the
// faults: each node's view is exactly the running nodes, all alive, with the records they have;
// tags are unique. Afterwards: nothing changes any more.
#pragma once

#include "tests/simulation/membership_node.hpp"
#include "tests/simulation/scenario.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>

namespace gossamer::simulation {

class membership_scenario final : public scenario {
 public:
  [[nodiscard]] std::unique_ptr<node> make(environment& env, const boot_info& boot) override;
  void begin(world& w, const plan& p) override;
  void sample(world& w) override;
  [[nodiscard]] duration settle_time() const override { return seconds(30); }
  void settled(world& w) override;
  [[nodiscard]] duration calm_time() const override { return seconds(15); }
  void end(world&) override {}

 private:
  struct seen {
    membership::status state;
    address at;
  };
  using view = std::map<node_id, seen>;

  void noticed(const membership_node& who, const membership::notice& n);
  void noticed_member(const membership_node& who, const membership::notice& n);
  void judge_death(const membership_node& who, const membership::notice& n);
  void check_bounds(const membership_node& who);
  void check_view(const membership_node& who);
  void check_fold(const membership_node& who);
  void check_tags();
  [[nodiscard]] const membership_node* running(std::size_t machine) const;
  [[nodiscard]] const membership_node* running(const node_id& id) const;
  void wrong(const membership_node& who, const std::string& what);

  world* world_ = nullptr;
  plan plan_;
  membership_options options_;
  std::uint64_t next_versions_ = 0;  // a bit per machine
  bool few_tags_ = false;            // so that they clash
  bool calm_ = false;
  std::set<node_id> gone_orderly_;
  std::map<std::uint64_t, view> views_;  // by boot
};

}  // namespace gossamer::simulation
