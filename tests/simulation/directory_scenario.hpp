// Membership and directory under faults and a load of joins and leaves: what must hold for the
// directory.
//
// Always: who tells another that it is in a room is among the room's targets there; nothing is sent
// to who is not alive; no table of who left, none of the dead for longer than 60 s; a room stays
// published for a second after its last leave. 40 s after the faults (30 for membership, 10 for the
// directory; the load ends after 30): every node knows exactly what every other one published,
// which is exactly where it has members; counts are the true sums; digests agree. Afterwards: no
// sync is lost any more.
#pragma once

#include "tests/simulation/directory_node.hpp"
#include "tests/simulation/scenario.hpp"

#include <memory>
#include <string>

namespace gossamer::simulation {

class directory_scenario final : public scenario {
 public:
  [[nodiscard]] std::unique_ptr<node> make(environment& env, const boot_info& boot) override;
  void begin(world& w, const plan& p) override;
  void sample(world& w) override;
  [[nodiscard]] duration settle_time() const override { return seconds(40); }
  void settled(world& w) override;
  [[nodiscard]] duration calm_time() const override { return seconds(10); }
  void end(world& w) override { settled(w); }

 private:
  [[nodiscard]] const directory_node* running(std::size_t machine) const;
  void check_own(const directory_node& who);
  void check_pair(const directory_node& reader, const directory_node& writer);
  void check_counts(const directory_node& who);
  void wrong(const directory_node& who, const std::string& what);

  world* world_ = nullptr;
  directory_options options_;
  bool few_tags_ = false;
  bool calm_ = false;
};

}  // namespace gossamer::simulation
