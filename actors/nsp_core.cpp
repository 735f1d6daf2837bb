#include "actors/nsp_core.hpp"

#include "actors/server_core.hpp"
#include "runtime/base/check.hpp"

namespace gossamer::detail {

nsp_core::nsp_core(server_core& server, std::string name, std::size_t lanes, std::uint16_t serial)
    : server_(server),
      name_(std::move(name)),
      serial_(serial),
      rooms_(lanes),
      lanes_(lanes),
      shards_(std::make_unique<nsp_shard[]>(lanes)),
      handlers_(std::make_shared<nsp_handlers>()) {
  for (std::size_t i = 0; i < lanes; ++i) shards_[i].handlers = handlers_;
}

socketio::packet_address nsp_core::address() const {
  return {name_, server_.packets()};
}

void nsp_core::change(const std::function<void(nsp_handlers&)>& edit) {
  const std::lock_guard lock(mutex_);
  auto changed = std::make_shared<nsp_handlers>(*handlers_);
  edit(*changed);
  handlers_ = std::move(changed);
  server_.publish(*this, handlers_);
}

std::shared_ptr<const nsp_handlers> nsp_core::handlers() const {
  const std::lock_guard lock(mutex_);
  return handlers_;
}

void nsp_core::adopt(nsp_core& its_parent) {
  parent = &its_parent;
  rooms_.count_also_in(its_parent.rooms_below_);
  handlers_ = its_parent.handlers();
  for (std::size_t i = 0; i < lanes_; ++i) shards_[i].handlers = handlers_;
  turns_.store(its_parent.turns(), std::memory_order_relaxed);
}

void nsp_core::take_turns() {
  turns_.store(&server_.turns(), std::memory_order_relaxed);
}

void nsp_core::add(socket_core& socket) {
  auto& here = shard(socket.home().index());
  socket.place = static_cast<std::uint32_t>(here.sockets.size());
  here.sockets.push_back(&socket);
  here.by_id.insert(&socket);
  here.count.fetch_add(1, std::memory_order_release);
  socket_count_.fetch_add(1, std::memory_order_relaxed);
  if (parent != nullptr) parent->sockets_below_.fetch_add(1, std::memory_order_relaxed);
}

void nsp_core::remove(socket_core& socket) {
  auto& here = shard(socket.home().index());
  GOSSAMER_CHECK(socket.place < here.sockets.size() && here.sockets[socket.place] == &socket);
  here.sockets[socket.place] = here.sockets.back();
  here.sockets[socket.place]->place = socket.place;
  here.sockets.pop_back();
  here.by_id.erase(&socket);
  if (here.sockets.empty()) {
    here.sockets.shrink_to_fit();
    here.by_id.rehash(0);
  }
  here.count.fetch_sub(1, std::memory_order_release);
  socket_count_.fetch_sub(1, std::memory_order_relaxed);
  if (parent != nullptr) parent->sockets_below_.fetch_sub(1, std::memory_order_relaxed);
}

socket_core* nsp_core::find(lane_index lane, const short_id& id) const {
  const auto& here = shard(lane).by_id;
  const auto found = here.find(id);
  return found == here.end() ? nullptr : *found;
}

}  // namespace gossamer::detail
