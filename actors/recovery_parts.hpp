// The parts of recovery that its two sources share; included by them only.
#pragma once

#include "actors/recovery.hpp"
#include "actors/server_core.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace gossamer::detail {

struct recovery::live {
  bool used = false;
  session_id pid;
  recovery_tail tail;
};

// What a lane keeps for a session that is away.
struct recovery::holdings {
  nsp_core& nsp;
  const lane_index here;
  std::vector<rooms::room_ptr> rooms;
  boost::json::object data;
  std::vector<std::pair<const void*, std::shared_ptr<void>>> typed_data;
  std::uint64_t refused_before = 0;

  holdings(nsp_core& its_nsp, lane_index lane, std::vector<rooms::room_ptr> its_rooms)
      : nsp(its_nsp), here(lane), rooms(std::move(its_rooms)) {
    nsp.server().hold(nsp);
    nsp.shard(here).count.fetch_add(1, std::memory_order_release);
    for (const auto& room : rooms) room->promise(here);
  }
  holdings(const holdings&) = delete;
  holdings& operator=(const holdings&) = delete;
  ~holdings() {
    for (const auto& room : rooms) room->withdraw(here);
    rooms.clear();
    nsp.shard(here).count.fetch_sub(1, std::memory_order_release);
    nsp.server().leave(nsp);
  }
};

struct recovery::lane_part final : timer {
  lane_part(recovery& its_owner, const recovery_limits& limits, lane_index lane)
      : owner(its_owner), index(lane), log(limits, lane) {}
  void on_timer(time_point now) override {
    armed = false;
    owner.drop(log.expire(now));
    show();
    arm();
  }
  void arm() {
    if (armed) return;
    const auto when = log.next_expiry();
    if (!when) return;
    armed = true;
    owner.server_.lanes().at(index).arm(*this, *when);
  }
  [[nodiscard]] live& of(const socket_core& socket) {
    if (socket.slot >= sockets.size()) sockets.resize(socket.slot + 1);
    return sockets[socket.slot];
  }
  [[nodiscard]] time_point now() const { return owner.server_.lanes().at(index).now(); }
  /// To be called after each change of `log`: what other threads may read of it.
  void show() {
    shown_sessions.store(log.session_count(), std::memory_order_relaxed);
    shown_events.store(log.event_count(), std::memory_order_relaxed);
    shown_bytes.store(log.bytes(), std::memory_order_relaxed);
  }

  recovery& owner;
  const lane_index index;
  recovery_log log;
  std::vector<live> sockets;  // by slot
  std::atomic<std::uint64_t> refused{0};
  std::atomic<std::size_t> shown_sessions{0}, shown_events{0}, shown_bytes{0};
  bool armed = false;
};

}  // namespace gossamer::detail
