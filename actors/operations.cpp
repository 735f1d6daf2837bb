// Operations on one socket.
#include "actors/client_session.hpp"
#include "actors/dispatch.hpp"
#include "actors/include/gossamer/detail.hpp"
#include "actors/recovery.hpp"
#include "actors/server_core.hpp"

namespace gossamer::detail {
namespace {

bool is_open(const socket_core& socket) {
  return socket.state == socket_state::connected;
}

// The client is over its budget: see to it when no handler is running.
void check_budget_later(const socket_ref& who, lane& home) {
  (void)home.post([who, &home] {
    const callback_scope scope(home);
    auto* socket = who.nsp->server().find(who);
    if (socket != nullptr && socket->link != nullptr) socket->link->check_budget();
  });
}

error_code send_now(socket_core& socket, const socketio::frame_set& frames, bool is_volatile) {
  if (!is_open(socket)) return errc::disconnected;
  auto& counts = counts_of(socket);
  if (is_volatile && !socket.link->ready_for_volatile()) {
    counts.volatile_dropped.add();
    return errc::dropped;
  }
  if (socket.watches_outgoing) {
    dispatch_outgoing(socket, frames);
    if (!is_open(socket)) return errc::disconnected;
  }
  const auto status = socket.link->send(frames.frames());
  if (status == send_status::closed) return errc::disconnected;
  counts.events_sent.add();
  if (status == send_status::over_limit) check_budget_later(socket.ref(), socket.home());
  return {};
}

// Sends an event that recovery keeps.
error_code send_kept(recovery& kept, socket_core& socket, const socketio::frame_set& frames) {
  if (socket.watches_outgoing) {
    dispatch_outgoing(socket, frames);
    if (!is_open(socket)) return errc::disconnected;
  }
  const auto made = kept.keep(socket.nsp, socket.home_lane, frames, 0);
  kept.record(socket, made.position);
  counts_of(socket).events_sent.add();
  if (socket.link->send(made.frames.frames()) == send_status::over_limit) {
    check_budget_later(socket.ref(), socket.home());
  }
  return {};
}

post_kind kind_of(const emit_flags& flags) {
  return flags.is_volatile ? post_kind::volatile_data : post_kind::data;
}

constexpr std::size_t delivery_cost = 128;

bool names_own_room(const socket_ref& who, std::string_view room) {
  return who.has_old_name ? room == id_of(who) : room == who.id.text();
}

}  // namespace

std::string id_of(const socket_ref& who) {
  if (!who.has_old_name) return who.id.string();
  const nsp_use in(who);
  if (!in) return who.id.string();
  return who.nsp->name() + "#" + who.id.string();
}

socketio::packet_address address_of(const nsp_core& nsp) {
  return nsp.address();
}
std::string name_of(const nsp_ref& nsp) {
  const nsp_use in(nsp);
  return in ? nsp.core->name() : std::string();
}
nsp_ref ref_of(const nsp_core& nsp) {
  return nsp.ref();
}
std::uint32_t next_ack_id(nsp_core& nsp) {
  return nsp.next_ack_id();
}

namespace {

// The socket has gone, its session may be away or on another lane: the event follows it there.
error_code emit_after(const socket_ref& to, const socketio::frame_set& frames,
                      const emit_flags& flags) {
  selection session;
  session.rooms.push_back(to.id.string());
  session.flags = flags;
  return broadcast(to.in(), session, frames);
}

error_code emit_kept(recovery& kept, const socket_ref& to, socketio::frame_set frames,
                     const emit_flags& flags) {
  auto& home = to.nsp->server().lanes().at(to.home);
  if (!flags.compress) frames.set_plain_only();
  if (acting_lane() == &home) {
    auto* socket = to.nsp->server().find(to);
    if (socket != nullptr && is_open(*socket)) return send_kept(kept, *socket, frames);
    if (!kept.is_away(*to.nsp, to.home, to.id)) return errc::disconnected;
    return emit_after(to, frames, flags);
  }
  const auto cost = delivery_cost + frames.size_bytes();
  return server_core::to_error(home.post(
      [&kept, to, &home, flags, frames = std::move(frames)] {
        const callback_scope scope(home);
        auto* socket = to.nsp->server().find(to);
        if (socket != nullptr && is_open(*socket)) {
          (void)send_kept(kept, *socket, frames);
        } else {
          (void)emit_after(to, frames, flags);
        }
      },
      cost, post_kind::data));
}

}  // namespace

error_code emit(const socket_ref& to, socketio::frame_set frames, const emit_flags& flags) {
  const nsp_use in(to);
  if (!in) return errc::disconnected;
  auto* kept = to.nsp->server().kept();
  if (kept != nullptr && !flags.is_volatile) return emit_kept(*kept, to, std::move(frames), flags);
  return emit_unkept(to, std::move(frames), flags);
}

error_code emit_unkept(const socket_ref& to, socketio::frame_set frames, const emit_flags& flags) {
  const nsp_use in(to);
  if (!in) return errc::disconnected;
  if (!flags.compress) frames.set_plain_only();
  const auto cost = delivery_cost + frames.size_bytes();
  return to.nsp->server().on_socket(
      to, cost, kind_of(flags),
      [frames = std::move(frames), is_volatile = flags.is_volatile](socket_core& socket) {
        return send_now(socket, frames, is_volatile);
      });
}

namespace {

// Fails with what is known at once; otherwise `kept` is called later.
error_code ask(const socket_ref& to, std::uint32_t id, socketio::frame_set frames,
               const emit_flags& flags, const std::shared_ptr<ack_handler>& kept) {
  const nsp_use in(to);
  if (!in) return errc::disconnected;
  auto& home = to.nsp->server().lanes().at(to.home);
  if (!flags.compress) frames.set_plain_only();
  const auto cost = delivery_cost + frames.size_bytes();
  const auto act = [to, id, frames = std::move(frames), flags, kept]() -> error_code {
    auto* socket = to.nsp->server().find(to);
    if (socket == nullptr || !is_open(*socket)) return errc::disconnected;
    if (flags.is_volatile && !socket->link->ready_for_volatile()) {
      counts_of(*socket).volatile_dropped.add();
      return errc::dropped;
    }
    const auto waits = expect_ack(*socket, id, flags.timeout,
                                  [kept](result<args> answer) { (*kept)(std::move(answer)); });
    if (!waits) (void)send_now(*socket, frames, false);
    return waits;
  };
  if (acting_lane() == &home) return act();
  return server_core::to_error(home.post(
      [&home, act, kept] {
        const callback_scope scope(home);
        if (const auto failed = act()) std::exchange(*kept, nullptr)(failed);
      },
      cost, kind_of(flags)));
}

}  // namespace

void emit_with_ack(const socket_ref& to, std::uint32_t id, socketio::frame_set frames,
                   const emit_flags& flags, ack_handler done) {
  // `done` is kept outside of the delivery, to be told if that is refused or finds no socket.
  const auto kept = std::make_shared<ack_handler>(std::move(done));
  if (const auto failed = ask(to, id, std::move(frames), flags, kept)) {
    std::exchange(*kept, nullptr)(failed);
  }
}

error_code answer(const socket_ref& to, socketio::frame_set frames) {
  const nsp_use in(to);
  if (!in) return errc::disconnected;
  const auto cost = delivery_cost + frames.size_bytes();
  return to.nsp->server().on_socket(
      to, cost, post_kind::data, [frames = std::move(frames)](socket_core& socket) -> error_code {
        if (!is_open(socket)) return errc::disconnected;
        const auto status = socket.link->send(frames.frames());
        if (status == send_status::over_limit) check_budget_later(socket.ref(), socket.home());
        return status == send_status::closed ? make_error_code(errc::disconnected) : error_code();
      });
}

// By value like `leave`, which keeps the names.
// NOLINTNEXTLINE(performance-unnecessary-value-param)
error_code join(const socket_ref& who, std::vector<std::string> names) {
  const nsp_use in(who);
  if (!in) return errc::disconnected;
  // The rooms are promised members now: an emit by the same sender right after this follows to the
  // lane.
  std::vector<rooms::room_ptr> promised;
  for (const auto& name : names) {
    if (names_own_room(who, name)) continue;
    promised.push_back(who.nsp->rooms().find_or_create(name));
    promised.back()->promise(who.home);
  }
  struct promise_keeper {
    std::vector<rooms::room_ptr> rooms;
    lane_index home;
    promise_keeper(std::vector<rooms::room_ptr> promised_rooms, lane_index lane)
        : rooms(std::move(promised_rooms)), home(lane) {}
    promise_keeper(promise_keeper&&) = default;
    promise_keeper& operator=(promise_keeper&&) = delete;
    ~promise_keeper() {
      for (const auto& room : rooms) room->withdraw(home);
    }
  };
  auto keeper = std::make_shared<promise_keeper>(std::move(promised), who.home);
  return who.nsp->server().on_socket(
      who, delivery_cost, post_kind::control,
      [keeper = std::move(keeper)](socket_core& socket) -> error_code {
        // In `connecting` too: middleware may put a socket into rooms.
        if (socket.state != socket_state::connected && socket.state != socket_state::connecting) {
          return errc::disconnected;
        }
        for (const auto& room : keeper->rooms) {
          if (socket.state == socket_state::closed) return errc::disconnected;  // by a handler
          const auto change = room->join(keeper->home, socket);
          if (change.edge) dispatch_room(socket, room->name(), room_change::created);
          if (change) dispatch_room(socket, room->name(), room_change::joined);
        }
        return {};
      });
}

error_code leave(const socket_ref& who, std::vector<std::string> names) {
  const nsp_use in(who);
  if (!in) return errc::disconnected;
  return who.nsp->server().on_socket(who, delivery_cost, post_kind::control,
                                     [names = std::move(names)](socket_core& socket) -> error_code {
                                       if (socket.state == socket_state::closed)
                                         return errc::disconnected;
                                       for (const auto& name : names) {
                                         const auto room = socket.nsp.rooms().find(name);
                                         if (!room) continue;
                                         const auto change =
                                             room->leave(socket.home().index(), socket);
                                         if (change) dispatch_room(socket, name, room_change::left);
                                         if (change.edge)
                                           dispatch_room(socket, name, room_change::deleted);
                                       }
                                       return {};
                                     });
}

error_code disconnect(const socket_ref& who, bool close) {
  const nsp_use in(who);
  if (!in) return errc::disconnected;
  return who.nsp->server().on_socket(who, delivery_cost, post_kind::control,
                                     [close](socket_core& socket) -> error_code {
                                       if (!is_open(socket)) return errc::disconnected;
                                       client_session::disconnect(socket, close);
                                       return {};
                                     });
}

error_code close_connection(const socket_ref& who) {
  const nsp_use in(who);
  if (!in) return errc::disconnected;
  return who.nsp->server().on_socket(who, delivery_cost, post_kind::control,
                                     [](socket_core& socket) -> error_code {
                                       if (socket.link == nullptr) return errc::disconnected;
                                       socket.link->close(close_reason::forced_close);
                                       return {};
                                     });
}

// -- lane functions -------------------------------------------------------------------------------

bool connected(const socket_ref& who) {
  const auto* socket = on_lane(who);
  return socket != nullptr &&
         (socket->state == socket_state::connected || socket->state == socket_state::closing);
}

std::vector<std::string> rooms_of(const socket_ref& who) {
  const auto* socket = on_lane(who);
  if (socket == nullptr) return {};
  std::vector<std::string> names;
  if (socket->state != socket_state::closed) names.push_back(id_of(who));
  for (const auto& one : socket->memberships()) names.emplace_back(one.where->name());
  return names;
}

handshake handshake_of(const socket_ref& who) {
  const auto* socket = on_lane(who);
  if (socket == nullptr || socket->link == nullptr) return {};
  return {socket->link->handshake(), socket->extras == nullptr ? args() : socket->extras->auth};
}

transport_kind transport_of(const socket_ref& who) {
  const auto* socket = on_lane(who);
  return socket == nullptr || socket->link == nullptr ? transport_kind::polling
                                                      : socket->link->transport();
}

bool recovered(const socket_ref& who) {
  const auto* socket = on_lane(who);
  return socket != nullptr && socket->recovered;
}

int revision_of(const socket_ref& who) {
  const auto* socket = on_lane(who);
  return socket == nullptr || socket->link == nullptr ? 4 : socket->link->revision();
}

boost::json::object& data_of(const socket_ref& who) {
  static thread_local boost::json::object nobodys;  // of a socket that is gone
  auto* socket = on_lane(who);
  if (socket != nullptr) return socket->extra().data;
  nobodys.clear();
  return nobodys;
}

std::shared_ptr<void> typed_data_of(const socket_ref& who, const void* type) {
  const auto* socket = on_lane(who);
  if (socket == nullptr || socket->extras == nullptr) return nullptr;
  for (const auto& [key, data] : socket->extras->typed_data) {
    if (key == type) return data;
  }
  return nullptr;
}

bool set_typed_data(const socket_ref& who, std::shared_ptr<void> data, const void* type) {
  auto* socket = on_lane(who);
  if (socket == nullptr) return false;
  for (auto& [key, held] : socket->extra().typed_data) {
    if (key != type) continue;
    held = std::move(data);
    return true;
  }
  socket->extra().typed_data.emplace_back(type, std::move(data));
  return true;
}

}  // namespace gossamer::detail
