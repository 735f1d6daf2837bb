#include "tests/simulation/figures.hpp"

#include <algorithm>
#include <cmath>

namespace gossamer::simulation {

using membership::notice_kind;
using membership::status;

namespace {

double in_seconds(duration d) {
  return std::chrono::duration<double>(d).count();
}

membership_options plain_options() {
  membership_options options;
  options.seeds = {world::address_of(0), world::address_of(1), world::address_of(2)};
  return options;
}

}  // namespace

steady_cluster::steady_cluster(std::uint64_t seed, std::size_t nodes, membership_options options)
    : options_(std::move(options)),
      world_(seed, nodes, [this](environment& env, const boot_info& boot) -> std::unique_ptr<node> {
        return std::make_unique<membership_node>(
            env, boot, options_, world_.now(),
            [this](const membership_node&, const membership::notice& n) { noticed(n); });
      }) {
  for (std::size_t i = 0; i < nodes; ++i) world_.boot(i);
  introduce_all(world_);
  world_.run_for(seconds(5));
  reset();
}

membership_node* steady_cluster::at(std::size_t machine) {
  return static_cast<membership_node*>(world_.process(machine));
}

void steady_cluster::noticed(const membership::notice& n) {
  const bool watched = n.about.id == tally_.watched;
  if (n.kind == notice_kind::up) ++tally_.ups;
  if (n.kind == notice_kind::suspected && watched) {
    tally_.first_suspicion = std::min(tally_.first_suspicion, world_.now());
  }
  if (n.kind != notice_kind::down) return;
  if (watched) {
    ++tally_.deaths;
    tally_.first_death = std::min(tally_.first_death, world_.now());
  }
  for (std::size_t i = 0; i < world_.size(); ++i) {
    if (world_.is_up(i) && at(i)->swim().self().id == n.about.id) ++tally_.false_deaths;
  }
}

std::size_t steady_cluster::without(const node_id& id) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < world_.size(); ++i) {
    if (!world_.is_up(i) || at(i)->swim().self().id == id) continue;
    const auto* m = at(i)->swim().find(id);
    if (m == nullptr || !m->is_live()) ++count;
  }
  return count;
}

std::size_t steady_cluster::believing(const node_id& id) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < world_.size(); ++i) {
    if (!world_.is_up(i)) continue;
    const auto* m = at(i)->swim().find(id);
    if (m != nullptr && m->state == status::alive) ++count;
  }
  return count;
}

quantiles quantiles_of(std::vector<double> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const auto at = [&](double q) {
    const auto index = static_cast<std::size_t>(std::ceil(q * static_cast<double>(values.size())));
    return values[std::min(values.size() - 1, index == 0 ? 0 : index - 1)];
  };
  return {at(0.50), at(0.99), values.back()};
}

detection measure_detection(std::size_t nodes, std::size_t trials, double loss,
                            const membership::profile& timing) {
  std::vector<double> suspect;
  std::vector<double> dead;
  std::vector<double> known;
  std::vector<double> spread;
  membership_options options = plain_options();
  options.timing = timing;
  // A large cluster loses several members one after the other, a small one is made anew.
  const std::size_t crashes = nodes >= 100 ? nodes / 50 : 1;
  for (std::uint64_t seed = 1; known.size() < trials; ++seed) {
    steady_cluster cluster(seed, nodes, options);
    world& w = cluster.sim();
    w.net().now.loss = loss;
    for (std::size_t victim = nodes - 1; victim >= nodes - crashes; --victim) {
      w.run_for(milliseconds(3000 + w.random().below(2000)));
      const node_id id = cluster.at(victim)->swim().self().id;
      cluster.reset(id);
      const time_point crashed = w.now();
      w.crash(victim);
      while (cluster.counted().deaths < victim && w.now() < crashed + seconds(90)) {
        w.run_for(milliseconds(10));
      }
      w.run_until_true(crashed + seconds(120), [&] { return cluster.without(id) == victim; });
      suspect.push_back(in_seconds(cluster.counted().first_suspicion - crashed));
      dead.push_back(in_seconds(cluster.counted().first_death - crashed));
      known.push_back(in_seconds(w.now() - crashed));
      spread.push_back(known.back() - dead.back());
    }
  }
  return {quantiles_of(suspect), quantiles_of(dead), quantiles_of(known), quantiles_of(spread)};
}

quantiles measure_join(std::size_t nodes, std::size_t trials, double loss) {
  std::vector<double> known;
  const std::size_t joins = nodes >= 100 ? 20 : 1;
  for (std::uint64_t seed = 1; known.size() < trials; ++seed) {
    steady_cluster cluster(seed, nodes, plain_options());
    world& w = cluster.sim();
    w.net().now.loss = loss;
    for (std::size_t i = 0; i < joins; ++i) {
      const std::size_t machine = nodes - 1;
      w.crash(machine);
      w.run_for(seconds(40));
      cluster.reset();
      const time_point booted = w.now();
      w.boot(machine);
      const node_id id = cluster.at(machine)->swim().self().id;
      while (cluster.counted().ups < nodes - 1 && w.now() < booted + seconds(60)) {
        w.run_for(milliseconds(5));
      }
      w.run_until_true(booted + seconds(60), [&] { return cluster.believing(id) == nodes - 1; });
      known.push_back(in_seconds(w.now() - booted));
    }
  }
  return quantiles_of(known);
}

std::uint64_t measure_false_deaths(std::size_t nodes, double loss, double hours, bool link_pings) {
  std::uint64_t deaths = 0;
  membership_options options = plain_options();
  options.link_pings = link_pings;
  const auto runs = static_cast<std::uint64_t>(std::max(1.0, hours));
  for (std::uint64_t seed = 1; seed <= runs; ++seed) {
    steady_cluster cluster(seed, nodes, options);
    cluster.sim().net().now.loss = loss;
    cluster.sim().run_for(std::chrono::duration_cast<duration>(
        std::chrono::duration<double>(3600 * hours / static_cast<double>(runs))));
    deaths += cluster.counted().false_deaths;
  }
  return deaths;
}

double measure_traffic(std::size_t nodes, double loss) {
  membership_options options = plain_options();
  options.encryption = membership::encryption::required;
  steady_cluster cluster(1, nodes, options);
  cluster.sim().net().now.loss = loss;
  const traffic before = cluster.sim().moved();
  const double length = 300;
  cluster.sim().run_for(seconds(300));
  const traffic after = cluster.sim().moved();
  const auto bytes = static_cast<double>(after.datagram_bytes - before.datagram_bytes +
                                         after.link_bytes - before.link_bytes);
  return bytes * 8 / length / static_cast<double>(nodes);
}

pause_result measure_pause(std::size_t nodes, std::size_t trials, duration length,
                           const membership::profile& timing) {
  pause_result result;
  std::vector<double> back;
  membership_options options = plain_options();
  options.timing = timing;
  for (std::uint64_t seed = 1; seed <= trials; ++seed) {
    steady_cluster cluster(seed, nodes, options);
    world& w = cluster.sim();
    w.run_for(milliseconds(w.random().below(3000)));
    const node_id id = cluster.at(0)->swim().self().id;
    w.pause(0, length);
    w.run_for(length);
    result.false_deaths += cluster.without(id);
    const std::uint64_t others = cluster.counted().false_deaths - cluster.without(id);
    const time_point resumed = w.now();
    w.run_until_true(resumed + seconds(60), [&] { return cluster.believing(id) == nodes - 1; });
    back.push_back(in_seconds(w.now() - resumed));
    const std::uint64_t before = cluster.counted().false_deaths;
    w.run_for(seconds(30));
    result.accused += others + (cluster.counted().false_deaths - before);
  }
  result.back_alive = quantiles_of(back);
  return result;
}

quantiles measure_heal(std::size_t nodes, std::size_t trials) {
  std::vector<double> healed;
  for (std::uint64_t seed = 1; seed <= trials; ++seed) {
    steady_cluster cluster(seed, nodes, plain_options());
    world& w = cluster.sim();
    std::vector<std::size_t> groups(nodes, 0);
    for (std::size_t i = 0; i < nodes * 2 / 5; ++i) groups[i] = 1;
    w.net().set_groups(groups);
    w.run_for(seconds(60));
    w.net().heal();
    const time_point begun = w.now();
    const auto whole = [&] {
      for (std::size_t i = 0; i < nodes; ++i) {
        if (cluster.believing(cluster.at(i)->swim().self().id) != nodes - 1) return false;
      }
      return true;
    };
    while (!whole() && w.now() < begun + seconds(120)) w.run_for(milliseconds(50));
    healed.push_back(in_seconds(w.now() - begun));
  }
  return quantiles_of(healed);
}

}  // namespace gossamer::simulation
