// Operations on many sockets: which lanes they concern, and on each lane which sockets.
//
//     caller ── resolves names to rooms once ── selection_job, shared
//        ├── own lane: at once, if the caller is in a callback
//        └── every other lane with members: one delivery
//
// A fan-out runs no user code and closes nobody: sockets with `on_any_outgoing` handlers and
// clients over their budget are set aside and seen to after the loop.
#include "actors/client_session.hpp"
#include "actors/dispatch.hpp"
#include "actors/include/gossamer/detail.hpp"
#include "actors/room_actors.hpp"
#include "actors/server_core.hpp"

#include <boost/json/serialize.hpp>

#include <atomic>
#include <bit>
#include <mutex>

namespace gossamer::detail {
namespace {

constexpr std::size_t delivery_cost = 256;

// A number that no earlier fan-out on this lane has used.
std::uint64_t next_mark() {
  static thread_local std::uint64_t last = 0;
  return ++last;
}

// A selection with its names resolved. Immutable; shared by the lanes.
struct selection_job {
  nsp_core& nsp;
  bool everybody = false;
  std::vector<rooms::room_ptr> rooms;
  std::vector<socket_id> ids;  // rooms that are named like a socket: its own room
  std::vector<rooms::room_ptr> except;
  std::vector<socket_id> except_ids;
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

  // A bit for each lane that may have sockets for it.
  [[nodiscard]] std::uint64_t lanes() const {
    std::uint64_t mask = 0;
    for (std::size_t i = 0, n = nsp.server().lanes().size(); i < n; ++i) {
      if (concerns(lane_index(i))) mask |= std::uint64_t{1} << i;
    }
    return mask;
  }

  // Calls visit(socket_core&) once for each socket on this lane that is meant. `visit` must not
  // change rooms.
  template <class Visit>
  void each(lane_index here, Visit&& visit) const {
    const auto mark = next_mark();
    const auto exclude = [mark](rooms::member& who) { who.fan_out_mark = mark; };
    for (const auto& room : except) room->each(here, exclude);
    for (const auto& id : except_ids) {
      if (auto* socket = nsp.find(here, id)) exclude(*socket);
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
      if (auto* socket = nsp.find(here, id)) once(*socket);
    }
  }

 private:
  void resolve(const std::vector<std::string>& names, std::vector<rooms::room_ptr>& into,
               std::vector<socket_id>& into_ids) const {
    for (const auto& name : names) {
      if (auto room = nsp.rooms().find(name)) into.push_back(std::move(room));
      if (const auto id = socket_id::parse(name)) into_ids.push_back(*id);
    }
  }
  [[nodiscard]] bool concerns(lane_index lane) const {
    if (everybody) return nsp.shard(lane).count.load(std::memory_order_acquire) != 0;
    for (const auto& room : rooms) {
      if (!room->idle_on(lane)) return true;
    }
    for (const auto& id : ids) {
      if (id.lane() == lane) return true;
    }
    return false;
  }
};

using job_ptr = std::shared_ptr<const selection_job>;

// Does `act(lane_index)` on each lane of the job: at once on the acting lane, by the queue on
// others. Refused lanes are told to `refused`.
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

// The sockets of a job on this lane, to be changed one by one: user code may run in between.
std::vector<socket_ref> refs_of(const selection_job& job, lane_index here) {
  std::vector<socket_ref> found;
  job.each(here, [&](socket_core& socket) { found.push_back(socket.ref()); });
  return found;
}

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
    if (job.flags.is_volatile && !socket->link->ready_for_volatile()) continue;
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
    const auto packet = read_back(frames);
    if (!packet || packet->type != socketio::packet_type::event) return;
    job.news = room_news{job.nsp.name(), std::string(packet->name()), packet->args.keep(),
                         job.sender ? job.sender->id.string() : std::string()};
  });
  return job.news;
}

// Actors that are members get the event once for each of their rooms; sockets' ids name no rooms of
// theirs.
void tell_actors(const selection_job& job, lane_index here, const socketio::frame_set& frames) {
  for (const auto& room : job.rooms) {
    if (room->home() != here || room->guests() == nullptr) continue;
    if (const auto& news = news_of(job, frames)) {
      hand_to_actors(*room, *news, job.except, job.by_actor);
    }
  }
}

void fan_out(const selection_job& job, lane_index here, const socketio::frame_set& frames) {
  fan_out_leftovers left;
  const auto list = frames.frames();
  const bool is_volatile = job.flags.is_volatile;
  job.each(here, [&](socket_core& socket) {
    if (socket.watches_outgoing) return left.watching.push_back(socket.ref());
    if (is_volatile && !socket.link->ready_for_volatile()) return;
    if (socket.link->send(list) == send_status::over_limit) {
      left.over_limit.push_back(socket.ref());
    }
  });
  tell_actors(job, here, frames);
  if (!left.watching.empty() || !left.over_limit.empty()) see_to(job, left, frames);
}

// -- answers to a broadcast -----------------------------------------------------------------------

// Collects answers from all lanes; calls `done` once when nothing is left to wait for.
class answer_collector {
 public:
  answer_collector(std::uint32_t lanes, broadcast_ack_handler done)
      : waiting_(lanes), done_(std::move(done)) {}

  void expect_one() { change(+1, nullptr, true); }
  void answered(args values) { change(-1, &values, true); }
  void missing(bool counts) { change(-1, nullptr, !counts); }
  void lane_done() { change(-1, nullptr, true); }

 private:
  void change(int by, args* values, bool complete) {
    {
      const std::lock_guard lock(mutex_);
      if (values != nullptr) answers_.responses.push_back(std::move(*values));
      if (!complete) answers_.complete = false;
      waiting_ += by;
      if (waiting_ != 0) return;
    }
    where_.run([done = std::move(done_), answers = std::move(answers_)]() mutable {
      done(std::move(answers));
    });
  }
  std::mutex mutex_;
  std::int64_t waiting_;  // lanes that have not sent yet, and clients that have not answered yet
  broadcast_answers answers_;
  broadcast_ack_handler done_;
  resumption where_;
};

void fan_out_with_ack(const selection_job& job, lane_index here, std::uint32_t id,
                      const socketio::frame_set& frames,
                      const std::shared_ptr<answer_collector>& collector) {
  const auto limit = job.flags.timeout.value_or(milliseconds(1));
  tell_actors(job, here, frames);  // who do not answer
  for (const auto& ref : refs_of(job, here)) {
    auto* socket = job.nsp.server().find(ref);
    if (socket == nullptr || socket->state != socket_state::connected) continue;
    collector->expect_one();
    const auto failed = expect_ack(*socket, id, limit, [collector](result<args> answer) {
      if (answer) return collector->answered(std::move(*answer));
      // Who left will not answer and is not waited for; who is late makes the answers incomplete.
      collector->missing(answer.error() == errc::ack_timeout);
    });
    if (failed) {
      collector->missing(true);
      continue;
    }
    (void)emit(ref, frames, job.flags);
  }
  collector->lane_done();
}

// The same event under the name of another namespace.
socketio::frame_set renamed(const socketio::frame_set& frames, std::string_view nsp) {
  const auto packet = read_back(frames);
  if (!packet) return {};
  return socketio::encode_packet(socketio::packet_type::event, nsp, std::nullopt, packet->payload,
                                 packet->args.attachments());
}

error_code send_to(const job_ptr& job, socketio::frame_set frames) {
  const auto cost = delivery_cost + frames.size_bytes();
  const auto kind = job->flags.is_volatile ? post_kind::volatile_data : post_kind::data;
  return on_lanes(job, cost, kind, [job, frames = std::move(frames)](lane_index here) {
    fan_out(*job, here, frames);
  });
}

}  // namespace

error_code broadcast(nsp_core& nsp, const selection& to, socketio::frame_set frames) {
  if (nsp.matcher) {  // a parent reaches the sockets of all its children, each under its own name
    error_code worst;
    for (auto* child : nsp.server().children(nsp)) {
      if (const auto failed = broadcast(*child, to, renamed(frames, child->name()))) worst = failed;
    }
    return worst;
  }
  return send_to(std::make_shared<const selection_job>(nsp, to), std::move(frames));
}

error_code broadcast_by_actor(nsp_core& nsp, std::string_view room, socketio::frame_set frames,
                              const void* actor) {
  const foreign_scope scope;
  selection to;
  to.rooms.emplace_back(room);
  return send_to(std::make_shared<const selection_job>(nsp, to, actor), std::move(frames));
}

void broadcast_with_ack(nsp_core& nsp, const selection& to, std::uint32_t id,
                        socketio::frame_set frames, broadcast_ack_handler done) {
  const auto job = std::make_shared<const selection_job>(nsp, to);
  const auto mask = job->lanes();
  if (mask == 0) return done({});
  const auto collector = std::make_shared<answer_collector>(
      static_cast<std::uint32_t>(std::popcount(mask)), std::move(done));
  const auto cost = delivery_cost + frames.size_bytes();
  (void)on_lanes(
      job, mask, cost, post_kind::data,
      [job, id, frames = std::move(frames), collector](lane_index here) {
        fan_out_with_ack(*job, here, id, frames, collector);
      },
      [&](lane_index) { collector->missing(true); });
}

error_code sockets_join(nsp_core& nsp, const selection& which, std::vector<std::string> names) {
  const auto job = std::make_shared<const selection_job>(nsp, which);
  const auto mask = job->lanes();
  // The rooms are promised members now: an emit by the same sender right after this follows to the
  // lanes.
  const auto promised = std::make_shared<std::vector<rooms::room_ptr>>();
  for (const auto& name : names) promised->push_back(nsp.rooms().find_or_create(name));
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

error_code sockets_leave(nsp_core& nsp, const selection& which, std::vector<std::string> names) {
  const auto job = std::make_shared<const selection_job>(nsp, which);
  return on_lanes(job, delivery_cost, post_kind::control,
                  [job, names = std::move(names)](lane_index here) {
                    for (const auto& ref : refs_of(*job, here)) (void)leave(ref, names);
                  });
}

error_code disconnect_sockets(nsp_core& nsp, const selection& which, bool close) {
  const auto job = std::make_shared<const selection_job>(nsp, which);
  return on_lanes(job, delivery_cost, post_kind::control, [job, close](lane_index here) {
    for (const auto& ref : refs_of(*job, here)) (void)disconnect(ref, close);
  });
}

namespace {

struct fetch_state {
  std::mutex mutex;
  std::vector<socket_snapshot> found;
  int lanes_left = 0;
  fetch_handler done;
  resumption where;

  void lane_done(std::vector<socket_snapshot> here) {
    {
      const std::lock_guard lock(mutex);
      for (auto& one : here) found.push_back(std::move(one));
      if (--lanes_left != 0) return;
    }
    where.run([done = std::move(done), all = std::move(found)]() mutable { done(std::move(all)); });
  }
};

std::vector<socket_snapshot> snapshots(const selection_job& job, lane_index here) {
  std::vector<socket_snapshot> found;
  job.each(here, [&](socket_core& socket) {
    found.push_back(
        {socket.ref(), rooms_of(socket.ref()),
         socket.extras == nullptr ? "{}" : boost::json::serialize(socket.extras->data)});
  });
  return found;
}

}  // namespace

void fetch_sockets(nsp_core& nsp, const selection& which, fetch_handler done) {
  const auto job = std::make_shared<const selection_job>(nsp, which);
  const auto mask = job->lanes();
  if (mask == 0) return done({});
  const auto state = std::make_shared<fetch_state>();
  state->lanes_left = std::popcount(mask);
  state->done = std::move(done);
  (void)on_lanes(
      job, mask, delivery_cost, post_kind::control,
      [job, state](lane_index here) { state->lane_done(snapshots(*job, here)); },
      [&](lane_index) { state->lane_done({}); });
}

// -- namespaces -----------------------------------------------------------------------------------

void nsp_on(nsp_core& nsp, std::string event, event_handler handler) {
  nsp.change([&](nsp_handlers& all) { all.events[event].push_back(handler); });
}
void nsp_on_any(nsp_core& nsp, event_handler handler) {
  nsp.change([&](nsp_handlers& all) { all.any.push_back(handler); });
}
void nsp_on_connection(nsp_core& nsp, connection_handler handler) {
  nsp.change([&](nsp_handlers& all) { all.connection.push_back(handler); });
}
void nsp_on_disconnecting(nsp_core& nsp, disconnect_handler handler) {
  nsp.change([&](nsp_handlers& all) { all.disconnecting.push_back(handler); });
}
void nsp_on_disconnect(nsp_core& nsp, disconnect_handler handler) {
  nsp.change([&](nsp_handlers& all) { all.disconnect.push_back(handler); });
}
void nsp_use(nsp_core& nsp, admission_handler handler) {
  nsp.change([&](nsp_handlers& all) { all.middleware.push_back(handler); });
}
void nsp_map_errors(nsp_core& nsp, error_mapper mapper) {
  nsp.change([&](nsp_handlers& all) { all.map_errors = mapper; });
}
std::size_t socket_count(const nsp_core& nsp) {
  return nsp.socket_count();
}
std::size_t room_count(const nsp_core& nsp) {
  return nsp.rooms().populated() + nsp.socket_count();
}
std::size_t room_size(const nsp_core& nsp, std::string_view room) {
  const auto found = nsp.rooms().find(room);
  return found ? found->member_count() : 0;
}

}  // namespace gossamer::detail
