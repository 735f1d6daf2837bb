// The tables of docs/membership.md.
#include "tests/simulation/figures.hpp"

#include <fmt/format.h>

namespace gossamer::simulation {

namespace {

std::string times(const quantiles& q) {
  return fmt::format("{:.2f} / {:.2f}", q.p50, q.p99);
}

std::size_t trials_of(std::size_t nodes, bool quick) {
  const std::size_t many = nodes <= 10 ? 1000 : 300;
  return quick ? many / 10 : many;
}

std::string detection_table(bool quick) {
  std::string out =
      "| profile | N | loss | first suspect p50 / p99 (s) | first dead | all know | spread p99 |\n"
      "|---|---|---|---|---|---|---|\n";
  const auto row = [&](const char* name, const membership::profile& timing, std::size_t nodes,
                       double loss) {
    const detection d = measure_detection(nodes, trials_of(nodes, quick), loss, timing);
    out +=
        fmt::format("| {} | {} | {:.0f} % | {} | {} | {} | {:.2f} |\n", name, nodes, loss * 100,
                    times(d.first_suspect), times(d.first_dead), times(d.all_know), d.spread.p99);
  };
  const membership::profile usual = membership::default_profile();
  for (const std::size_t nodes : {3, 5, 10, 30, 100, 1000}) row("default", usual, nodes, 0);
  row("default", usual, 10, 0.1);
  row("default", usual, 100, 0.1);
  row("default", usual, 100, 0.3);
  for (const std::size_t nodes : {3, 5, 10, 100}) {
    row("fast", membership::fast_profile(), nodes, 0);
  }
  row("wan", membership::wan_profile(), 10, 0);
  return out;
}

std::string join_table(bool quick) {
  std::string out = "| N | loss | known to all p50 / p99 (s) | longest |\n|---|---|---|---|\n";
  const auto row = [&](std::size_t nodes, double loss) {
    const quantiles q = measure_join(nodes, trials_of(nodes, quick), loss);
    out += fmt::format("| {} | {:.0f} % | {} | {:.2f} |\n", nodes, loss * 100, times(q), q.max);
  };
  for (const std::size_t nodes : {3, 10, 100, 1000}) row(nodes, 0);
  row(100, 0.3);
  return out;
}

std::string false_death_table(bool quick) {
  std::string out =
      "| N | virtual hours | 5 % | 10 % | 20 % | 30 % | 30 %, datagrams only |\n"
      "|---|---|---|---|---|---|---|\n";
  for (const auto& [nodes, hours] :
       {std::pair<std::size_t, double>{3, 10}, {5, 10}, {10, 10}, {30, 2}, {100, 1}}) {
    const double long_enough = quick ? hours / 10 : hours;
    out += fmt::format("| {} | {} |", nodes, long_enough);
    for (const double loss : {0.05, 0.1, 0.2, 0.3}) {
      out += fmt::format(" {} |", measure_false_deaths(nodes, loss, long_enough, true));
    }
    out += fmt::format(" {} |\n", measure_false_deaths(nodes, 0.3, long_enough, false));
  }
  return out;
}

std::string traffic_table(bool) {
  std::string out = "| N | idle | 10 % loss |\n|---|---|---|\n";
  for (const std::size_t nodes : {3, 10, 30, 100, 1000}) {
    out += fmt::format("| {} | {:.2f} kbit/s | {:.2f} kbit/s |\n", nodes,
                       measure_traffic(nodes, 0) / 1000, measure_traffic(nodes, 0.1) / 1000);
  }
  return out;
}

std::string pause_table(bool quick) {
  std::string out =
      "| profile | N | pause | views that declared it dead | healthy nodes declared dead | back "
      "alive everywhere p50 / p99 (s) |\n|---|---|---|---|---|---|\n";
  const auto row = [&](const char* name, const membership::profile& timing, std::size_t nodes,
                       duration length) {
    const std::size_t trials = trials_of(nodes, quick) / 3;
    const pause_result r = measure_pause(nodes, trials, length, timing);
    out +=
        fmt::format("| {} | {} | {} s | {} of {} | {} | {} |\n", name, nodes, length / seconds(1),
                    r.false_deaths, trials * (nodes - 1), r.accused, times(r.back_alive));
  };
  for (const std::size_t nodes : {3, 5, 10, 100}) {
    row("default", membership::default_profile(), nodes, seconds(3));
  }
  for (const std::size_t nodes : {3, 10})
    row("fast", membership::fast_profile(), nodes, seconds(1));
  for (const std::size_t nodes : {3, 10, 100}) {
    row("default", membership::default_profile(), nodes, seconds(20));
  }
  return out;
}

std::string heal_table(bool quick) {
  std::string out = "| N | views whole p50 / p99 (s) | longest |\n|---|---|---|\n";
  for (const std::size_t nodes : {5, 10, 30, 100}) {
    const quantiles q = measure_heal(nodes, trials_of(nodes, quick) / 5);
    out += fmt::format("| {} | {} | {:.2f} |\n", nodes, times(q), q.max);
  }
  return out;
}

}  // namespace

std::string measure(std::string_view which, bool quick) {
  struct section {
    std::string_view name;
    std::string_view title;
    std::string (*table)(bool);
  };
  constexpr section sections[] = {
      {"crash", "One member crashes", detection_table},
      {"join", "One member joins", join_table},
      {"false", "Living members declared dead", false_death_table},
      {"traffic", "What a node sends", traffic_table},
      {"pause", "A process stands still", pause_table},
      {"heal", "A partition of 60 s ends", heal_table},
  };
  std::string out;
  for (const section& s : sections) {
    if (which != "all" && which != s.name) continue;
    out += fmt::format("### {}\n\n{}\n", s.title, s.table(quick));
  }
  return out;
}

}  // namespace gossamer::simulation
