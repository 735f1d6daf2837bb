#include "actors/server_core.hpp"

#include "actors/client_session.hpp"
#include "actors/recovery.hpp"
#include "actors/room_actors.hpp"
#include "runtime/base/check.hpp"

namespace gossamer::detail {
namespace {

std::string with_slash(std::string_view name) {
  return name.starts_with('/') ? std::string(name) : "/" + std::string(name);
}

// Sockets that come back keep their ids, on whatever lane.
socketio_options settled(socketio_options given) {
  if (given.recovery) given.ids_name_lanes = false;
  return given;
}

}  // namespace

server_core::server_core(lane_group& lanes, socketio_options options, logger log)
    : lanes_(lanes),
      lane_count_(lanes.size()),
      options_(settled(std::move(options))),
      log_(std::move(log)),
      slots_(std::make_unique<lane_slots[]>(lanes.size())),
      counts_(std::make_unique<lane_counts[]>(lanes.size())) {
  if (options_.recovery) {
    recovery_ = std::make_unique<recovery>(*this, *options_.recovery, lane_count_);
  }
}

server_core::~server_core() {
  close();
}

nsp_core& server_core::of(std::string_view name) {
  auto full = with_slash(name);
  nsp_core* made = nullptr;
  nsp_core* found = nullptr;
  {
    const std::lock_guard lock(mutex_);
    auto& known = namespaces_[full];
    if (known == nullptr) {
      known = make(std::move(full));
      made = known.get();
      lasting_.push_back(made);
    }
    found = known.get();
  }
  announce(made);
  return *found;
}

nsp_core& server_core::of(nsp_matcher matcher) {
  const std::lock_guard lock(mutex_);
  parents_.push_back(make("/_" + std::to_string(parents_.size())));
  parents_.back()->matcher = std::move(matcher);
  lasting_.push_back(parents_.back().get());
  return *parents_.back();
}

nsp_ptr server_core::make(std::string name) {
  auto made = make_nsp(*this, std::move(name), lanes_, lane_count_);
  if (closed_) retire(*made);
  return made;
}

void server_core::on_new_namespace(nsp_handler handler) {
  const std::lock_guard lock(mutex_);
  new_namespace_.push_back(std::make_shared<const nsp_handler>(std::move(handler)));
}

void server_core::announce(nsp_core* made) {
  if (made == nullptr) return;
  std::vector<std::shared_ptr<const nsp_handler>> handlers;
  {
    const std::lock_guard lock(mutex_);
    handlers = new_namespace_;
  }
  for (const auto& handler : handlers) {
    try {
      (*handler)(*made);
    } catch (const std::exception& thrown) {
      log_.error("handler threw nsp={} event=new_namespace what={}", made->name(), thrown.what());
    }
  }
}

nsp_core* server_core::find(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto found = namespaces_.find(name);
  return found == namespaces_.end() ? nullptr : found->second.get();
}

std::vector<nsp_core*> server_core::parents() const {
  const std::lock_guard lock(mutex_);
  std::vector<nsp_core*> all;
  for (const auto& one : parents_) all.push_back(one.get());
  return all;
}

std::vector<nsp_core*> server_core::children(const nsp_core& parent) const {
  const std::lock_guard lock(mutex_);
  return parent.children;
}

std::vector<nsp_core*> server_core::namespaces() const {
  const std::lock_guard lock(mutex_);
  std::vector<nsp_core*> all;
  for (const auto& [name, one] : namespaces_) all.push_back(one.get());
  return all;
}

std::vector<nsp_counts> server_core::count_namespaces(std::size_t names_max,
                                                      nsp_counts& others) const {
  std::vector<nsp_counts> all;
  const std::lock_guard lock(mutex_);
  for (const auto* one : lasting_) {
    const auto sockets = one->socket_count() + one->sockets_below();
    const auto rooms = one->rooms().populated() + one->rooms_below();
    if (all.size() < names_max) {
      all.push_back({one->name(), sockets, rooms});
    } else {
      others.sockets += sockets;
      others.rooms += rooms;
    }
  }
  return all;
}

std::size_t server_core::child_count() const {
  const std::lock_guard lock(mutex_);
  return child_count_;
}

void server_core::started() {
  actors_ = make_room_actors(*this);
  running_.store(true, std::memory_order_release);
}

void server_core::stopped() {
  if (actors_ != nullptr) close_room_actors(*actors_, *this);
  running_.store(false, std::memory_order_release);
}

void server_core::retire_all() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(closed_, true)) return;
    for (const auto& [name, one] : namespaces_) retire(*one);
    for (const auto& one : parents_) retire(*one);
  }
  await_outsiders();
}

void server_core::close() {
  retire_all();
  if (recovery_ != nullptr) recovery_->close();
}

void server_core::publish(nsp_core& nsp, const std::shared_ptr<const nsp_handlers>& handlers) {
  for (std::size_t i = 0; i < lane_count_; ++i) {
    const lane_index index{static_cast<std::uint8_t>(i)};
    if (!running_.load(std::memory_order_acquire)) {
      nsp.shard(index).handlers = handlers;
      continue;
    }
    (void)lanes_.at(i).post([&nsp, index, handlers] { nsp.shard(index).handlers = handlers; });
  }
}

void server_core::enlist(socket_core& socket) {
  auto& home = socket.link->home();  // the id is what says it from now on
  auto& here = slots_[static_cast<std::size_t>(home.index())];
  if (here.free.empty()) {
    here.free.push_back(static_cast<std::uint32_t>(here.slots.size()));
    here.slots.emplace_back();
  }
  socket.slot = here.free.back();
  here.free.pop_back();
  auto& taken = here.slots[socket.slot];
  taken.socket = &socket;
  socket.generation = taken.generation;
  if (socket.link->revision() == 3) {
    socket.id = *socket_id::parse(socket.link->id().text());
    socket.has_old_name = socket.nsp.name() != "/";
  } else {
    socket.id = socket_id(home.random(), node_tag{}, home.index());
  }
}

void server_core::delist(socket_core& socket) {
  auto& here = slots_[static_cast<std::size_t>(socket.home().index())];
  auto& taken = here.slots[socket.slot];
  GOSSAMER_CHECK(taken.socket == &socket);
  taken.socket = nullptr;
  ++taken.generation;
  here.free.push_back(socket.slot);
}

socket_core* server_core::find(const socket_ref& ref) const {
  const auto& here = slots_[static_cast<std::size_t>(ref.home)];
  if (ref.slot >= here.slots.size()) return nullptr;
  const auto& taken = here.slots[ref.slot];
  return taken.generation == ref.generation ? taken.socket : nullptr;
}

void server_core::hold_unfinished(lane_index lane, client_session& who, std::size_t bytes) {
  auto& all = slots_[static_cast<std::size_t>(lane)].unfinished;
  auto& counts = counts_[static_cast<std::size_t>(lane)];
  const auto before = all.bytes();
  all.set(&who, bytes);
  while (auto* oldest = all.over(options_.unfinished_bytes_max / lane_count_)) {
    all.forget(oldest);
    counts.unfinished_closed.add();
    oldest->give_way();
  }
  counts.unfinished_bytes.add(all.bytes() - before);  // modulo 2^64
}

std::unique_ptr<gossamer::client> server_core::on_session(connection& session) {
  auto made = std::make_unique<client_session>(*this, session);
  if (session.revision() == 3) made->connect_main();
  return made;
}

error_code server_core::to_error(post_result posted) {
  switch (posted) {
    case post_result::accepted: return {};
    case post_result::full: return errc::lane_full;
    case post_result::closed: break;
  }
  return errc::server_stopped;
}

socket_core* on_lane(const socket_ref& who) {
  const nsp_use in(who);
  if (!in) return nullptr;
  auto& server = who.nsp->server();
  server.lanes().at(who.home).check();
  return server.find(who);
}

}  // namespace gossamer::detail
