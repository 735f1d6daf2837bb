#include "actors/client_session.hpp"

#include "actors/dispatch.hpp"
#include "actors/include/gossamer/ack.hpp"

namespace gossamer::detail {
namespace {

disconnect_reason as_disconnect(close_reason reason) {
  return static_cast<disconnect_reason>(reason);  // the same words in the same order
}
static_assert(static_cast<int>(disconnect_reason::forced_server_close) ==
              static_cast<int>(close_reason::forced_server_close));

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
  const auto packet = decoder_.on_text(message, {server_.options().attachments_max});
  if (!packet) return fail(packet.error());
  if (*packet) handle(**packet);
}

void client_session::on_binary(bytes message) {
  const callback_scope scope(link_.home());
  const auto packet = decoder_.on_binary(std::move(message));
  if (!packet) return fail(packet.error());
  if (*packet) handle(**packet);
}

void client_session::fail(const error_code& why) {
  server_.log().debug("client refused address={} reason={}", link_.handshake()->address(),
                      why.message());
  link_.close(close_reason::forced_close);
}

void client_session::handle(const socketio::packet& packet) {
  using socketio::packet_type;
  if (packet.type == packet_type::connect) return handle_connect(packet);
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

void client_session::handle_connect(const socketio::packet& packet) {
  if (find(packet.nsp) != nullptr) return fail(make_error_code(errc::bad_arguments));
  if (entry_count() >= limits::namespaces_per_client_max) {
    return refused(packet.nsp, "too many namespaces", {});
  }
  auto* nsp = server_.find(packet.nsp);
  auto parents = nsp == nullptr ? server_.parents() : std::vector<nsp_core*>();
  if (nsp == nullptr && parents.empty()) return refused(packet.nsp, "Invalid namespace", {});

  auto joining = std::make_unique<waiting>(*this, packet.nsp);
  if (!packet.payload.empty()) joining->auth = args(packet.payload, 1);
  auto& home = link_.home();
  home.arm(*joining, home.now() + server_.options().connect_timeout);
  add({nullptr, std::move(joining)});
  if (nsp != nullptr) return found_namespace(*find(packet.nsp), *nsp);
  ask_parents(std::string(packet.nsp), std::move(parents), 0);
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
      session.found_namespace(*waiting_entry, session.server_.child(*parents[at], nsp));
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
  auto& socket = make_socket_actor(server_, nsp, *this, link_);
  server_.enlist(socket);
  if (!joining.pending->auth.empty()) socket.extra().auth = std::move(joining.pending->auth);
  joining.socket = &socket;
  next_middleware(socket, 0);
}

void client_session::next_middleware(socket_core& socket, std::size_t step) {
  const auto handlers = socket.nsp.shard(socket.home().index()).handlers;
  if (step >= handlers->middleware.size()) return admitted(socket);
  auto* joining = find(socket.nsp.name());
  joining->pending->step = step;
  const auto ref = socket.ref();
  const next decided([where = resumption(), ref, step](admission decision) {
    where.run([ref, step, decision = std::move(decision)] {
      if (auto* waiting_socket = ref.nsp->server().find(ref))
        decide(*waiting_socket, step, decision);
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
    return session.refused(name, why.message, why.data_json.value_or(std::string()));
  }
  if (decision.data() != nullptr) {
    (void)set_typed_data(socket.ref(), decision.data(), decision.data_type());
  }
  joining->pending->step = step + 1;  // a second call of this `next` is too late
  session.next_middleware(socket, step + 1);
}

void client_session::admitted(socket_core& socket) {
  find(socket.nsp.name())->pending.reset();
  guard_.reset();
  socket.state = socket_state::connected;
  socket.nsp.add(socket);
  (void)link_.send(socketio::encode_connect(socket.nsp.name(), socket.id.text()).frames());
  dispatch_connection(socket);
}

void client_session::refused(std::string_view nsp, std::string_view message,
                             std::string_view data_json) {
  (void)link_.send(socketio::encode_connect_error(nsp, message, data_json).frames());
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
  refused(name, "connect timeout", {});
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
  if (was_connected) dispatch_disconnecting(socket, reason);
  socket.state = socket_state::closed;
  if (was_connected) {
    rooms::room::leave_all(socket.home().index(), socket);
    socket.nsp.remove(socket);
  }
  fail_pending_acks(socket);
  if (was_connected) dispatch_disconnect(socket, reason);
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
      (void)link.send(socketio::encode_disconnect(socket.nsp.name()).frames());
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
