// The simulator as a program: runs seeds, prints what failed, and measures the figures of
// docs/membership.md.
#include "runtime/directory/node_set.hpp"
#include "tests/simulation/cluster_scenario.hpp"
#include "tests/simulation/figures.hpp"
#include "tests/simulation/membership_scenario.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <fmt/format.h>
#include <mutex>
#include <string>
#include <thread>

namespace {

using namespace gossamer::simulation;

struct options {
  std::uint64_t seed = 1;
  std::uint64_t count = 1;
  std::size_t nodes = 0;
  double minutes = 1;
  bool trace = false;
  std::string figures;
  bool quick = false;
  unsigned threads = 1;
  std::string of = "node";
};

scenario_factory factory_of(const options& o) {
  if (o.of == "membership") return [] { return std::make_unique<membership_scenario>(); };
  return [] { return std::make_unique<cluster_scenario>(); };
}

/// Runs all seeds on a few threads; prints failures as they come. Returns how many failed.
std::uint64_t run_all(const options& o) {
  std::atomic<std::uint64_t> next = 0;
  std::atomic<std::uint64_t> failed = 0;
  std::mutex printing;
  const scenario_factory make = factory_of(o);
  const auto work = [&] {
    for (std::uint64_t i = next++; i < o.count; i = next++) {
      const plan p = draw_plan(o.seed + i, o.nodes, o.minutes);
      outcome got = run(p, make, o.trace);
      if (!got.ok()) {
        ++failed;
        std::fputs(
            fmt::format("seed {} failed: {}\n", p.seed, fmt::join(got.violations, "; ")).c_str(),
            stderr);
        if (failed <= 5) got = minimise(p, make);
      }
      const std::scoped_lock lock(printing);
      if (!got.ok() || o.trace) std::fputs(report(got).c_str(), stdout);
    }
  };
  const unsigned count =
      o.threads != 0 ? o.threads : std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < count; ++t) threads.emplace_back(work);
  for (std::thread& t : threads) t.join();
  return failed;
}

}  // namespace

int main(int argc, char** argv) {
  options o;
  CLI::App app{"Simulates clusters under faults; every run follows from its seed."};
  app.add_option("--seed", o.seed, "the first seed");
  app.add_option("--count", o.count, "how many seeds");
  app.add_option("--nodes", o.nodes, "machines in each run; 0: 5 to 15, drawn");
  app.add_option("--minutes", o.minutes, "virtual minutes with faults");
  app.add_option("--threads", o.threads, "runs at the same time; 0: as many as there are cores");
  app.add_option("--of", o.of,
                 "what runs on each machine: a whole node under a load, or its membership only")
      ->check(CLI::IsMember({"node", "membership"}));
  app.add_flag("--trace", o.trace, "print the transcript of every run");
  app.add_option("--figures", o.figures,
                 "measure and print a table of docs/membership.md: crash, join, false, traffic, "
                 "pause, heal or all");
  app.add_flag("--quick", o.quick, "with --figures: fewer trials");
  CLI11_PARSE(app, argc, argv);
  if (!o.figures.empty()) {
    std::fputs(measure(o.figures, o.quick).c_str(), stdout);
    return 0;
  }
  if (o.of == "node" && o.nodes > gossamer::directory::slots_max) {
    std::fputs("--nodes: a directory has 128 slots; more machines with --of membership\n", stderr);
    return 2;
  }
  const std::uint64_t failed = run_all(o);
  std::printf("%llu of %llu seeds failed\n", static_cast<unsigned long long>(failed),
              static_cast<unsigned long long>(o.count));
  return failed == 0 ? 0 : 1;
}
