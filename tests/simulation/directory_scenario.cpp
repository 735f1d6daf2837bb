#include "tests/simulation/directory_scenario.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace gossamer::simulation {

namespace {

/// Bounds so small that every kind of backlog, split and resync happens.
directory::settings tight(random_source& random) {
  directory::settings s;
  s.window = 8 + random.below(100);
  s.in_flight = 4 + random.below(20);
  s.ops_per_update = 1 + random.below(8);
  s.parts_in_flight = 1 + random.below(4);
  s.part_bytes = 20 + random.below(200);
  return s;
}

}  // namespace

void directory_scenario::begin(world& w, const plan& p) {
  world_ = &w;
  seeded_random random(p.seed ^ 0x646972U);
  for (std::size_t i = 0; i < std::min<std::size_t>(3, p.machines); ++i) {
    options_.membership.seeds.push_back(world::address_of(i));
  }
  if (random.below(4) == 0) options_.membership.greeting = milliseconds(500);
  if (random.below(3) != 0) options_.timing = tight(random);
  const std::uint64_t drawn = random.below(4);
  if (drawn == 0) options_.damaged_of_1000 = 3;
  if (drawn >= 2) options_.lost_of_1000 = 10;
  options_.faults_until = w.now() + p.faults_end;
  options_.load_until = w.now() + p.faults_end + seconds(30);
  few_tags_ = random.below(4) == 0;
}

std::unique_ptr<node> directory_scenario::make(environment& env, const boot_info& boot) {
  directory_options options = options_;
  if (few_tags_) options.membership.tag = node_tag{static_cast<std::uint32_t>(boot.boot % 3)};
  directory_node::listener heard;
  heard.member = [this](const membership_node& who, const membership::notice& n) {
    world_->trace(fmt::format("n{} says {} {:04x}", who.boot().machine, text_of(n.kind),
                              n.about.id.low & 0xffffU));
    if (n.kind == membership::notice_kind::renewed) {
      world_->persist_epoch(who.boot().machine, n.about.epoch);
    }
  };
  heard.peer = [this](const directory_node& who, const directory::notice& n) {
    world_->trace(fmt::format("n{} directory: {} {:04x}", who.boot().machine, text_of(n.kind),
                              n.about.low & 0xffffU));
    const bool step_back =
        n.kind == directory::notice_kind::lost_sync || n.kind == directory::notice_kind::mismatch;
    if (calm_ && step_back) wrong(who, fmt::format("{} while all is calm", text_of(n.kind)));
  };
  heard.wrong = [this](const directory_node& who, const std::string& what) { wrong(who, what); };
  auto made = std::make_unique<directory_node>(env, boot, options, world_->now(), heard);
  world_->persist_epoch(boot.machine, made->members().swim().self().epoch);
  return made;
}

void directory_scenario::wrong(const directory_node& who, const std::string& what) {
  violated(*world_, fmt::format("n{}: {}", who.boot().machine, what));
}

const directory_node* directory_scenario::running(std::size_t machine) const {
  return static_cast<const directory_node*>(world_->process(machine));
}

void directory_scenario::sample(world& w) {
  for (std::size_t i = 0; i < w.size(); ++i) {
    const directory_node* who = running(i);
    if (who != nullptr && !w.is_paused(i)) who->audit(w.now());
  }
}

void directory_scenario::settled(world& w) {
  for (std::size_t a = 0; a < w.size(); ++a) {
    const directory_node* who = running(a);
    if (who == nullptr) continue;
    check_own(*who);
    check_counts(*who);
    for (std::size_t b = 0; b < w.size(); ++b) {
      if (a != b && running(b) != nullptr) check_pair(*who, *running(b));
    }
  }
  calm_ = true;
}

/// What it published is where it has members: the load ended long enough ago.
void directory_scenario::check_own(const directory_node& who) {
  const auto& own = who.directory();
  for (const auto& [hash, members] : who.rooms()) {
    if (!own.published(hash)) wrong(who, "has members in a room that it did not publish");
  }
  if (own.local_rooms() != who.rooms().size()) wrong(who, "publishes rooms without members");
}

void directory_scenario::check_pair(const directory_node& reader, const directory_node& writer) {
  const auto& table = reader.directory();
  const node_id& id = writer.directory().self();
  const std::string other = fmt::format("n{}", writer.boot().machine);
  if (!table.synced(id)) wrong(reader, "is not synced with " + other);
  if (table.root_of(id) != writer.directory().root()) {
    wrong(reader, "and " + other + " have different digests");
  }
  for (const auto& [hash, members] : writer.rooms()) {
    if (!table.said(id, hash)) wrong(reader, "lacks a room of " + other);
  }
  for (const auto& [hash, members] : reader.rooms()) {
    if (table.said(id, hash) && !writer.rooms().contains(hash)) {
      wrong(reader, "believes " + other + " in a room");
    }
  }
  std::vector<node_id> found;
  for (const directory::room_key& own : writer.own_rooms()) {
    table.targets({&own, 1}, found);
    if (std::find(found.begin(), found.end(), id) == found.end()) {
      wrong(reader, "does not find a socket of " + other + " by its id");
    }
  }
}

void directory_scenario::check_counts(const directory_node& who) {
  std::uint64_t sockets = 0;
  std::uint64_t in_watched = 0;
  for (std::size_t i = 0; i < world_->size(); ++i) {
    const directory_node* other = running(i);
    if (other == nullptr) continue;
    sockets += other->sockets();
    if (!who.watched()) continue;
    const auto members = other->rooms().find(*who.watched());
    if (members != other->rooms().end()) in_watched += members->second;
  }
  const std::uint64_t counted = who.directory().count(directory_node::socket_count());
  if (counted != sockets) wrong(who, fmt::format("counts {} sockets of {}", counted, sockets));
  if (who.watched() && who.directory().count(*who.watched()) != in_watched) {
    wrong(who, "counts the members of a watched room wrong");
  }
}

}  // namespace gossamer::simulation
