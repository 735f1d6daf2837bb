#include "tests/simulation/cluster_scenario.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace gossamer::simulation {

namespace {

constexpr std::size_t last_rooms_max = 60;
constexpr duration published_within = seconds(1);
constexpr duration between_last_words = milliseconds(150);
/// What is said so shortly before the end may still be on its way.
constexpr duration on_its_way = milliseconds(500);

/// Bounds so small that every kind of backlog, split and resync happens.
directory::settings tight_directory(random_source& random) {
  directory::settings s;
  s.window = 8 + random.below(100);
  s.in_flight = 4 + random.below(20);
  s.ops_per_update = 1 + random.below(8);
  s.parts_in_flight = 1 + random.below(4);
  s.part_bytes = 20 + random.below(200);
  return s;
}

/// Links that are often full.
void tighten(cluster::link_settings& link, random_source& random) {
  link.window_bytes = 1000 + random.below(3000);
  link.window_blobs = 4 + random.below(20);
  link.queue_bytes_max = 1000 + random.below(4000);
  link.batch_bytes = 200 + random.below(500);
}

}  // namespace

void cluster_scenario::begin(world& w, const plan& p) {
  world_ = &w;
  seeded_random random(p.seed ^ 0x636cU);
  wired_options& wired = options_.wired;
  for (std::size_t i = 0; i < std::min<std::size_t>(3, p.machines); ++i) {
    wired.membership.seeds.push_back(world::address_of(i));
  }
  if (random.below(4) == 0) wired.membership.greeting = milliseconds(500);
  if (random.below(2) == 0) wired.timing = tight_directory(random);
  if (random.below(2) == 0) tighten(wired.link, random);
  if (random.below(3) == 0) wired.link.batch_delay = milliseconds(random.below(20));
  if (random.below(4) == 0) wired.damaged_of_1000 = 3;
  if (random.below(2) == 0) wired.lost_of_1000 = 1 + static_cast<std::uint32_t>(random.below(30));
  if (random.below(3) == 0) wired.doubled_of_1000 = 10;
  if (random.below(3) == 0) options_.work_max = milliseconds(10 + random.below(400));
  if (random.below(3) == 0) previous_versions_ = random.next();
  few_tags_ = random.below(4) == 0;
  wired.faults_until = w.now() + p.faults_end;
  options_.load_until = w.now() + p.faults_end + seconds(20);
}

std::unique_ptr<node> cluster_scenario::make(environment& env, const boot_info& boot) {
  cluster_options options = options_;
  options.wired.previous_version = ((previous_versions_ >> (boot.machine % 64)) & 1U) != 0;
  if (few_tags_) options.wired.membership.tag = node_tag{static_cast<std::uint32_t>(boot.boot % 3)};
  cluster_node::listener heard;
  heard.member = [this](const auto& who, const auto& n) { heard_member(who, n); };
  heard.peer = [this](const auto& who, const auto& n) { heard_peer(who, n); };
  heard.routed = [this](const auto& who, std::uint64_t room, const auto& to) {
    routed(who, room, to);
  };
  heard.summoned = [this](const auto& who, const node_id& by, std::uint64_t room) {
    summoned(who, by, room);
  };
  heard.wrong = [this](const auto& who, const std::string& what) { wrong(who, what); };
  auto made = std::make_unique<cluster_node>(env, boot, options, world_->now(), std::move(heard));
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

const cluster_node* cluster_scenario::running(const node_id& id) const {
  for (const cluster_node* who : all()) {
    if (who->self() == id) return who;
  }
  return nullptr;
}

std::vector<cluster_node*> cluster_scenario::all() const {
  std::vector<cluster_node*> found;
  for (std::size_t i = 0; i < world_->size(); ++i) {
    if (cluster_node* who = running(i)) found.push_back(who);
  }
  return found;
}

// -- at any time ----------------------------------------------------------------------------------

void cluster_scenario::heard_member(const membership_node& who, const membership::notice& n) {
  const std::size_t machine = who.boot().machine;
  world_->trace(fmt::format("n{} says {} {}#{:04x}", machine, text_of(n.kind), n.about.name,
                            n.about.id.low & 0xffffU));
  if (n.kind == membership::notice_kind::renewed) world_->persist_epoch(machine, n.about.epoch);
  if (n.kind != membership::notice_kind::up) return;
  for (const auto* m : who.swim().live()) {
    if (m->record.at == n.about.at && m->record.id != n.about.id) {
      violated(*world_, fmt::format("n{}: two boots of one address alive", machine));
    }
  }
}

void cluster_scenario::heard_peer(const cluster_node& who, const directory::notice& n) {
  world_->trace(fmt::format("n{} directory: {} {:04x}", who.boot().machine, text_of(n.kind),
                            n.about.low & 0xffffU));
  const bool step_back =
      n.kind == directory::notice_kind::lost_sync || n.kind == directory::notice_kind::mismatch;
  if (calm_ && step_back) wrong(who, fmt::format("{} while all is calm", text_of(n.kind)));
  if (n.kind == directory::notice_kind::synced) check_synced(who, n.about);
}

/// A table that is trusted from now on has all that its owner had a second before it wrote what was
/// read last.
void cluster_scenario::check_synced(const cluster_node& who, const node_id& about) {
  if (options_.wired.damaged_of_1000 > 0) return;
  const cluster_node* other = running(about);
  if (other == nullptr) return;
  for (const auto& [hash, room] : other->rooms().rooms()) {
    const bool old = room.at + published_within < who.written_at();
    if (old && other->directory().published(hash) && !who.directory().said(about, hash)) {
      wrong(who, fmt::format("trusts the table of n{} as of {:.3f}, which lacks a room of {:.3f}",
                             other->boot().machine, world_->at_seconds(who.written_at()),
                             world_->at_seconds(room.at)));
    }
  }
}

/// A join that all have acknowledged is known to each of them as long as it lasts.
void cluster_scenario::routed(const cluster_node& who, std::uint64_t room,
                              const std::vector<node_id>& to) {
  if (options_.wired.damaged_of_1000 > 0) return;
  for (const cluster_node* other : all()) {
    const auto joined = other->rooms().rooms().find(room);
    if (joined == other->rooms().rooms().end()) continue;
    const bool known = joined->second.known_to.contains(who.self()) && who.lives(other->self());
    if (known && std::find(to.begin(), to.end(), other->self()) == to.end()) {
      wrong(who, fmt::format("forgot that n{} is in a room", other->boot().machine));
    }
  }
}

/// Whoever told it to join has spoken there only to those it believed to be in the room.
void cluster_scenario::summoned(const cluster_node& who, const node_id& by, std::uint64_t room) {
  const cluster_node* other = running(by);
  if (other != nullptr && other->passed_over(room, who.self())) {
    wrong(who, fmt::format("missed what n{} said in a room that it was told to join",
                           other->boot().machine));
  }
}

void cluster_scenario::sample(world& w) {
  for (const cluster_node* who : all()) {
    if (!w.is_paused(who->boot().machine)) who->audit(w.now());
  }
}

// -- when faults and load are over ----------------------------------------------------------------

void cluster_scenario::settled(world&) {
  for (const cluster_node* who : all()) {
    check_view(*who);
    check_own(*who);
    check_counts(*who);
    for (const cluster_node* other : all()) {
      if (who != other) check_pair(*who, *other);
    }
  }
  begin_last_words();
  calm_ = true;
}

void cluster_scenario::check_view(const cluster_node& who) {
  const auto nodes = all();
  if (who.peers().size() + 1 != nodes.size()) wrong(who, "believes in members that do not run");
  for (const cluster_node* other : nodes) {
    if (other == &who) continue;
    const bool known = who.lives(other->self()) && who.exchange().is_up(other->self());
    if (!known) wrong(who, fmt::format("misses n{}", other->boot().machine));
  }
}

/// What it published is where it has members: the load ended long enough ago.
void cluster_scenario::check_own(const cluster_node& who) {
  const auto& own = who.directory();
  for (const auto& [hash, room] : who.rooms().rooms()) {
    if (!own.published(hash)) wrong(who, "has members in a room that it did not publish");
  }
  if (own.local_rooms() != who.rooms().rooms().size()) {
    wrong(who, "publishes rooms without members");
  }
}

void cluster_scenario::check_pair(const cluster_node& reader, const cluster_node& writer) {
  const auto& table = reader.directory();
  const node_id id = writer.directory().self();
  const std::string other = fmt::format("n{}", writer.boot().machine);
  if (!table.synced(id)) wrong(reader, "is not synced with " + other);
  if (table.root_of(id) != writer.directory().root()) {
    wrong(reader, "and " + other + " have different digests");
  }
  const auto& rooms = writer.rooms().rooms();
  for (const auto& [hash, room] : rooms) {
    if (!table.said(id, hash)) wrong(reader, "lacks a room of " + other);
  }
  for (const auto& [hash, room] : reader.rooms().rooms()) {
    if (table.said(id, hash) && !rooms.contains(hash)) {
      wrong(reader, "believes " + other + " in a room");
    }
  }
  std::vector<node_id> found;
  for (const directory::room_key& own : writer.rooms().own_rooms()) {
    table.targets({&own, 1}, found);
    if (std::find(found.begin(), found.end(), id) == found.end()) {
      wrong(reader, "does not find a socket of " + other + " by its id");
    }
  }
}

void cluster_scenario::check_counts(const cluster_node& who) {
  std::uint64_t sockets = 0;
  std::uint64_t in_watched = 0;
  const auto watched = who.rooms().watched();
  for (const cluster_node* other : all()) {
    sockets += other->rooms().sockets();
    if (!watched) continue;
    const auto room = other->rooms().rooms().find(*watched);
    if (room != other->rooms().rooms().end()) in_watched += room->second.members;
  }
  const std::uint64_t counted = who.directory().count(room_load::socket_count());
  if (counted != sockets) wrong(who, fmt::format("counts {} sockets of {}", counted, sockets));
  if (watched && who.directory().count(*watched) != in_watched) {
    wrong(who, "counts the members of a watched room wrong");
  }
}

/// Everybody broadcasts to some of the rooms.
void cluster_scenario::begin_last_words() {
  for (const cluster_node* who : all()) {
    for (const auto& [hash, room] : who->rooms().rooms()) last_rooms_.insert(hash);
  }
  // Hashes: which ones these are has no meaning.
  while (last_rooms_.size() > last_rooms_max) last_rooms_.erase(last_rooms_.begin());
  time_point when = world_->now();
  for (const std::uint64_t room : last_rooms_) {
    when += between_last_words;
    world_->at(when, [this, room] {
      for (std::size_t i = 0; i < world_->size(); ++i) {
        world_->visit(i, [this, room](node& n) {
          static_cast<cluster_node&>(n).say_last(world_->now(), room);
        });
      }
    });
  }
}

void cluster_scenario::end(world&) {
  for (cluster_node* from : all()) {
    check_last_words(*from);
    from->talk().audit_calm(world_->now());
    broadcasts_heard_ += from->talk().broadcasts_heard();
    for (cluster_node* to : all()) {
      if (to != from) check_account(*from, *to);
    }
  }
}

void cluster_scenario::check_last_words(const cluster_node& who) {
  const auto nodes = static_cast<std::uint32_t>(all().size());
  for (const std::uint64_t room : last_rooms_) {
    const std::uint32_t expected = who.rooms().rooms().contains(room) ? nodes - 1 : 0;
    const auto heard = who.last_words().find(room);
    const std::uint32_t count = heard == who.last_words().end() ? 0 : heard->second;
    if (count != expected) {
      wrong(who, fmt::format("heard {} last broadcasts to a room, not {}", count, expected));
    }
  }
}

/// What was taken for a peer was delivered to it, or reported to the sender.
void cluster_scenario::check_account(cluster_node& from, cluster_node& to) {
  if (from.murmured(to.self(), world_->now() - on_its_way)) return;
  const auto* in = to.exchange().incoming(from.self());
  if (in == nullptr || from.exchange().outgoing(to.self()) == nullptr) return;
  const std::uint64_t taken = from.talk().taken_for(to.self());
  const std::uint64_t came =
      in->counters().received - to.talk().account_of(from.self()).came_before;
  const std::uint64_t reported = from.talk().account_of(to.self()).reported;
  const std::uint64_t lost = from.talk().account_of(to.self()).lost;
  const std::string counts = fmt::format(" for n{}: {} taken, {} delivered, {} reported",
                                         to.boot().machine, taken, came, reported);
  if (came > taken) wrong(from, "more was delivered than was sent" + counts);
  if (came + reported < taken) wrong(from, "messages vanished" + counts);
  if (came + lost > taken) wrong(from, "messages are called lost that came" + counts);
}

}  // namespace gossamer::simulation
