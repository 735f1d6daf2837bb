#include "tests/simulation/scenario.hpp"

#include <fmt/format.h>

namespace gossamer::simulation {

void scenario::violated(const world& w, const std::string& what) {
  constexpr std::size_t kept_max = 20;
  if (violations_.size() >= kept_max) return;
  violations_.push_back(fmt::format("{:9.3f} {}", w.at_seconds(w.now()), what));
}

outcome run(const plan& p, const scenario_factory& make, bool trace) {
  const std::unique_ptr<scenario> checked = make();
  world w(p.seed, p.machines,
          [&](environment& env, const boot_info& boot) { return checked->make(env, boot); });
  w.set_tracing(trace);
  checked->begin(w, p);
  schedule(p, w);
  if (p.joined) checked->introduce(w);
  const time_point settled = w.now() + p.faults_end + checked->settle_time();
  const time_point end = settled + checked->calm_time();
  while (w.now() < settled) {
    w.run_until(std::min(settled, w.now() + seconds(1)));
    checked->sample(w);
  }
  checked->settled(w);
  while (w.now() < end) {
    w.run_until(std::min(end, w.now() + seconds(1)));
    checked->sample(w);
  }
  checked->end(w);
  return {p.seed, checked->violations(), w.transcript(), p};
}

outcome minimise(const plan& failing, const scenario_factory& make) {
  plan smallest = failing;
  for (std::size_t i = 0; i < smallest.faults.size();) {
    plan smaller = smallest;
    smaller.faults.erase(smaller.faults.begin() + static_cast<std::ptrdiff_t>(i));
    if (run(smaller, make, false).ok()) {
      ++i;
    } else {
      smallest = smaller;
    }
  }
  return run(smallest, make, true);
}

std::string report(const outcome& o) {
  std::string out = fmt::format("seed {} with {} machines{}\n", o.seed, o.planned.machines,
                                o.planned.gentle ? ", gentle" : "");
  for (const fault& f : o.planned.faults) out += "  " + f.text() + "\n";
  for (const std::string& v : o.violations) out += "violated: " + v + "\n";
  for (const std::string& line : o.transcript) out += "  " + line + "\n";
  return out;
}

}  // namespace gossamer::simulation
