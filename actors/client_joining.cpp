// How a client joins a namespace: which one, recovery, middleware, the answer.
#include "actors/client_session_parts.hpp"
#include "actors/dispatch.hpp"
#include "actors/include/gossamer/ack.hpp"
#include "runtime/base/json_string.hpp"

#include <algorithm>
#include <iterator>

namespace gossamer::detail {

void client_session::connect_main() {
  const callback_scope scope(link_.home());
  handle_connect("/", {});
}

void client_session::handle_connect(std::string_view name, args auth) {
  if (find(name) != nullptr) return fail(make_error_code(errc::bad_arguments));
  if (entry_count() >= limits::namespaces_per_client_max) {
    return refused(name, "too many namespaces", {});
  }
  auto* nsp = server_.enter(name);
  auto parents = nsp == nullptr ? server_.parents() : std::vector<nsp_core*>();
  if (nsp == nullptr && parents.empty()) return refused(name, "Invalid namespace", {});

  auto joining = std::make_unique<waiting>(*this, name);
  joining->auth = std::move(auth);
  auto& home = link_.home();
  home.arm(*joining, home.now() + server_.options().connect_timeout);
  add({nullptr, std::move(joining)});
  if (nsp != nullptr) return found_namespace(*find(name), *nsp);
  ask_parents(std::string(name), std::move(parents), 0);
}

void client_session::ask_parents(const std::string& nsp, std::vector<nsp_core*> parents,
                                 std::size_t at) {
  auto* joining = find(nsp);
  if (joining == nullptr || joining->socket != nullptr) return;  // expired meanwhile
  if (at == parents.size()) {
    erase(*joining);
    return refused(nsp, "Invalid namespace", {});
  }
  auto& parent = *parents[at];
  const handshake asked(link_.handshake(), joining->pending->auth);
  const next decided([where = resumption(), self = self(), nsp, parents = std::move(parents),
                      at](const admission& decision) mutable {
    const bool yes = !decision.refused();
    where.run([self, nsp, parents = std::move(parents), at, yes]() mutable {
      if (*self == nullptr) return;
      auto& session = **self;
      auto* waiting_entry = session.find(nsp);
      if (!yes) return session.ask_parents(nsp, std::move(parents), at + 1);
      if (waiting_entry == nullptr || waiting_entry->socket != nullptr) return;
      auto* child = session.server_.enter_child(*parents[at], nsp);
      waiting_entry = session.find(nsp);  // a handler of new namespaces may have done anything
      if (waiting_entry == nullptr || waiting_entry->socket != nullptr) {
        if (child != nullptr) session.server_.leave(*child);
        return;
      }
      if (child == nullptr) {
        session.erase(*waiting_entry);
        return session.refused(nsp, "too many namespaces", {});
      }
      session.found_namespace(*waiting_entry, *child);
    });
  });
  try {
    parent.matcher(nsp, asked, [decided](bool yes) {
      if (yes) {
        decided();
      } else {
        decided(refuse(""));
      }
    });
  } catch (...) {
    link_.home().report_exception();
    decided(refuse(""));
  }
}

void client_session::found_namespace(entry& joining, nsp_core& nsp) {
  if (server_.kept() != nullptr && link_.revision() != 3) {
    joining.pending->ticket = ticket_of(joining.pending->auth);
  }
  if (joining.pending->ticket) return ask_recovery(joining, nsp);
  begin_socket(joining, nsp);
}

// The session may be on another lane: that takes a while.
void client_session::ask_recovery(entry& joining, nsp_core& nsp) {
  static thread_local std::uint64_t last_claim = 0;
  const auto number = ++last_claim;
  joining.pending->number = number;
  const auto ticket = *joining.pending->ticket;
  server_.kept()->claim(nsp, link_.home().index(), ticket,
                        [self = self(), &server = server_, &nsp, ticket, number,
                         here = link_.home().index()](bool yes) {
                          if (*self != nullptr && (*self)->is_claiming(nsp.name(), number)) {
                            return (*self)->claimed(nsp, yes);
                          }
                          if (yes) server.kept()->give_up(here, ticket.pid);
                          server.leave(nsp);
                        });
}

bool client_session::is_claiming(std::string_view name, std::uint64_t number) {
  const auto* joining = find(name);
  return joining != nullptr && joining->socket == nullptr && joining->pending->number == number;
}

void client_session::claimed(nsp_core& nsp, bool yes) {
  auto& joining = *find(nsp.name());
  if (!yes) joining.pending->ticket.reset();
  begin_socket(joining, nsp);
}

void client_session::begin_socket(entry& joining, nsp_core& nsp) {
  auto& socket = make_socket_actor(server_, nsp, *this, link_);
  server_.enlist(socket);
  if (!joining.pending->auth.empty()) socket.extra().auth = std::move(joining.pending->auth);
  joining.socket = &socket;
  if (!joining.pending->ticket) return next_middleware(socket, 0);
  auto& kept = *server_.kept();
  kept.prepare(socket, joining.pending->ticket->pid);
  if (kept.skips_middlewares()) return admitted(socket);
  next_middleware(socket, 0);
}

void client_session::next_middleware(socket_core& socket, std::size_t step) {
  const auto handlers = socket.nsp.shard(socket.home().index()).handlers;
  if (step >= handlers->middleware.size()) return admitted(socket);
  auto* joining = find(socket.nsp.name());
  joining->pending->step = step;
  const auto ref = socket.ref();
  const turn_scope turn(socket.nsp.turns());
  const next decided([where = resumption(), ref, step](admission decision) {
    where.run([ref, step, decision = std::move(decision)] {
      const nsp_use in(ref);
      auto* waiting_socket = in ? ref.nsp->server().find(ref) : nullptr;
      if (waiting_socket != nullptr) decide(*waiting_socket, step, decision);
    });
  });
  const handler_scope named(socket.home(), "middleware");
  try {
    handlers->middleware[step](ref, decided);
  } catch (...) {
    answer_exception(ref, std::nullopt, "middleware", std::current_exception());
    decided(refuse("internal error"));
  }
}

void client_session::decide(socket_core& socket, std::size_t step, const admission& decision) {
  if (socket.state != socket_state::connecting) return;
  auto& session = *socket.owner;
  const auto* joining = session.find(socket.nsp.name());
  if (joining == nullptr || joining->pending->step != step) return;
  if (decision.refused()) {
    const auto why = *decision.refused();
    const std::string name = socket.nsp.name();
    session.forget(socket);
    close_socket(socket, disconnect_reason::server_namespace_disconnect);
    return session.turned_away(name, why.message, why.data_json.value_or(std::string()));
  }
  if (decision.data() != nullptr) {
    (void)set_typed_data(socket.ref(), decision.data(), decision.data_type());
  }
  joining->pending->step = step + 1;  // a second call of this `next` is too late
  session.next_middleware(socket, step + 1);
}

void client_session::admitted(socket_core& socket) {
  auto& pending = find(socket.nsp.name())->pending;
  const auto ticket = pending->ticket;
  pending.reset();
  guard_.reset();
  if (ticket && resume(socket, *ticket)) {
    if (socket.state == socket_state::connected) dispatch_connection(socket);
    return;
  }
  if (server_.kept() != nullptr && link_.revision() != 3) server_.kept()->begin(socket);
  socket.state = socket_state::connected;
  socket.nsp.add(socket);
  dispatch_own_room(socket, room_change::created);
  send_connect(socket);
  dispatch_connection(socket);
}

// Nobody else sends to the socket before it has what it missed: no handler runs until then.
bool client_session::resume(socket_core& socket, const return_ticket& ticket) {
  auto back = server_.kept()->resume(socket, ticket);
  socket.recovered = back.has_value();
  if (!back) return false;
  socket.state = socket_state::connected;
  socket.nsp.add(socket);
  std::vector<std::pair<const rooms::room*, rooms::membership_change>> joined;
  for (const auto& room : back->rooms) {
    joined.emplace_back(room.get(), room->join(socket.home_lane, socket));
  }
  for (const auto& event : back->missed) {
    server_.counts(socket.home_lane).events_sent.add();
    (void)link_.send(event.frames.frames());
  }
  send_connect(socket);
  const auto ref = socket.ref();
  dispatch_own_room(socket, room_change::created);
  for (const auto& [room, change] : joined) {
    if (server_.find(ref) == nullptr) break;
    if (change.edge) dispatch_room(socket, room->name(), room_change::created);
    if (change) dispatch_room(socket, room->name(), room_change::joined);
  }
  return true;
}

// Protocol 4 has no payload here: such clients know their id.
void client_session::send_connect(const socket_core& socket) {
  const auto nsp = socket.nsp.address();
  const bool old = link_.revision() == 3;
  std::optional<std::string_view> pid;
  if (server_.kept() != nullptr && !old) pid = server_.kept()->pid_of(socket).text();
  const auto frames = old ? socketio::encode_packet(socketio::packet_type::connect, nsp, {}, {})
                          : socketio::encode_connect(nsp, socket.id.text(), pid);
  (void)link_.send(frames.frames());
}

// Protocol 4 has the data alone, or the message where JavaScript would find no data.
void client_session::turned_away(std::string_view nsp, std::string_view message,
                                 std::string_view data_json) {
  if (link_.revision() != 3) return refused(nsp, message, data_json);
  server_.counts(link_.home().index()).sockets_refused.add();
  constexpr std::string_view nothing[] = {"", "null", "false", "0", "-0", "\"\""};
  std::string json(data_json);
  if (std::find(std::begin(nothing), std::end(nothing), data_json) != std::end(nothing)) {
    json.clear();
    append_json_string(json, message);
  }
  (void)link_.send(
      socketio::encode_packet(socketio::packet_type::connect_error, address(nsp), {}, json)
          .frames());
}

void client_session::refused(std::string_view nsp, std::string_view message,
                             std::string_view data_json) {
  server_.counts(link_.home().index()).sockets_refused.add();
  (void)link_.send(socketio::encode_connect_error(address(nsp), message, data_json).frames());
}

void client_session::connect_expired(std::string_view nsp) {
  const callback_scope scope(link_.home());
  auto* late = find(nsp);
  const std::string name(nsp);
  if (late->socket != nullptr) {
    auto& socket = *late->socket;
    forget(socket);
    close_socket(socket, disconnect_reason::server_namespace_disconnect);
  } else {
    erase(*late);
  }
  turned_away(name, "connect timeout", {});
}

}  // namespace gossamer::detail
