// A selection of sockets with its names resolved, and the way to the lanes where they are.
//
//     caller ── resolves names to rooms once ── selection_job, shared
//        ├── own lane: at once, if the caller is in a callback
//        └── every other lane with members: one delivery
#pragma once

#include "actors/callback_scope.hpp"
#include "actors/include/gossamer/detail.hpp"
#include "actors/room_actors.hpp"
#include "actors/server_core.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

namespace gossamer::detail {

/// A number that no earlier fan-out on this lane has used.
[[nodiscard]] inline std::uint64_t next_mark() {
  static thread_local std::uint64_t last = 0;
  return ++last;
}

/// Immutable; shared by the lanes.
struct selection_job {
  nsp_core& nsp;
  bool everybody = false;
  std::vector<rooms::room_ptr> rooms;
  // Rooms that are named like a socket: its own room.
  struct own_room {
    socket_id id;
    bool old_name = false;
  };
  std::vector<own_room> ids;
  std::vector<rooms::room_ptr> except;
  std::vector<own_room> except_ids;
  std::optional<socket_ref> sender;
  const void* by_actor = nullptr;  // the actor that emits, if it is one
  emit_flags flags;
  // For actors in the rooms: the event as they get it, made by the first lane that needs it.
  mutable std::once_flag news_once;
  mutable std::optional<room_news> news;

  selection_job(nsp_core& in, const selection& which, const void* actor = nullptr)
      : nsp(in),
        everybody(which.rooms.empty()),
        sender(which.sender),
        by_actor(actor),
        flags(which.flags) {
    resolve(which.rooms, rooms, ids);
    resolve(which.except, except, except_ids);
  }

  /// A bit for each lane that may have sockets for it.
  [[nodiscard]] std::uint64_t lanes() const {
    std::uint64_t mask = 0;
    for (std::size_t i = 0, n = nsp.server().lanes().size(); i < n; ++i) {
      if (concerns(lane_index(i))) mask |= std::uint64_t{1} << i;
    }
    return mask;
  }

  /// Calls visit(socket_core&) once for each socket on this lane that is meant. `visit` must not
  /// change rooms.
  template <class Visit>
  void each(lane_index here, Visit&& visit) const {
    const auto mark = next_mark();
    const auto exclude = [mark](rooms::member& who) { who.fan_out_mark = mark; };
    for (const auto& room : except) room->each(here, exclude);
    for (const auto& id : except_ids) {
      if (auto* socket = find(here, id)) exclude(*socket);
    }
    if (sender && sender->home == here) {
      if (auto* socket = nsp.server().find(*sender)) exclude(*socket);
    }
    const auto once = [mark, &visit](rooms::member& who) {
      auto& socket = static_cast<socket_core&>(who);
      if (who.fan_out_mark == mark || socket.state != socket_state::connected) return;
      who.fan_out_mark = mark;
      visit(socket);
    };
    if (everybody) {
      const auto& all = nsp.shard(here).sockets;
      for (std::size_t i = 0, n = all.size(); i < n; ++i) {
        if (i + 8 < n) __builtin_prefetch(all[i + 8]);
        once(*all[i]);
      }
      return;
    }
    for (const auto& room : rooms) room->each(here, once);
    for (const auto& id : ids) {
      if (auto* socket = find(here, id)) once(*socket);
    }
  }

 private:
  void resolve(const std::vector<std::string>& names, std::vector<rooms::room_ptr>& into,
               std::vector<own_room>& into_ids) const {
    for (const auto& name : names) {
      if (auto room = nsp.rooms().find(name)) into.push_back(std::move(room));
      if (const auto own = own_room_of(name)) into_ids.push_back(*own);
    }
  }
  [[nodiscard]] std::optional<own_room> own_room_of(std::string_view name) const {
    if (const auto id = socket_id::parse(name)) return own_room{*id, false};
    const std::string_view prefix = nsp.name();
    if (!name.starts_with(prefix) || !name.substr(prefix.size()).starts_with('#')) return {};
    const auto id = socket_id::parse(name.substr(prefix.size() + 1));
    return id ? std::optional(own_room{*id, true}) : std::nullopt;
  }
  [[nodiscard]] socket_core* find(lane_index here, const own_room& named) const {
    auto* socket = nsp.find(here, named.id);
    return socket != nullptr && socket->has_old_name == named.old_name ? socket : nullptr;
  }
  [[nodiscard]] bool concerns(lane_index lane) const {
    if (everybody) return nsp.shard(lane).count.load(std::memory_order_acquire) != 0;
    for (const auto& room : rooms) {
      if (!room->idle_on(lane)) return true;
    }
    const bool any_lane = !nsp.server().options().ids_name_lanes;
    return std::any_of(ids.begin(), ids.end(), [lane, any_lane](const own_room& one) {
      return any_lane || one.id.lane() == lane;
    });
  }
};

using job_ptr = std::shared_ptr<const selection_job>;

/// Does `act(lane_index)` on each lane of the job: at once on the acting lane, by the queue on
/// others. Refused lanes are told to `refused`.
template <class Act, class Refused>
error_code on_lanes(const job_ptr& job, std::uint64_t mask, std::size_t cost, post_kind kind,
                    const Act& act, const Refused& refused) {
  error_code worst;
  auto& lanes = job->nsp.server().lanes();
  for (; mask != 0; mask &= mask - 1) {
    auto& home = lanes.at(static_cast<std::size_t>(std::countr_zero(mask)));
    if (acting_lane() == &home) {
      act(home.index());
      continue;
    }
    const auto posted = home.post(
        [&home, act] {
          const callback_scope scope(home);
          act(home.index());
        },
        cost, kind);
    if (posted == post_result::accepted) continue;
    refused(home.index());
    worst = server_core::to_error(posted);
  }
  return worst;
}

template <class Act>
error_code on_lanes(const job_ptr& job, std::size_t cost, post_kind kind, const Act& act) {
  return on_lanes(job, job->lanes(), cost, kind, act, [](lane_index) {});
}

/// The sockets of a job on this lane, to be changed one by one: user code may run in between.
[[nodiscard]] inline std::vector<socket_ref> refs_of(const selection_job& job, lane_index here) {
  std::vector<socket_ref> found;
  job.each(here, [&](socket_core& socket) { found.push_back(socket.ref()); });
  return found;
}

/// Actors that are members get the event once for each of their rooms. Runs on: `here`. In
/// broadcast.cpp.
void tell_actors(const selection_job& job, lane_index here, const socketio::frame_set& frames);

}  // namespace gossamer::detail
