#include "actors/client_session.hpp"

#include "actors/dispatch.hpp"
#include "actors/include/gossamer/ack.hpp"
#include "actors/recovery.hpp"
#include "actors/socketio/connect_query.hpp"
#include "actors/socketio/json_text.hpp"

#include <algorithm>
#include <iterator>

namespace gossamer::detail {
namespace {

disconnect_reason as_disconnect(close_reason reason) {
  return static_cast<disconnect_reason>(reason);  // the same words in the same order
}
static_assert(static_cast<int>(disconnect_reason::forced_server_close) ==
              static_cast<int>(close_reason::forced_server_close));

args auth_of_query(std::string_view query) {
  return query.empty() ? args() : args(socketio::query_as_json(query), 1);
}

args auth_of_payload(const socketio::packet& packet) {
  if (!packet.args.empty()) return packet.args.keep();
  return packet.payload.empty() ? args() : args(packet.payload, 1);
}

}  // namespace

struct client_session::waiting final : timer {
  explicit waiting(client_session& session, std::string_view name) : owner(session), nsp(name) {}
  void on_timer(time_point) override {
    const auto name = nsp;
    owner.connect_expired(name);
  }
  client_session& owner;
  const std::string nsp;
  args auth;
  std::size_t step = 0;
  std::optional<return_ticket> ticket;
  std::uint64_t number = 0;  // of its claim
};

// Closes a client that has joined no namespace in time.
struct client_session::join_guard final : timer {
  explicit join_guard(client_session& session) : owner(session) {}
  void on_timer(time_point) override { owner.link_.close(close_reason::forced_close); }
  client_session& owner;
};

struct client_session::rarely_used {
  std::vector<entry> entries;
  std::shared_ptr<client_session*> self;
  parser_memory_ptr unfinished;
};

client_session::client_session(server_core& server, connection& link)
    : server_(server), link_(link), guard_(std::make_unique<join_guard>(*this)) {
  auto& home = link_.home();
  home.arm(*guard_, home.now() + server_.options().connect_timeout);
}

client_session::~client_session() {
  if (more_ != nullptr && more_->self != nullptr) *more_->self = nullptr;
}

// -- the namespaces of this client ----------------------------------------------------------------

std::shared_ptr<client_session*> client_session::self() {
  if (more_ == nullptr) more_ = std::make_unique<rarely_used>();
  if (more_->self == nullptr) more_->self = std::make_shared<client_session*>(this);
  return more_->self;
}

void client_session::add(entry joining) {
  if (!first_.used()) {
    first_ = std::move(joining);
    return;
  }
  if (more_ == nullptr) more_ = std::make_unique<rarely_used>();
  more_->entries.push_back(std::move(joining));
}

// The last one moves into the gap.
void client_session::erase(entry& which) {
  if (more_ == nullptr || more_->entries.empty()) {
    which = {};
    return;
  }
  auto moved = std::move(more_->entries.back());
  const bool is_last = &which == &more_->entries.back();
  more_->entries.pop_back();
  if (!is_last) which = std::move(moved);
}

std::size_t client_session::entry_count() const {
  return (first_.used() ? 1U : 0U) + (more_ == nullptr ? 0U : more_->entries.size());
}

client_session::entry& client_session::last() {
  return more_ != nullptr && !more_->entries.empty() ? more_->entries.back() : first_;
}

std::string_view client_session::name_of(const entry& one) const {
  return one.socket != nullptr ? std::string_view(one.socket->nsp.name()) : one.pending->nsp;
}

client_session::entry* client_session::find(std::string_view nsp) {
  if (first_.used() && name_of(first_) == nsp) return &first_;
  if (more_ == nullptr) return nullptr;
  for (auto& one : more_->entries) {
    if (name_of(one) == nsp) return &one;
  }
  return nullptr;
}

void client_session::on_text(std::string_view message) {
  const callback_scope scope(link_.home());
  take(server_.packets() == nullptr ? decoder_.on_text(message, decoding())
                                    : decode_with(&socketio::decode_text, message));
}

void client_session::on_binary(bytes message) {
  const callback_scope scope(link_.home());
  take(server_.packets() == nullptr ? decoder_.on_binary(std::move(message))
                                    : decode_with(&socketio::decode_binary, message));
}

// A namespace may have a query in protocol 4.
socketio::decoder_options client_session::decoding() const {
  socketio::decoder_options how;
  how.attachments_max = server_.options().attachments_max;
  if (link_.revision() == 3) how.namespace_bytes_max += socketio::connect_query_bytes_max;
  return how;
}

// What the server's parser keeps for a connection is where few need memory.
template <class Decode, class Message>
result<std::optional<socketio::packet>> client_session::decode_with(Decode decode,
                                                                    const Message& message) {
  parser_memory_ptr kept;
  if (more_ != nullptr) kept = std::move(more_->unfinished);
  auto packet = decode(*server_.packets(), message, kept);
  if (kept != nullptr) {
    if (more_ == nullptr) more_ = std::make_unique<rarely_used>();
    more_->unfinished = std::move(kept);
  }
  return packet;
}

void client_session::take(result<std::optional<socketio::packet>> packet) {
  if (!packet) return fail(packet.error());
  if (*packet) handle(**packet);
}

socketio::packet_address client_session::address(std::string_view nsp) const {
  return {nsp, server_.packets()};
}

void client_session::fail(const error_code& why) {
  server_.log().debug("client refused address={} reason={}", link_.handshake()->address(),
                      why.message());
  link_.close(close_reason::forced_close);
}

void client_session::handle(socketio::packet& packet) {
  using socketio::packet_type;
  const bool old = link_.revision() == 3;
  const auto query = old ? socketio::take_query(packet.nsp) : std::string_view();
  if (packet.nsp.size() > limits::namespace_bytes_max) {
    return fail(make_error_code(socketio::errc::namespace_too_long));
  }
  if (packet.type == packet_type::connect) {
    return handle_connect(packet.nsp, old ? auth_of_query(query) : auth_of_payload(packet));
  }
  const auto* found = find(packet.nsp);
  if (found == nullptr || found->socket == nullptr ||
      found->socket->state != socket_state::connected) {
    return fail(make_error_code(errc::disconnected));
  }
  auto& socket = *found->socket;
  switch (packet.type) {
    case packet_type::event: return dispatch_event(socket, packet);
    case packet_type::ack: return dispatch_ack(socket, packet);
    case packet_type::disconnect:
      forget(socket);
      return close_socket(socket, disconnect_reason::client_namespace_disconnect);
    default: return fail(make_error_code(errc::bad_arguments));
  }
}

// -- joining a namespace --------------------------------------------------------------------------

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
    socketio::append_json_string(json, message);
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

// -- leaving --------------------------------------------------------------------------------------

void client_session::forget(const socket_core& socket) {
  auto* found = find(socket.nsp.name());
  if (found != nullptr && found->socket == &socket) erase(*found);
}

void client_session::close_socket(socket_core& socket, disconnect_reason reason) {
  if (socket.state == socket_state::closing || socket.state == socket_state::closed) return;
  const bool was_connected = socket.state == socket_state::connected;
  socket.state = socket_state::closing;
  auto* kept = socket.nsp.server().kept();
  const auto pid = kept == nullptr ? session_id() : kept->pid_of(socket);
  const bool is_away = kept != nullptr && kept->leave(socket, reason);
  if (!was_connected && socket.recovered) kept->give_up(socket.home_lane, pid);
  if (was_connected) dispatch_disconnecting(socket, reason);
  socket.state = socket_state::closed;
  leave_all_rooms(socket);
  if (was_connected) {
    dispatch_own_room(socket, room_change::deleted);
    socket.nsp.remove(socket);
  }
  if (socket.extras != nullptr) request_stop(socket);
  fail_pending_acks(socket);
  if (was_connected) dispatch_disconnect(socket, reason);
  if (is_away) kept->keep_data(socket, pid);
  socket.nsp.server().delist(socket);
  socket.release_later(reason);
  socket.owner = nullptr;
  socket.link = nullptr;
}

void client_session::disconnect(socket_core& socket, bool close) {
  auto& session = *socket.owner;
  auto& link = session.link_;
  if (!close) {
    if (socket.state == socket_state::connected) {
      (void)link.send(socketio::encode_disconnect(socket.nsp.address()).frames());
    }
    session.forget(socket);
    return close_socket(socket, disconnect_reason::server_namespace_disconnect);
  }
  while (session.entry_count() != 0) {
    auto& last = session.last();
    if (last.socket == nullptr) {
      session.erase(last);
    } else {
      disconnect(*last.socket, false);
    }
  }
  link.close(close_reason::forced_server_close);
}

void client_session::on_close(close_reason reason) {
  const callback_scope scope(link_.home());
  guard_.reset();
  if (more_ != nullptr && more_->self != nullptr) *more_->self = nullptr;
  while (entry_count() != 0) {
    auto* socket = last().socket;
    erase(last());
    if (socket != nullptr) close_socket(*socket, as_disconnect(reason));
  }
}

}  // namespace gossamer::detail
