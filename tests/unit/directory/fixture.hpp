// Directories that talk over links in memory, under virtual time.
#pragma once

#include "runtime/directory/room_directory.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <string>
#include <utility>
#include <vector>

namespace gossamer::directory {

using namespace std::chrono_literals;

inline const key_maker keys{key_secret{1, 2, 3}};

inline room_key room(std::string_view name) {
  return keys.room("/", name);
}

/// A link that keeps order and loses nothing, unless told otherwise.
struct link_faults {
  double loss = 0;
  double duplication = 0;
  bool reordering = false;
  duration latency = 1ms;
};

class cluster {
 public:
  explicit cluster(std::size_t size, settings s = {}, std::uint64_t seed = 1) : random_(seed) {
    for (std::size_t i = 0; i < size; ++i) add(s);
  }

  /// A further boot; everybody still has to meet it.
  std::size_t add(const settings& s, node_tag tag = {}) {
    const std::uint64_t n = nodes_.size() + 1;
    auto made = std::make_unique<node>(n);
    made->about = {node_id{n, n * 7919},
                   1000 + n,
                   {tag.value == 0 ? node_tag{100 + static_cast<std::uint32_t>(n)} : tag}};
    made->core = std::make_unique<room_directory>(s, made->about, made->random, now_);
    nodes_.push_back(std::move(made));
    return n - 1;
  }

  room_directory& operator[](std::size_t i) { return *nodes_[i]->core; }
  [[nodiscard]] const member& about(std::size_t i) const { return nodes_[i]->about; }
  [[nodiscard]] const node_id& id(std::size_t i) const { return nodes_[i]->about.id; }
  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  [[nodiscard]] time_point now() const { return now_; }
  [[nodiscard]] random_source& random() { return random_; }

  link_faults faults;

  void change(std::size_t at, member_change what, std::size_t about_whom) {
    run(at, [&](auto& d) { return d.member_changed(now_, what, about(about_whom)); });
  }
  void meet_all() {
    for (std::size_t a = 0; a < size(); ++a) {
      for (std::size_t b = 0; b < size(); ++b) {
        if (a != b) change(a, member_change::up, b);
      }
    }
  }
  void join(std::size_t at, const room_key& k, joiner who = joiner::socket) {
    run(at, [&](auto& d) { return d.join(now_, k, who); });
  }
  void leave(std::size_t at, const room_key& k, joiner who = joiner::socket) {
    run(at, [&](auto& d) { return d.leave(now_, k, who); });
  }
  /// Carries out what an entry of a node returns.
  template <class Entry>
  void run(std::size_t at, Entry&& entry) {
    carry_out(at, entry(*nodes_[at]->core));
  }

  /// While cut, frames between the two vanish.
  void cut(std::size_t a, std::size_t b, bool on) { cuts_[{std::min(a, b), std::max(a, b)}] = on; }
  /// What is on its way is lost, and both hear of it.
  void break_link(std::size_t a, std::size_t b) {
    ++links_[{std::min(a, b), std::max(a, b)}];
    run(a, [&](auto& d) { return d.link_lost(now_, id(b)); });
    run(b, [&](auto& d) { return d.link_lost(now_, id(a)); });
  }
  /// The frames that reach a node are shown to `tap` before; false: it is lost.
  std::function<bool(std::size_t from, std::size_t to, std::string& frame)> tap;

  void pass(duration d) {
    const time_point until = now_ + d;
    while (step(until)) {
    }
    now_ = until;
  }

  [[nodiscard]] std::vector<std::size_t> targets(std::size_t at, std::vector<room_key> rooms) {
    std::vector<node_id> ids;
    nodes_[at]->core->targets(rooms, ids);
    std::vector<std::size_t> found;
    for (const node_id& id : ids) found.push_back(id.high - 1);
    std::sort(found.begin(), found.end());
    return found;
  }
  [[nodiscard]] bool all_synced() {
    for (std::size_t a = 0; a < size(); ++a) {
      for (std::size_t b = 0; b < size(); ++b) {
        if (a != b && !nodes_[a]->core->synced(id(b))) return false;
      }
    }
    return true;
  }
  [[nodiscard]] bool agree(std::size_t reader, std::size_t writer) {
    return nodes_[reader]->core->root_of(id(writer)) == nodes_[writer]->core->root();
  }
  [[nodiscard]] std::size_t seen(std::size_t at, notice_kind kind) const {
    const auto found = nodes_[at]->notices.find(kind);
    return found == nodes_[at]->notices.end() ? 0 : found->second;
  }

 private:
  struct node {
    explicit node(std::uint64_t seed) : random(seed) {}
    member about;
    seeded_random random;
    std::unique_ptr<room_directory> core;
    time_point wake = time_point::max();
    std::map<notice_kind, std::size_t> notices;
  };
  struct letter {
    time_point arrives;
    std::uint64_t order;
    std::size_t from, to;
    std::uint64_t link;
    std::string frame;
    bool operator<(const letter& other) const {
      return std::pair(arrives, order) > std::pair(other.arrives, other.order);
    }
  };
  using pair_of_nodes = std::pair<std::size_t, std::size_t>;

  [[nodiscard]] bool chance(double p) {
    return p > 0 && static_cast<double>(random_.below(1'000'000)) < p * 1e6;
  }

  void carry_out(std::size_t at, actions todo) {
    nodes_[at]->wake = todo.wake;
    for (const notice& n : todo.notices) ++nodes_[at]->notices[n.kind];
    for (const send& s : todo.sends) {
      const std::size_t to = s.to.high - 1;
      if (chance(faults.loss)) continue;
      deliver_later(at, to, s);
      if (chance(faults.duplication)) deliver_later(at, to, s);
    }
  }

  void deliver_later(std::size_t from, std::size_t to, const send& s) {
    time_point arrives = now_ + faults.latency;
    if (faults.reordering) {
      arrives += milliseconds(random_.below(60));
    } else {
      time_point& last = last_[{from, to}];
      last = arrives = std::max(arrives, last);
    }
    letters_.push({arrives, order_++, from, to, links_[{std::min(from, to), std::max(from, to)}],
                   std::string(s.frame.view())});
  }

  bool step(time_point until) {
    time_point next = letters_.empty() ? time_point::max() : letters_.top().arrives;
    std::size_t waking = size();
    for (std::size_t i = 0; i < size(); ++i) {
      if (nodes_[i]->wake >= next) continue;
      next = nodes_[i]->wake;
      waking = i;
    }
    if (next > until) return false;
    now_ = std::max(now_, next);
    if (waking < size()) {
      run(waking, [&](auto& d) { return d.tick(now_); });
      return true;
    }
    letter l = letters_.top();
    letters_.pop();
    const pair_of_nodes ends{std::min(l.from, l.to), std::max(l.from, l.to)};
    if (l.link != links_[ends] || cuts_[ends]) return true;
    if (tap && !tap(l.from, l.to, l.frame)) return true;
    run(l.to, [&](auto& d) { return d.receive(now_, id(l.from), l.frame); });
    return true;
  }

  time_point now_{std::chrono::hours(1000)};
  seeded_random random_;
  std::vector<std::unique_ptr<node>> nodes_;
  std::priority_queue<letter> letters_;
  std::uint64_t order_ = 0;
  std::map<pair_of_nodes, time_point> last_;
  std::map<pair_of_nodes, bool> cuts_;
  std::map<pair_of_nodes, std::uint64_t> links_;
};

}  // namespace gossamer::directory
