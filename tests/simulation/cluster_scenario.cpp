#include "tests/simulation/cluster_scenario.hpp"

#include <fmt/format.h>

namespace gossamer::simulation {

void cluster_scenario::begin(world& w, const plan& p) {
  world_ = &w;
  seeded_random random(p.seed ^ 0x636cU);
  for (std::size_t i = 0; i < std::min<std::size_t>(3, p.machines); ++i) {
    options_.membership.seeds.push_back(world::address_of(i));
  }
  options_.faults_until = w.now() + p.faults_end;
  options_.load_until = w.now() + p.faults_end + seconds(35);
  if (random.below(2) == 0)
    options_.lost_of_1000 = 1 + static_cast<std::uint32_t>(random.below(30));
  if (random.below(3) == 0) options_.doubled_of_1000 = 10;
  if (random.below(3) == 0) options_.work_max = milliseconds(10 + random.below(400));
  if (random.below(3) == 0) previous_versions_ = random.next();
  auto& link = options_.link;
  if (random.below(2) == 0) {  // links that are often full
    link.window_bytes = 500 + random.below(2000);
    link.window_blobs = 2 + random.below(20);
    link.queue_bytes_max = 1000 + random.below(4000);
    link.batch_bytes = 200 + random.below(500);
  }
  if (random.below(3) == 0) link.batch_delay = milliseconds(random.below(20));
}

std::unique_ptr<node> cluster_scenario::make(environment& env, const boot_info& boot) {
  cluster_options options = options_;
  options.previous_version = ((previous_versions_ >> (boot.machine % 64)) & 1U) != 0;
  auto made = std::make_unique<cluster_node>(
      env, boot, options, world_->now(),
      cluster_node::listener{
          [this](const membership_node& who, const membership::notice& n) {
            if (n.kind == membership::notice_kind::renewed) {
              world_->persist_epoch(who.boot().machine, n.about.epoch);
            }
            world_->trace(fmt::format("n{} says {} {}#{:04x}", who.boot().machine, text_of(n.kind),
                                      n.about.name, n.about.id.low & 0xffffU));
          },
          [this](const cluster_node& who, const std::string& what) { wrong(who, what); }});
  world_->persist_epoch(boot.machine, made->members().swim().self().epoch);
  return made;
}

void cluster_scenario::wrong(const cluster_node& who, const std::string& what) {
  world_->trace(fmt::format("n{} WRONG {}", who.boot().machine, what));
  violated(*world_, fmt::format("n{}: {}", who.boot().machine, what));
}

cluster_node* cluster_scenario::running(std::size_t machine) const {
  return static_cast<cluster_node*>(world_->process(machine));
}

void cluster_scenario::sample(world& w) {
  for (std::size_t i = 0; i < w.size(); ++i) {
    if (const auto* who = running(i); who != nullptr && !w.is_paused(i)) who->audit(w.now());
  }
}

void cluster_scenario::settled(world& w) {
  for (std::size_t i = 0; i < w.size(); ++i) {
    for (std::size_t j = 0; j < w.size(); ++j) {
      const auto* from = running(i);
      const auto* to = running(j);
      if (from == nullptr || to == nullptr || from == to) continue;
      if (!from->exchange().is_up(to->members().swim().self().id)) wrong(*from, "misses a member");
    }
  }
}

void cluster_scenario::end(world& w) {
  for (std::size_t i = 0; i < w.size(); ++i) {
    cluster_node* from = running(i);
    if (from == nullptr) continue;
    from->audit_calm();
    broadcasts_heard_ += from->broadcasts_heard();
    for (std::size_t j = 0; j < w.size(); ++j) {
      cluster_node* to = running(j);
      if (to != nullptr && to != from) check_pair(*from, *to);
    }
  }
}

/// What was taken for a peer was delivered to it, or reported to the sender.
void cluster_scenario::check_pair(cluster_node& from, cluster_node& to) {
  const node_id source = from.members().swim().self().id;
  const node_id target = to.members().swim().self().id;
  const auto* in = to.exchange().incoming(source);
  if (in == nullptr || from.exchange().outgoing(target) == nullptr) return;
  const std::uint64_t taken = from.taken_for(target);
  const std::uint64_t came = in->counters().received - to.account_of(source).came_before;
  const std::uint64_t reported = from.account_of(target).reported;
  const std::uint64_t lost = from.account_of(target).lost;
  const std::string counts = fmt::format(" for n{}: {} taken, {} delivered, {} reported",
                                         to.boot().machine, taken, came, reported);
  if (came > taken) wrong(from, "more was delivered than was sent" + counts);
  if (came + reported < taken) wrong(from, "messages vanished" + counts);
  if (came + lost > taken) wrong(from, "messages are called lost that came" + counts);
}

}  // namespace gossamer::simulation
