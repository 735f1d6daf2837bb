// Namespaces that come and go: the children of parent namespaces.
//
//     last socket released, no room left ──> taken out: nobody finds it, its handles are stale
//       ──> service lane: threads that are no lanes are out
//       ──> each lane has run two deliveries: no lane is in, nor is one on its way ──> destroyed
#include "actors/server_core.hpp"

#include <algorithm>

namespace gossamer::detail {

nsp_core* server_core::enter(std::string_view name) {
  const std::lock_guard lock(mutex_);
  const auto found = namespaces_.find(name);
  if (found == namespaces_.end()) return nullptr;
  ++found->second->users;
  return found->second.get();
}

nsp_core* server_core::enter_child(nsp_core& parent, std::string_view name) {
  nsp_core* entered = nullptr;
  {
    const std::lock_guard lock(mutex_);
    const auto found = namespaces_.find(name);
    if (found != namespaces_.end()) {
      ++found->second->users;
      return found->second.get();
    }
    if (child_count_ >= options_.child_namespaces_max) end_unused();
    if (child_count_ >= options_.child_namespaces_max) return nullptr;
    auto made = make(std::string(name));
    made->users = 1;
    made->adopt(parent);
    made->place_in_parent = parent.children.size();
    parent.children.push_back(made.get());
    ++child_count_;
    entered = made.get();
    namespaces_.emplace(std::string(name), std::move(made));
  }
  announce(entered);
  return entered;
}

void server_core::hold(nsp_core& nsp) {
  if (nsp.parent == nullptr) return;
  const std::lock_guard lock(mutex_);
  ++nsp.users;
}

void server_core::leave(nsp_core& nsp) {
  if (nsp.parent == nullptr) return;
  const std::lock_guard lock(mutex_);
  --nsp.users;
  if (options_.cleanup_empty_child_namespaces && is_unused(nsp)) take_out(nsp);
}

bool server_core::is_unused(const nsp_core& child) const {
  return child.users == 0 && child.rooms().size() == 0 && !closed_;
}

void server_core::end_unused() {
  const auto now = lane::current()->now();
  if (now - swept_ < seconds(1)) return;
  swept_ = now;
  std::vector<nsp_core*> unused;
  for (const auto& [name, one] : namespaces_) {
    if (one->parent != nullptr && is_unused(*one)) unused.push_back(one.get());
  }
  for (auto* one : unused) take_out(*one);
}

void server_core::take_out(nsp_core& child) {
  auto& siblings = child.parent->children;
  siblings[child.place_in_parent] = siblings.back();
  siblings[child.place_in_parent]->place_in_parent = child.place_in_parent;
  siblings.pop_back();
  --child_count_;
  auto found = namespaces_.find(child.name());
  ending_.push_back(std::move(found->second));
  namespaces_.erase(found);
  retire(child);
  end_later(child);
}

struct server_core::grace {
  server_core& server;
  nsp_core& ending;
  std::atomic<std::size_t> lanes_left{0};
  int rounds_left = 2;

  grace(server_core& its_server, nsp_core& taken_out) : server(its_server), ending(taken_out) {}

  // A lane that has stopped is in no namespace; what is left then ends with the server.
  static void next_round(const std::shared_ptr<grace>& self) {
    if (self->rounds_left-- == 0) return self->server.destroy(self->ending);
    const auto count = self->server.lane_count_;
    self->lanes_left = count;
    for (std::size_t i = 0; i < count; ++i) {
      (void)self->server.lanes_.at(i).post([self] {
        if (--self->lanes_left == 0) next_round(self);
      });
    }
  }
};

void server_core::end_later(nsp_core& taken_out) {
  const auto waiting = std::make_shared<grace>(*this, taken_out);
  (void)lanes_.service().post([waiting] {
    await_outsiders();
    grace::next_round(waiting);
  });
}

void server_core::destroy(nsp_core& ended) {
  nsp_ptr last;  // not under the mutex
  const std::lock_guard lock(mutex_);
  if (!ended.rooms().all().empty())
    return;  // a handle to a room came in last; ends with the server
  const auto found = std::find_if(ending_.begin(), ending_.end(),
                                  [&](const nsp_ptr& one) { return one.get() == &ended; });
  last = std::move(*found);
  *found = std::move(ending_.back());
  ending_.pop_back();
}

}  // namespace gossamer::detail
