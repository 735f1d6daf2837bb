#include "tests/simulation/membership_scenario.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace gossamer::simulation {

using membership::notice;
using membership::notice_kind;
using membership::status;

namespace {

std::string name_of(const membership::member_record& r) {
  return fmt::format("{}#{:04x}.{}", r.name, r.id.low & 0xffffU, r.incarnation);
}

bool about_another(notice_kind kind) {
  return kind <= notice_kind::updated;
}

}  // namespace

void membership_scenario::begin(world& w, const plan& p) {
  world_ = &w;
  plan_ = p;
  seeded_random random(p.seed ^ 0x6f7074U);
  for (std::size_t i = 0; i < std::min<std::size_t>(3, p.machines); ++i) {
    options_.seeds.push_back(world::address_of(i));
  }
  if (random.below(4) == 0) options_.encryption = membership::encryption::required;
  if (random.below(3) == 0) next_versions_ = random.next();
  if (random.below(5) == 0) options_.greeting = milliseconds(500);
  options_.link_pings = random.below(4) != 0;
  few_tags_ = random.below(4) == 0;
}

std::unique_ptr<node> membership_scenario::make(environment& env, const boot_info& boot) {
  membership_options options = options_;
  options.next_version = ((next_versions_ >> (boot.machine % 64)) & 1U) != 0;
  if (few_tags_) options.tag = node_tag{static_cast<std::uint32_t>(boot.boot % 3)};
  auto made = std::make_unique<membership_node>(
      env, boot, options, world_->now(),
      [this](const membership_node& who, const notice& n) { noticed(who, n); });
  made->on_leave = [this](const node_id& id) { left_.insert(id); };
  const auto& self = made->swim().self();
  world_->persist_epoch(boot.machine, self.epoch);
  epochs_[self.at].emplace(self.epoch, self.id);
  deaths_.erase(boot.machine);
  return made;
}

void membership_scenario::wrong(const membership_node& who, const std::string& what) {
  violated(*world_, fmt::format("n{}: {}", who.boot().machine, what));
}

void membership_scenario::noticed(const membership_node& who, const notice& n) {
  world_->trace(
      fmt::format("n{} says {} {}", who.boot().machine, text_of(n.kind), name_of(n.about)));
  if (n.kind == notice_kind::renewed) {
    world_->persist_epoch(who.boot().machine, n.about.epoch);
    epochs_[n.about.at].emplace(n.about.epoch, n.about.id);
  }
  if (n.kind == notice_kind::name_taken) wrong(who, "believes its name is taken");
  if (about_another(n.kind)) noticed_member(who, n);
  const bool change = about_another(n.kind) || n.kind == notice_kind::refuted ||
                      n.kind == notice_kind::renewed || n.kind == notice_kind::tag_changed;
  if (calm_ && change) {
    wrong(who, fmt::format("{} {} while all is calm", text_of(n.kind), name_of(n.about)));
  }
}

/// Keeps the view that a listener would have, and checks each step of it.
void membership_scenario::noticed_member(const membership_node& who, const notice& n) {
  view& seen_by = views_[who.boot().boot];
  const auto known = seen_by.states.find(n.about.id);
  const bool is_known = known != seen_by.states.end();
  const bool live =
      is_known && (known->second == status::alive || known->second == status::suspect);
  const auto gone = [&](status how) {
    seen_by.states[n.about.id] = how;
    const auto holder = seen_by.live_at.find(n.about.at);
    if (holder != seen_by.live_at.end() && holder->second == n.about.id) {
      seen_by.live_at.erase(holder);
    }
  };
  const auto expect = [&](bool sensible) {
    if (!sensible) wrong(who, fmt::format("{} {} out of order", text_of(n.kind), name_of(n.about)));
  };
  switch (n.kind) {
    case notice_kind::up:
      expect(!live && (!is_known || known->second == status::dead));
      if (!seen_by.live_at.try_emplace(n.about.at, n.about.id).second) {
        wrong(who, "two boots of " + n.about.at.text() + " alive");
      }
      seen_by.states[n.about.id] = status::alive;
      return;
    case notice_kind::suspected:
      expect(live && known->second == status::alive);
      seen_by.states[n.about.id] = status::suspect;
      return;
    case notice_kind::recovered:
      expect(live && known->second == status::suspect);
      seen_by.states[n.about.id] = status::alive;
      return;
    case notice_kind::down:
      expect(live);
      gone(status::dead);
      judge_death(who, n);
      return;
    case notice_kind::left:
    case notice_kind::replaced:
      if (n.kind == notice_kind::replaced) judge_replacement(who, n.about);
      if (!left_.contains(n.about.id)) wrong(who, "believes that " + name_of(n.about) + " left");
      expect(is_known && known->second != status::left);
      gone(status::left);
      return;
    default: expect(live); return;
  }
}

/// Only a later boot takes an address.
void membership_scenario::judge_replacement(const membership_node& who,
                                            const membership::member_record& about) {
  left_.insert(about.id);
  const auto& epochs = epochs_[about.at];
  const bool newest = epochs.rbegin()->first == about.epoch && epochs.count(about.epoch) == 1;
  if (newest) wrong(who, "replaces " + name_of(about) + ", which is the newest boot");
}

void membership_scenario::judge_death(const membership_node& who, const notice& n) {
  if (running(n.about.id) != nullptr) ++deaths_[running(n.about.id)->boot().machine];
  if (!plan_.gentle) return;
  if (running(n.about.id) != nullptr) {
    wrong(who, "declares " + name_of(n.about) + " dead, which runs");
  } else if (left_.contains(n.about.id)) {
    wrong(who, "declares " + name_of(n.about) + " dead, which left");
  }
}

const membership_node* membership_scenario::running(std::size_t machine) const {
  return static_cast<const membership_node*>(world_->process(machine));
}

const membership_node* membership_scenario::running(const node_id& id) const {
  for (std::size_t i = 0; i < world_->size(); ++i) {
    const membership_node* other = running(i);
    if (other != nullptr && other->swim().self().id == id) return other;
  }
  return nullptr;
}

void membership_scenario::sample(world&) {
  // Of a large cluster some each second: a look at all views is a million members.
  const std::size_t step = 1 + world_->size() / 50;
  for (std::size_t i = sampled_++ % step; i < world_->size(); i += step) {
    const membership_node* who = running(i);
    if (who == nullptr) continue;
    check_bounds(*who);
    check_fold(*who);
  }
}

void membership_scenario::check_bounds(const membership_node& who) {
  const auto& swim = who.swim();
  const bool bounded = swim.rumour_count() <= membership::rumours::rumours_max &&
                       swim.relay_count() <= membership::swim::relays_max &&
                       swim.size() <= world_->size() && swim.health() < 8;
  if (!bounded) wrong(who, "a queue is over its bound");
}

/// What the notices told is what the table holds.
void membership_scenario::check_fold(const membership_node& who) {
  std::size_t live = 0;
  for (const auto& [id, state] : views_[who.boot().boot].states) {
    if (state != status::alive && state != status::suspect) continue;
    ++live;
    const membership::member* m = who.swim().find(id);
    if (m == nullptr || m->state != state) wrong(who, "notices and table differ");
  }
  if (live + 1 != who.swim().size()) wrong(who, "notices and table differ in number");
}

void membership_scenario::settled(world&) {
  for (std::size_t i = 0; i < world_->size(); ++i) {
    if (const membership_node* who = running(i)) check_view(*who);
  }
  check_tags();
  begin_last_events();
}

/// One node leaves, and one is ended: of those that were declared dead before, if there are any.
/// Both are known in time; then nothing changes any more.
void membership_scenario::begin_last_events() {
  std::vector<std::size_t> up;
  for (std::size_t i = 0; i < world_->size(); ++i) {
    if (running(i) != nullptr) up.push_back(i);
  }
  std::stable_sort(up.begin(), up.end(),
                   [this](std::size_t a, std::size_t b) { return deaths_[a] > deaths_[b]; });
  if (up.size() < 4) {
    calm_ = true;
    return;
  }
  const node_id ended = running(up.front())->swim().self().id;
  const node_id leaving = running(up.back())->swim().self().id;
  world_->leave(up.back());
  world_->crash(up.front());
  world_->at(world_->now() + seconds(3), [this, leaving] { check_gone(leaving, "left"); });
  world_->at(world_->now() + seconds(25), [this, ended] {
    check_gone(ended, "ended");
    calm_ = true;
  });
}

void membership_scenario::check_gone(const node_id& id, std::string_view how) {
  for (std::size_t i = 0; i < world_->size(); ++i) {
    const membership_node* who = running(i);
    const membership::member* m = who == nullptr ? nullptr : who->swim().find(id);
    if (m != nullptr && m->is_live()) {
      wrong(*who, fmt::format("does not know that {} {}", name_of(m->record), how));
    }
  }
}

void membership_scenario::check_view(const membership_node& who) {
  const auto& swim = who.swim();
  std::size_t others = 0;
  for (std::size_t i = 0; i < world_->size(); ++i) {
    const membership_node* other = running(i);
    if (other == nullptr || other == &who) continue;
    ++others;
    const auto& record = other->swim().self();
    const membership::member* m = swim.find(record.id);
    if (m == nullptr || m->state != status::alive) {
      const std::string_view state = m == nullptr ? "unknown" : text_of(m->state);
      wrong(who, fmt::format("{} runs but is {} here", name_of(record), state));
    } else if (m->record != record) {
      wrong(who, fmt::format("{} is known as {}", name_of(record), name_of(m->record)));
    }
  }
  if (swim.live().size() > others) wrong(who, "believes in members that do not run");
}

void membership_scenario::check_tags() {
  std::set<std::uint32_t> tags;
  for (std::size_t i = 0; i < world_->size(); ++i) {
    const membership_node* who = running(i);
    if (who != nullptr && !tags.insert(who->swim().self().tag.value).second) {
      wrong(*who, "shares its tag");
    }
  }
}

}  // namespace gossamer::simulation
