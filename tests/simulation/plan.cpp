#include "tests/simulation/plan.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fmt/format.h>

namespace gossamer::simulation {

namespace {

constexpr std::array<std::string_view, fault_kinds> names{
    "loss",        "delay",   "duplication",  "reordering",        "one-way cut",
    "isolation",   "halves",  "islands",      "datagrams blocked", "pause",
    "crash",       "restart", "leave",        "clock step",        "slow",
    "full buffer", "junk",    "mass restart", "reinstall"};

/// What a healthy protocol takes without declaring anybody dead.
constexpr std::array gentle_kinds{
    fault_kind::loss,       fault_kind::delay, fault_kind::duplication,
    fault_kind::reordering, fault_kind::pause, fault_kind::clock_step,
    fault_kind::junk,       fault_kind::slow,  fault_kind::leave};

duration drawn(random_source& random, duration low, duration high) {
  return low + duration(static_cast<duration::rep>(
                   random.below(static_cast<std::uint64_t>((high - low).count()) + 1)));
}

double share(random_source& random, double max) {
  return max * static_cast<double>(random.below(1000) + 1) / 1000;
}

/// Trouble likes company: one in three faults hits the machine of the one before.
fault draw_fault(random_source& random, const plan& p) {
  fault f;
  f.kind = p.gentle ? gentle_kinds[random.below(gentle_kinds.size())]
                    : static_cast<fault_kind>(random.below(fault_kinds));
  f.machine = static_cast<std::size_t>(random.below(p.machines));
  if (!p.faults.empty() && random.below(3) == 0) f.machine = p.faults.back().machine;
  f.other = (f.machine + 1 + static_cast<std::size_t>(random.below(p.machines - 1))) % p.machines;
  f.share = share(random, p.gentle ? 0.10 : 0.5);
  f.amount = drawn(random, milliseconds(1), milliseconds(p.gentle ? 60 : 600));
  f.step = (random.below(2) == 0 ? -1 : 1) * static_cast<std::int64_t>(random.below(1'500'000'000));
  f.pattern = random.next();
  f.lasts = drawn(random, milliseconds(500), p.gentle ? milliseconds(3000) : milliseconds(25'000));
  if (f.kind == fault_kind::restart && random.below(2) == 0) f.lasts /= 50;
  return f;
}

std::vector<std::size_t> groups_of(const fault& f, std::size_t machines) {
  std::vector<std::size_t> groups(machines, 0);
  seeded_random random(f.pattern);
  const std::uint64_t parts = f.kind == fault_kind::halves ? 2 : 3 + random.below(2);
  for (std::size_t& g : groups) g = static_cast<std::size_t>(random.below(parts));
  return groups;
}

void isolate(world& w, std::size_t machine, bool on) {
  for (std::size_t i = 0; i < w.size(); ++i) {
    if (i == machine) continue;
    if (on) {
      w.net().cut(machine, i);
      w.net().cut(i, machine);
    } else {
      w.net().mend(machine, i);
      w.net().mend(i, machine);
    }
  }
}

void send_junk(world& w, const fault& f) {
  seeded_random random(f.pattern);
  for (std::size_t i = 0; i < 50; ++i) {
    std::string bytes(random.below(300), '\0');
    for (char& c : bytes) c = static_cast<char>(random.next());
    if (bytes.size() > 7 && random.below(2) == 0) {
      bytes.replace(0, 2, "g\x10");
      bytes[6] = '\x01';
    }
    w.inject(f.machine, f.other, bytes);
  }
}

/// All machines but one, within two seconds; that one is cut off and comes back with old news.
void restart_most(const fault& f, world& w) {
  isolate(w, f.other, true);
  seeded_random random(f.pattern);
  for (std::size_t i = 0; i < w.size(); ++i) {
    const duration down = drawn(random, {}, milliseconds(1000));
    const duration up = down + drawn(random, milliseconds(10), milliseconds(1000));
    if (i == f.other || !w.is_up(i)) continue;
    w.at(w.now() + down, [&w, i] { w.crash(i); });
    w.at(w.now() + up, [&w, i] { w.boot(i); });
  }
}

void begin(const fault& f, world& w) {
  conditions& c = w.net().now;
  switch (f.kind) {
    case fault_kind::loss: c.loss = f.share; return;
    case fault_kind::delay: c.extra_delay = f.amount; return;
    case fault_kind::duplication: c.duplication = f.share; return;
    case fault_kind::reordering: c.reordering = f.share; return;
    case fault_kind::one_way_cut: w.net().cut(f.machine, f.other); return;
    case fault_kind::isolation: isolate(w, f.machine, true); return;
    case fault_kind::halves:
    case fault_kind::islands: w.net().set_groups(groups_of(f, w.size())); return;
    case fault_kind::datagrams_blocked: w.net().block_datagrams(f.machine, true); return;
    case fault_kind::pause: w.pause(f.machine, f.lasts); return;
    case fault_kind::crash:
    case fault_kind::restart: w.crash(f.machine); return;
    case fault_kind::leave: w.leave(f.machine); return;
    case fault_kind::clock_step:
      w.step_clock(f.machine, f.step);
      if (f.pattern % 4 == 0) w.forget_disk(f.machine);
      return;
    case fault_kind::slow: w.slow_down(f.machine, f.amount); return;
    case fault_kind::full_buffer: w.limit_buffer(f.machine, 2); return;
    case fault_kind::junk: send_junk(w, f); return;
    case fault_kind::mass_restart: restart_most(f, w); return;
    case fault_kind::reinstall:
      w.crash(f.machine);
      w.step_clock(f.machine, -std::abs(f.step));
      w.forget_disk(f.machine);
      return;
  }
}

void end(const fault& f, world& w) {
  conditions& c = w.net().now;
  switch (f.kind) {
    case fault_kind::loss: c.loss = 0; return;
    case fault_kind::delay: c.extra_delay = {}; return;
    case fault_kind::duplication: c.duplication = 0; return;
    case fault_kind::reordering: c.reordering = 0; return;
    case fault_kind::one_way_cut: w.net().mend(f.machine, f.other); return;
    case fault_kind::isolation: isolate(w, f.machine, false); return;
    case fault_kind::halves:
    case fault_kind::islands: w.net().set_groups({}); return;
    case fault_kind::datagrams_blocked: w.net().block_datagrams(f.machine, false); return;
    case fault_kind::slow: w.slow_down(f.machine, {}); return;
    case fault_kind::full_buffer: w.limit_buffer(f.machine, world::socket_buffer_max); return;
    case fault_kind::leave:
    case fault_kind::crash: return;
    case fault_kind::reinstall:
    case fault_kind::restart: w.boot(f.machine); return;
    case fault_kind::mass_restart: isolate(w, f.other, false); return;
    case fault_kind::pause:
    case fault_kind::clock_step:
    case fault_kind::junk: return;
  }
}

void heal_all(const plan& p, world& w) {
  seeded_random random(p.seed ^ 0x6865616cU);
  w.net().heal();
  for (std::size_t i = 0; i < w.size(); ++i) {
    w.slow_down(i, {});
    w.limit_buffer(i, world::socket_buffer_max);
    if (random.below(3) != 0) w.boot(i);
  }
  bool any = false;
  for (std::size_t i = 0; i < w.size(); ++i) any = any || w.is_up(i);
  if (!any) w.boot(0);
  w.trace("all faults have ended");
}

}  // namespace

std::string_view text_of(fault_kind kind) {
  return names[static_cast<std::size_t>(kind)];
}

std::string fault::text() const {
  const auto ms = [](duration d) { return d / milliseconds(1); };
  std::string out =
      fmt::format("{:8} ms +{:6} ms {:18} n{}", ms(begins), ms(lasts), text_of(kind), machine);
  switch (kind) {
    case fault_kind::loss:
    case fault_kind::duplication:
    case fault_kind::reordering: return out + fmt::format(" share {:.2f}", share);
    case fault_kind::one_way_cut: return out + fmt::format(" to n{}", other);
    case fault_kind::delay:
    case fault_kind::slow: return out + fmt::format(" {} ms", ms(amount));
    case fault_kind::clock_step: return out + fmt::format(" {} us", step);
    default: return out;
  }
}

plan draw_plan(std::uint64_t seed, std::size_t machines, double minutes) {
  seeded_random random(seed);
  plan p;
  p.seed = seed;
  p.machines = machines != 0 ? machines : 5 + static_cast<std::size_t>(random.below(11));
  p.joined = p.machines > 128;
  p.gentle = random.below(4) == 0;
  const duration first = seconds(10);
  p.faults_end =
      first + std::chrono::duration_cast<duration>(std::chrono::duration<double>(minutes * 60));
  const std::size_t count = p.machines < 2 ? 0 : static_cast<std::size_t>(1 + random.below(12));
  for (std::size_t i = 0; i < count; ++i) {
    fault f = draw_fault(random, p);
    f.begins = drawn(random, first, p.faults_end);
    p.faults.push_back(f);
  }
  std::sort(p.faults.begin(), p.faults.end(),
            [](const fault& a, const fault& b) { return a.begins < b.begins; });
  // One at a time, with time to recover between.
  for (std::size_t i = 1; p.gentle && i < p.faults.size(); ++i) {
    fault& f = p.faults[i];
    f.begins = std::max(f.begins, p.faults[i - 1].begins + p.faults[i - 1].lasts + seconds(10));
  }
  if (p.gentle && !p.faults.empty()) {
    p.faults_end = std::max(p.faults_end, p.faults.back().begins + p.faults.back().lasts);
  }
  for (fault& f : p.faults) f.lasts = std::min(f.lasts, p.faults_end - f.begins);
  return p;
}

void schedule(const plan& p, world& w) {
  seeded_random random(p.seed ^ 0x626f6f74U);
  const time_point start = w.now();
  for (std::size_t i = 0; i < p.machines; ++i) {
    if (p.joined) {
      w.boot(i);
    } else {
      w.at(start + drawn(random, {}, p.boots_within), [&w, i] { w.boot(i); });
    }
  }
  for (const fault& f : p.faults) {
    w.at(start + f.begins, [&w, f] {
      w.trace("fault begins: " + f.text());
      begin(f, w);
    });
    w.at(std::min(start + f.begins + f.lasts, start + p.faults_end), [&w, f] {
      w.trace("fault ends:   " + f.text());
      end(f, w);
    });
  }
  w.at(start + p.faults_end, [p, &w] { heal_all(p, w); });
}

}  // namespace gossamer::simulation
