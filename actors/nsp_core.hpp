// One namespace: its handlers as immutable snapshots, its rooms, its sockets lane by lane.
//
// Any thread may register handlers and read counts. A registration builds a new snapshot; a running
// server hands it to each lane by the lane's queue, so a lane never sees handlers change in the
// middle of an event.
#pragma once

#include "actors/include/gossamer/detail.hpp"
#include "actors/rooms/room.hpp"
#include "actors/socket_core.hpp"

#include <boost/unordered/unordered_flat_set.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gossamer::detail {

class server_core;

struct text_hash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept {
    return std::hash<std::string_view>()(text);
  }
};
template <class T>
using text_map = std::unordered_map<std::string, T, text_hash, std::equal_to<>>;

/// The handlers of a namespace. Immutable once published.
struct nsp_handlers {
  text_map<std::vector<event_handler>> events;
  std::vector<event_handler> any;
  std::vector<admission_handler> middleware;
  std::vector<connection_handler> connection;
  std::vector<disconnect_handler> disconnecting;
  std::vector<disconnect_handler> disconnect;
  std::vector<std::pair<room_change, room_handler>> rooms;
  error_mapper map_errors;
};

/// Finds sockets by id without storing the id twice.
struct socket_by_id {
  using is_transparent = void;
  std::size_t operator()(const short_id& id) const noexcept { return short_id_hash()(id); }
  std::size_t operator()(const socket_core* socket) const noexcept { return (*this)(socket->id); }
  static const short_id& key(const short_id& id) { return id; }
  static const short_id& key(const socket_core* socket) { return socket->id; }
};
struct socket_same_id {
  using is_transparent = void;
  template <class A, class B>
  bool operator()(const A& a, const B& b) const noexcept {
    return socket_by_id::key(a) == socket_by_id::key(b);
  }
};

/// A lane's part of a namespace. Runs on: its lane; `count` any thread.
struct alignas(64) nsp_shard {
  std::shared_ptr<const nsp_handlers> handlers;
  std::vector<socket_core*> sockets;
  boost::unordered_flat_set<socket_core*, socket_by_id, socket_same_id> by_id;
  std::atomic<std::uint32_t> count{0};
};

/// Says whether a namespace name belongs to a parent namespace; may answer later, from any thread.
using nsp_matcher =
    std::function<void(std::string_view name, const handshake&, std::function<void(bool)>)>;

class nsp_core {
 public:
  /// See make_nsp.
  nsp_core(server_core& server, std::string name, std::size_t lanes, std::uint16_t serial);
  nsp_core(const nsp_core&) = delete;
  nsp_core& operator=(const nsp_core&) = delete;

  /// Good until it is retired.
  [[nodiscard]] nsp_ref ref() const { return {const_cast<nsp_core*>(this), serial_}; }
  [[nodiscard]] const std::string& name() const { return name_; }
  /// What its packets are encoded with.
  [[nodiscard]] socketio::packet_address address() const;
  [[nodiscard]] server_core& server() const { return server_; }
  [[nodiscard]] rooms::room_table& rooms() { return rooms_; }
  [[nodiscard]] const rooms::room_table& rooms() const { return rooms_; }
  [[nodiscard]] nsp_shard& shard(lane_index lane) const {
    return shards_[static_cast<std::size_t>(lane)];
  }
  [[nodiscard]] std::size_t socket_count() const {
    return socket_count_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint32_t next_ack_id() {
    return next_ack_.fetch_add(1, std::memory_order_relaxed) & 0x7fff'ffffU;
  }

  /// Changes a copy of the handlers and publishes it. Any thread.
  void change(const std::function<void(nsp_handlers&)>& edit);
  [[nodiscard]] std::shared_ptr<const nsp_handlers> handlers() const;
  /// Takes over a parent's handlers, and is counted there. Only before anybody else knows this
  /// namespace.
  void adopt(nsp_core& its_parent);
  /// Of a parent: sockets and rooms of all its children.
  [[nodiscard]] std::size_t sockets_below() const {
    return sockets_below_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::size_t rooms_below() const {
    return rooms_below_.load(std::memory_order_relaxed);
  }

  /// Handlers take turns. Any thread.
  void take_turns();
  /// Null unless they do.
  [[nodiscard]] turn_taking* turns() const { return turns_.load(std::memory_order_relaxed); }

  /// Puts a connected socket into the lists of its lane. Runs on: its lane.
  void add(socket_core& socket);
  void remove(socket_core& socket);
  /// Runs on: `lane`. Null if there is none.
  [[nodiscard]] socket_core* find(lane_index lane, const short_id& id) const;

  /// A parent namespace: its children are made on demand and take over its handlers.
  nsp_matcher matcher;
  /// A child knows its parent, a parent its children; under the server's mutex.
  nsp_core* parent = nullptr;  // does not change once it is adopted
  std::vector<nsp_core*> children;
  /// Of a child, under the server's mutex: sockets that are not released yet, connecting ones
  /// included.
  std::size_t users = 0;
  std::size_t place_in_parent = 0;

 private:
  server_core& server_;
  const std::string name_;
  const std::uint16_t serial_;
  std::atomic<turn_taking*> turns_{nullptr};
  rooms::room_table rooms_;
  const std::size_t lanes_;
  const std::unique_ptr<nsp_shard[]> shards_;
  std::atomic<std::size_t> socket_count_{0};
  std::atomic<std::size_t> sockets_below_{0};
  std::atomic<std::size_t> rooms_below_{0};
  std::atomic<std::uint32_t> next_ack_{0};
  mutable std::mutex mutex_;
  std::shared_ptr<const nsp_handlers> handlers_;
};

}  // namespace gossamer::detail
