// Operations on one socket.
#include "actors/client_session.hpp"
#include "actors/dispatch.hpp"
#include "actors/include/gossamer/detail.hpp"
#include "actors/server_core.hpp"

namespace gossamer::detail {
namespace {

// The socket that a *lane* function is about; checks that the caller is on its lane.
socket_core* on_lane(const socket_ref& who) {
  if (who.nsp == nullptr) return nullptr;
  auto& server = who.nsp->server();
  server.lanes().at(who.home).check();
  return server.find(who);
}

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
  if (is_volatile && !socket.link->ready_for_volatile()) return errc::dropped;
  if (socket.watches_outgoing) {
    dispatch_outgoing(socket, frames);
    if (!is_open(socket)) return errc::disconnected;
  }
  const auto status = socket.link->send(frames.frames());
  if (status == send_status::closed) return errc::disconnected;
  if (status == send_status::over_limit) check_budget_later(socket.ref(), socket.home());
  return {};
}

post_kind kind_of(const emit_flags& flags) {
  return flags.is_volatile ? post_kind::volatile_data : post_kind::data;
}

constexpr std::size_t delivery_cost = 128;

}  // namespace

std::string_view name_of(const nsp_core& nsp) {
  return nsp.name();
}
std::uint32_t next_ack_id(nsp_core& nsp) {
  return nsp.next_ack_id();
}

error_code emit(const socket_ref& to, socketio::frame_set frames, const emit_flags& flags) {
  const auto cost = delivery_cost + frames.size_bytes();
  return to.nsp->server().on_socket(
      to, cost, kind_of(flags),
      [frames = std::move(frames), is_volatile = flags.is_volatile](socket_core& socket) {
        return send_now(socket, frames, is_volatile);
      });
}

void emit_with_ack(const socket_ref& to, std::uint32_t id, socketio::frame_set frames,
                   const emit_flags& flags, ack_handler done) {
  // `done` is kept outside of the delivery, to be told if that is refused or finds no socket.
  const auto kept = std::make_shared<ack_handler>(std::move(done));
  const auto fail = [kept](const error_code& why) { std::exchange(*kept, nullptr)(why); };
  auto& server = to.nsp->server();
  auto& home = server.lanes().at(to.home);
  const auto cost = delivery_cost + frames.size_bytes();
  const auto act = [to, id, frames = std::move(frames), flags, kept, fail] {
    auto* socket = to.nsp->server().find(to);
    if (socket == nullptr || !is_open(*socket)) return fail(errc::disconnected);
    if (flags.is_volatile && !socket->link->ready_for_volatile()) return fail(errc::dropped);
    const auto waits = expect_ack(*socket, id, flags.timeout,
                                  [kept](result<args> answer) { (*kept)(std::move(answer)); });
    if (waits) return fail(waits);
    (void)send_now(*socket, frames, false);
  };
  if (acting_lane() == &home) return act();
  const auto posted = home.post(
      [&home, act] {
        const callback_scope scope(home);
        act();
      },
      cost, kind_of(flags));
  if (posted != post_result::accepted) fail(server_core::to_error(posted));
}

error_code answer(const socket_ref& to, socketio::frame_set frames) {
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
  if (who.nsp == nullptr) return errc::disconnected;
  // The rooms are promised members now: an emit by the same sender right after this follows to the
  // lane.
  std::vector<rooms::room_ptr> promised;
  for (const auto& name : names) {
    if (name == who.id.text()) continue;
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
        for (const auto& room : keeper->rooms) room->join(keeper->home, socket);
        return {};
      });
}

error_code leave(const socket_ref& who, std::vector<std::string> names) {
  if (who.nsp == nullptr) return errc::disconnected;
  return who.nsp->server().on_socket(who, delivery_cost, post_kind::control,
                                     [names = std::move(names)](socket_core& socket) -> error_code {
                                       if (socket.state == socket_state::closed)
                                         return errc::disconnected;
                                       for (const auto& name : names) {
                                         if (const auto room = socket.nsp.rooms().find(name)) {
                                           room->leave(socket.home().index(), socket);
                                         }
                                       }
                                       return {};
                                     });
}

error_code disconnect(const socket_ref& who, bool close) {
  if (who.nsp == nullptr) return errc::disconnected;
  return who.nsp->server().on_socket(who, delivery_cost, post_kind::control,
                                     [close](socket_core& socket) -> error_code {
                                       if (!is_open(socket)) return errc::disconnected;
                                       client_session::disconnect(socket, close);
                                       return {};
                                     });
}

error_code close_connection(const socket_ref& who) {
  if (who.nsp == nullptr) return errc::disconnected;
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
  if (socket->state != socket_state::closed) names.emplace_back(who.id.text());
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

void on(const socket_ref& who, std::string event, event_handler handler, bool once) {
  if (auto* socket = on_lane(who)) {
    socket->extra().handlers.push_back(
        {std::move(event), std::make_shared<const event_handler>(std::move(handler)), once});
  }
}

void off(const socket_ref& who, std::string_view event) {
  auto* socket = on_lane(who);
  if (socket == nullptr || socket->extras == nullptr) return;
  std::erase_if(socket->extras->handlers, [&](const auto& one) { return one.event == event; });
}

void on_any(const socket_ref& who, event_handler handler) {
  if (auto* socket = on_lane(who)) {
    socket->extra().any.push_back(std::make_shared<const event_handler>(std::move(handler)));
  }
}

void on_any_outgoing(const socket_ref& who, outgoing_handler handler) {
  if (auto* socket = on_lane(who)) {
    socket->extra().any_outgoing.push_back(
        std::make_shared<const outgoing_handler>(std::move(handler)));
    socket->watches_outgoing = true;
  }
}

void on_disconnecting(const socket_ref& who, disconnect_handler handler) {
  if (auto* socket = on_lane(who)) socket->extra().disconnecting.push_back(std::move(handler));
}

void on_disconnect(const socket_ref& who, disconnect_handler handler) {
  if (auto* socket = on_lane(who)) socket->extra().disconnect.push_back(std::move(handler));
}

void use(const socket_ref& who, packet_handler handler) {
  if (auto* socket = on_lane(who)) {
    socket->extra().middleware.push_back(
        std::make_shared<const packet_handler>(std::move(handler)));
  }
}

void on_error(const socket_ref& who,
              std::function<void(const socket_ref&, const failure&)> handler) {
  if (auto* socket = on_lane(who)) socket->extra().errors.push_back(std::move(handler));
}

}  // namespace gossamer::detail
