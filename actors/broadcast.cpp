// Events and changes for many sockets.
//
// A fan-out runs no user code and closes nobody: sockets with `on_any_outgoing` handlers and
// clients over their budget are set aside and seen to after the loop.
#include "actors/client_session.hpp"
#include "actors/dispatch.hpp"
#include "actors/include/gossamer/detail.hpp"
#include "actors/recovery.hpp"
#include "actors/room_actors.hpp"
#include "actors/selection_job.hpp"

namespace gossamer::detail {
namespace {

constexpr std::size_t delivery_cost = 256;

// -- fan-out --------------------------------------------------------------------------------------

struct fan_out_leftovers {
  std::vector<socket_ref> watching;    // have handlers for outgoing events
  std::vector<socket_ref> over_limit;  // are over their budget
};

void see_to(const selection_job& job, const fan_out_leftovers& left,
            const socketio::frame_set& frames) {
  auto& server = job.nsp.server();
  for (const auto& ref : left.watching) {
    if (auto* socket = server.find(ref)) dispatch_outgoing(*socket, frames);
    auto* socket = server.find(ref);
    if (socket == nullptr || socket->state != socket_state::connected) continue;
    auto& counts = server.counts(ref.home);
    if (job.flags.is_volatile && !socket->link->ready_for_volatile()) {
      counts.volatile_dropped.add();
      continue;
    }
    counts.events_sent.add();
    (void)socket->link->send(frames.frames());
  }
  for (const auto& ref : left.over_limit) {
    auto* socket = server.find(ref);
    if (socket != nullptr && socket->link != nullptr) socket->link->check_budget();
  }
}

// The event for actors, read back from what was encoded for sockets.
const std::optional<room_news>& news_of(const selection_job& job,
                                        const socketio::frame_set& frames) {
  std::call_once(job.news_once, [&] {
    const auto packet = read_back(job.nsp, frames);
    if (!packet || packet->type != socketio::packet_type::event) return;
    job.news = room_news{job.nsp.name(), std::string(packet->name()), packet->args.keep(),
                         job.sender ? id_of(*job.sender) : std::string()};
  });
  return job.news;
}

}  // namespace

void tell_actors(const selection_job& job, lane_index here, const socketio::frame_set& frames) {
  for (const auto& room : job.rooms) {
    if (room->home() != here || room->guests() == nullptr) continue;
    if (const auto& news = news_of(job, frames)) {
      hand_to_actors(*room, *news, job.except, job.by_actor);
    }
  }
}

namespace {

void fan_out(const selection_job& job, lane_index here, const socketio::frame_set& frames) {
  fan_out_leftovers left;
  const auto list = frames.frames();
  const bool is_volatile = job.flags.is_volatile;
  std::uint64_t sent = 0;
  std::uint64_t dropped = 0;
  job.each(here, [&](socket_core& socket) {
    if (socket.watches_outgoing) return left.watching.push_back(socket.ref());
    if (is_volatile && !socket.link->ready_for_volatile()) {
      ++dropped;
      return;
    }
    ++sent;
    if (socket.link->send(list) == send_status::over_limit) {
      left.over_limit.push_back(socket.ref());
    }
  });
  auto& counts = job.nsp.server().counts(here);
  counts.events_sent.add(sent);
  counts.volatile_dropped.add(dropped);
  tell_actors(job, here, frames);
  if (!left.watching.empty() || !left.over_limit.empty()) see_to(job, left, frames);
}

// The same event under the name of another namespace.
socketio::frame_set renamed(const socketio::frame_set& frames, const nsp_core& to) {
  const auto packet = read_back(to, frames);
  if (!packet) return {};
  return socketio::encode_packet(socketio::packet_type::event, to.address(), std::nullopt,
                                 packet->payload, packet->args.attachments());
}

// As fan_out, where recovery is on: each receiver gets the offset of this lane, and sessions that
// are away are receivers too.
void fan_out_kept(recovery& kept, const selection_job& job, lane_index here,
                  const socketio::frame_set& frames, std::uint64_t stamp) {
  fan_out_leftovers left;
  std::optional<recovery::kept> made;
  if (kept.concerns_away(job, here)) {
    made = kept.keep(job.nsp, here, frames, stamp);
    kept.record_away(job, here, made->position);
  }
  std::uint64_t sent = 0;
  job.each(here, [&](socket_core& socket) {
    if (!made) made = kept.keep(job.nsp, here, frames, stamp);
    kept.record(socket, made->position);
    if (socket.watches_outgoing) return left.watching.push_back(socket.ref());
    ++sent;
    if (socket.link->send(made->frames.frames()) == send_status::over_limit) {
      left.over_limit.push_back(socket.ref());
    }
  });
  job.nsp.server().counts(here).events_sent.add(sent);
  tell_actors(job, here, frames);
  if (!left.watching.empty() || !left.over_limit.empty()) see_to(job, left, made->frames);
}

// Stamp, lanes and their queues under one lock, see recovery.hpp; this lane's part after it.
error_code send_kept(recovery& kept, const job_ptr& job, const socketio::frame_set& frames) {
  const auto* own = acting_lane();
  std::uint64_t mask = 0;
  std::uint64_t stamp = 0;
  error_code worst;
  kept.stamped([&](std::uint64_t now) {
    stamp = now;
    mask = job->lanes();
    std::uint64_t others = mask;
    if (own != nullptr && !own->is_service()) others &= ~(std::uint64_t{1} << int(own->index()));
    worst = on_lanes(
        job, others, delivery_cost + frames.size_bytes(), post_kind::data,
        [&kept, job, frames, now](lane_index here) { fan_out_kept(kept, *job, here, frames, now); },
        [&kept](lane_index here) { kept.refused(here); });
  });
  if (own == nullptr || own->is_service()) return worst;
  const bool own_too = ((mask >> int(own->index())) & 1U) != 0;
  if (own_too) fan_out_kept(kept, *job, own->index(), frames, stamp);
  return worst;
}

error_code send_to(const job_ptr& job, socketio::frame_set frames) {
  if (!job->flags.compress) frames.set_plain_only();
  auto* kept = job->nsp.server().kept();
  if (kept != nullptr && !job->flags.is_volatile) return send_kept(*kept, job, frames);
  const auto cost = delivery_cost + frames.size_bytes();
  const auto kind = job->flags.is_volatile ? post_kind::volatile_data : post_kind::data;
  return on_lanes(job, cost, kind, [job, frames = std::move(frames)](lane_index here) {
    fan_out(*job, here, frames);
  });
}

error_code broadcast(nsp_core& nsp, const selection& to, socketio::frame_set frames) {
  if (nsp.matcher) {  // a parent reaches the sockets of all its children, each under its own name
    error_code worst;
    for (auto* child : nsp.server().children(nsp)) {
      if (const auto failed = broadcast(*child, to, renamed(frames, *child))) worst = failed;
    }
    return worst;
  }
  return send_to(std::make_shared<const selection_job>(nsp, to), std::move(frames));
}

}  // namespace

error_code broadcast(const nsp_ref& nsp, const selection& to, socketio::frame_set frames) {
  const nsp_use in(nsp);
  if (!in) return gone(nsp);
  return broadcast(*nsp.core, to, std::move(frames));
}

error_code broadcast_by_actor(nsp_core& nsp, std::string_view room, socketio::frame_set frames,
                              const void* actor) {
  const foreign_scope scope;
  selection to;
  to.rooms.emplace_back(room);
  return send_to(std::make_shared<const selection_job>(nsp, to, actor), std::move(frames));
}

error_code sockets_join(const nsp_ref& nsp, const selection& which,
                        std::vector<std::string> names) {
  const nsp_use in(nsp);
  if (!in) return gone(nsp);
  const auto job = std::make_shared<const selection_job>(*nsp.core, which);
  const auto mask = job->lanes();
  // The rooms are promised members now: an emit by the same sender right after this follows to the
  // lanes.
  const auto promised = std::make_shared<std::vector<rooms::room_ptr>>();
  for (const auto& name : names) promised->push_back(nsp.core->rooms().find_or_create(name));
  const auto withdraw = [promised](lane_index lane) {
    for (const auto& room : *promised) room->withdraw(lane);
  };
  for (auto left = mask; left != 0; left &= left - 1) {
    for (const auto& room : *promised) room->promise(lane_index(std::countr_zero(left)));
  }
  return on_lanes(
      job, mask, delivery_cost, post_kind::control,
      [job, withdraw, names = std::move(names)](lane_index here) {
        for (const auto& ref : refs_of(*job, here)) (void)join(ref, names);
        withdraw(here);
      },
      withdraw);
}

error_code sockets_leave(const nsp_ref& nsp, const selection& which,
                         std::vector<std::string> names) {
  const nsp_use in(nsp);
  if (!in) return gone(nsp);
  const auto job = std::make_shared<const selection_job>(*nsp.core, which);
  return on_lanes(job, delivery_cost, post_kind::control,
                  [job, names = std::move(names)](lane_index here) {
                    for (const auto& ref : refs_of(*job, here)) (void)leave(ref, names);
                  });
}

error_code disconnect_sockets(const nsp_ref& nsp, const selection& which, bool close) {
  const nsp_use in(nsp);
  if (!in) return gone(nsp);
  const auto job = std::make_shared<const selection_job>(*nsp.core, which);
  return on_lanes(job, delivery_cost, post_kind::control, [job, close](lane_index here) {
    for (const auto& ref : refs_of(*job, here)) (void)disconnect(ref, close);
  });
}

}  // namespace gossamer::detail
