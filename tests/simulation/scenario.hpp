// What is simulated and what must hold: the nodes of a run and the checks over it.
//
// Another layer plugs in here: its own node (all cores wired) and its own checks, run under the
// same plans by the same campaign.
#pragma once

#include "tests/simulation/plan.hpp"

#include <memory>
#include <string>
#include <vector>

namespace gossamer::simulation {

class scenario {
 public:
  virtual ~scenario() = default;

  /// Makes the process of one boot. Called after `begin`.
  [[nodiscard]] virtual std::unique_ptr<node> make(environment& env, const boot_info& boot) = 0;
  /// Before anything runs.
  virtual void begin(world& w, const plan& p) = 0;
  /// All machines of a plan that begins joined have booted: makes them known to each other.
  virtual void introduce(world& w) = 0;
  /// Every virtual second.
  virtual void sample(world& w) = 0;
  /// How long after the faults views must agree; `settled` is called then.
  [[nodiscard]] virtual duration settle_time() const = 0;
  virtual void settled(world& w) = 0;
  /// After a further calm time.
  [[nodiscard]] virtual duration calm_time() const = 0;
  virtual void end(world& w) = 0;

  /// What did not hold, in order.
  [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }

 protected:
  void violated(const world& w, const std::string& what);

 private:
  std::vector<std::string> violations_;
};

using scenario_factory = std::function<std::unique_ptr<scenario>()>;

struct outcome {
  std::uint64_t seed = 0;
  std::vector<std::string> violations;
  std::vector<std::string> transcript;
  plan planned;
  [[nodiscard]] bool ok() const { return violations.empty(); }
};

/// One run of one plan. `trace` keeps the transcript.
[[nodiscard]] outcome run(const plan& p, const scenario_factory& make, bool trace);

/// Leaves out faults as long as the run still fails; the transcript is that of the last failure.
[[nodiscard]] outcome minimise(const plan& failing, const scenario_factory& make);

/// Seed, faults, violations and the transcript, for people.
[[nodiscard]] std::string report(const outcome& o);

}  // namespace gossamer::simulation
