// Membership under faults: what every view of every node must satisfy.
//
// Always: notices of a member come in an order that makes sense, no view holds two boots of one
// address alive, only who leaves is believed to have left, and only a later boot takes an address.
// Under gentle faults: nobody that runs is declared dead. Within 30 s after the faults: each node's
// view is exactly the running nodes, all alive, with the records they have; tags are unique. Then
// one node leaves, which all know within 3 s, and one crashes, which all know within 25 s.
// Afterwards: nothing changes any more.
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
  void introduce(world& w) override { introduce_all(w); }
  void sample(world& w) override;
  [[nodiscard]] duration settle_time() const override { return seconds(30); }
  void settled(world& w) override;
  [[nodiscard]] duration calm_time() const override { return seconds(40); }
  void end(world&) override {}

 private:
  struct view {
    std::map<node_id, membership::status> states;
    std::map<address, node_id> live_at;
  };

  void noticed(const membership_node& who, const membership::notice& n);
  void noticed_member(const membership_node& who, const membership::notice& n);
  void judge_death(const membership_node& who, const membership::notice& n);
  void judge_replacement(const membership_node& who, const membership::member_record& about);
  void begin_last_events();
  void check_gone(const node_id& id, std::string_view how);
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
  std::size_t sampled_ = 0;
  std::set<node_id> left_;  // or were replaced
  std::map<address, std::multimap<std::uint64_t, node_id>> epochs_;
  std::map<std::size_t, std::uint64_t> deaths_;  // by machine, of its process that runs
  std::map<std::uint64_t, view> views_;          // by boot
};

}  // namespace gossamer::simulation
