#include "actors/client_session.hpp"

#include "actors/client_session_parts.hpp"
#include "actors/dispatch.hpp"
#include "actors/socketio/connect_query.hpp"

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
  if (server_.packets() != nullptr) return take(decode_with(&socketio::decode_text, message));
  const auto before = decoder_.held_bytes();
  auto packet = decoder_.on_text(message, decoding());
  hold_unfinished(before);
  take(std::move(packet));
}

void client_session::on_binary(bytes message) {
  const callback_scope scope(link_.home());
  if (server_.packets() != nullptr) return take(decode_with(&socketio::decode_binary, message));
  const auto before = decoder_.held_bytes();
  auto packet = decoder_.on_binary(std::move(message));
  hold_unfinished(before);
  take(std::move(packet));
}

void client_session::hold_unfinished(std::size_t before) {
  const auto now = decoder_.held_bytes();
  if (now != before) server_.hold_unfinished(link_.home().index(), *this, now);
}

void client_session::give_way() {
  fail(make_error_code(socketio::errc::too_many_attachments));
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
  const auto held = decoder_.held_bytes();
  decoder_ = socketio::decoder();
  hold_unfinished(held);
  if (more_ != nullptr && more_->self != nullptr) *more_->self = nullptr;
  while (entry_count() != 0) {
    auto* socket = last().socket;
    erase(last());
    if (socket != nullptr) close_socket(*socket, as_disconnect(reason));
  }
}

}  // namespace gossamer::detail
