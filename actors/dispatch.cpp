#include "actors/dispatch.hpp"

#include "actors/client_session.hpp"
#include "actors/include/gossamer/ack.hpp"
#include "actors/server_core.hpp"
#include "actors/socketio/decoder.hpp"

namespace gossamer::detail {
namespace {

// Calls one handler; what it throws is answered, logged and goes no further.
template <class Call>
void guarded_call(const socket_ref& who, std::optional<socketio::ack_id> id, std::string_view name,
                  Call&& call) {
  const turn_scope turn(who.nsp->turns());
  try {
    call();
  } catch (...) {
    answer_exception(who, id, name, std::current_exception());
  }
}

void call_own_handlers(socket_core& socket, const invocation& call) {
  // Copies: a handler may register and remove handlers of its socket, or disconnect it.
  std::vector<std::shared_ptr<const event_handler>> matching;
  std::erase_if(socket.extras->handlers, [&](const socket_extras::own_handler& one) {
    if (one.event != call.event) return false;
    matching.push_back(one.call);
    return one.once;
  });
  for (const auto& handler : matching) {
    guarded_call(call.who, call.wants_ack, call.event, [&] { (*handler)(call); });
  }
}

void call_handlers(socket_core& socket, const invocation& call, bool has_name) {
  const auto handlers = socket.nsp.shard(socket.home().index()).handlers;
  const handler_scope named(socket.home(), call.event);
  for (const auto& any : handlers->any) {
    guarded_call(call.who, {}, call.event, [&] { any(call); });
  }
  if (socket.extras != nullptr && !socket.extras->any.empty()) {
    for (const auto& any : std::vector(socket.extras->any)) {
      guarded_call(call.who, {}, call.event, [&] { (*any.call)(call); });
    }
  }
  if (!has_name) return;
  if (const auto found = handlers->events.find(call.event); found != handlers->events.end()) {
    for (const auto& handler : found->second) {
      guarded_call(call.who, call.wants_ack, call.event, [&] { handler(call); });
    }
  }
  if (socket.extras != nullptr && !socket.extras->handlers.empty()) call_own_handlers(socket, call);
}

// An event on its way through the packet middleware of its socket; keeps its own copy of the
// arguments.
struct held_event {
  socket_ref who;
  std::string name;
  args arguments;
  std::optional<socketio::ack_id> id;
  bool has_name = false;

  // Middleware number `step` is next; all of them done: the handlers.
  static void run(const std::shared_ptr<held_event>& held, std::size_t step) {
    const nsp_use in(held->who);
    if (!in) return;
    auto* socket = held->who.nsp->server().find(held->who);
    if (socket == nullptr || socket->state != socket_state::connected) return;
    const args_view view = held->arguments.view();
    const invocation call{held->who, held->name, view, held->id};
    if (step >= socket->extras->middleware.size()) {
      return call_handlers(*socket, call, held->has_name);
    }
    const auto handler = socket->extras->middleware[step];
    const next decided([held, step, where = resumption()](admission decision) {
      where.run([held, step, decision = std::move(decision)] {
        if (!decision.refused()) return run(held, step + 1);
        refuse_event(*held, *decision.refused());
      });
    });
    guarded_call(held->who, held->id, held->name, [&] { (*handler)(call, decided); });
  }

  static void refuse_event(const held_event& held, const refusal& why) {
    const nsp_use in(held.who);
    if (!in) return;
    auto* socket = held.who.nsp->server().find(held.who);
    if (socket == nullptr || socket->extras == nullptr) return;
    const failure told{"refused", why.message};
    for (const auto& handler : std::vector(socket->extras->errors)) {
      guarded_call(held.who, {}, "error", [&] { handler(held.who, told); });
    }
  }
};

}  // namespace

void dispatch_event(socket_core& socket, const socketio::packet& packet) {
  counts_of(socket).events_received.add();
  const auto ref = socket.ref();
  if (socket.extras != nullptr && !socket.extras->middleware.empty()) {
    return held_event::run(
        std::make_shared<held_event>(held_event{ref, std::string(packet.name()), packet.args.keep(),
                                                packet.id, packet.has_name}),
        0);
  }
  const invocation call{ref, packet.name(), packet.args, packet.id};
  call_handlers(socket, call, packet.has_name);
}

void dispatch_ack(socket_core& socket, const socketio::packet& packet) {
  if (!packet.id || socket.extras == nullptr) return;
  const auto id = packet.id->exact();
  if (!id) return;
  if (auto handler = socket.extras->acks.complete(*id)) {
    counts_of(socket).acks_answered.add();
    const handler_scope named(socket.home(), "ack");
    guarded_call(socket.ref(), {}, "ack", [&] { (*handler)(packet.args.keep()); });
  }
}

void dispatch_connection(socket_core& socket) {
  const auto ref = socket.ref();
  const auto handlers = socket.nsp.shard(socket.home().index()).handlers;
  counts_of(socket).sockets_admitted.add();
  const handler_scope named(socket.home(), "connection");
  for (const auto& handler : handlers->connection) {
    guarded_call(ref, {}, "connection", [&] { handler(ref); });
  }
}

void dispatch_disconnecting(socket_core& socket, disconnect_reason reason) {
  const auto ref = socket.ref();
  const auto handlers = socket.nsp.shard(socket.home().index()).handlers;
  const handler_scope named(socket.home(), "disconnecting");
  for (const auto& handler : handlers->disconnecting) {
    guarded_call(ref, {}, "disconnecting", [&] { handler(ref, reason); });
  }
  if (socket.extras == nullptr) return;
  for (const auto& handler : std::vector(socket.extras->disconnecting)) {
    guarded_call(ref, {}, "disconnecting", [&] { handler(ref, reason); });
  }
}

void dispatch_disconnect(socket_core& socket, disconnect_reason reason) {
  const auto ref = socket.ref();
  const auto handlers = socket.nsp.shard(socket.home().index()).handlers;
  counts_of(socket).disconnects[static_cast<std::size_t>(reason)].add();
  const handler_scope named(socket.home(), "disconnect");
  for (const auto& handler : handlers->disconnect) {
    guarded_call(ref, {}, "disconnect", [&] { handler(ref, reason); });
  }
  if (socket.extras == nullptr) return;
  for (const auto& handler : std::vector(socket.extras->disconnect)) {
    guarded_call(ref, {}, "disconnect", [&] { handler(ref, reason); });
  }
}

// -- rooms ----------------------------------------------------------------------------------------

void dispatch_room(socket_core& socket, std::string_view room, room_change what) {
  const auto handlers = socket.nsp.shard(socket.home().index()).handlers;
  if (handlers->rooms.empty()) return;
  const auto ref = socket.ref();
  const bool of_member = what == room_change::joined || what == room_change::left;
  const auto id = of_member ? id_of(ref) : std::string();
  for (const auto& [change, handler] : handlers->rooms) {
    if (change != what) continue;
    guarded_call(ref, {}, "room", [&handler = handler, room, id] { handler(room, id); });
  }
}

void dispatch_own_room(socket_core& socket, room_change what) {
  if (socket.nsp.shard(socket.home().index()).handlers->rooms.empty()) return;
  const auto id = id_of(socket.ref());
  if (what == room_change::created) {
    dispatch_room(socket, id, room_change::created);
    dispatch_room(socket, id, room_change::joined);
  } else {
    dispatch_room(socket, id, room_change::left);
    dispatch_room(socket, id, room_change::deleted);
  }
}

void leave_all_rooms(socket_core& socket) {
  const auto here = socket.home().index();
  if (socket.nsp.shard(here).handlers->rooms.empty()) {
    return rooms::room::leave_all(here, socket);
  }
  while (!socket.memberships().empty()) {
    const auto room = socket.memberships().back().where;
    const auto change = room->leave(here, socket);
    dispatch_room(socket, room->name(), room_change::left);
    if (change.edge) dispatch_room(socket, room->name(), room_change::deleted);
  }
}

void request_stop(socket_core& socket) {
  if (!socket.extras->stop.stop_possible()) return;
  const turn_scope turn(socket.nsp.turns());
  const handler_scope named(socket.home(), "stop_token");
  socket.extras->stop.request_stop();
}

// -- in order -------------------------------------------------------------------------------------

namespace {

void next_ordered(const socket_ref& who);

// One event of `in_order`; the next one may start when its `done` is called, on whatever thread.
void start_ordered(socket_core& socket, const invocation& call,
                   const ordered_events::runner& runner) {
  socket.extras->ordered->busy = true;
  const auto ended = std::make_shared<std::atomic<bool>>(false);
  const auto done = [who = call.who, where = resumption(), ended] {
    if (!ended->exchange(true)) where.run([who] { next_ordered(who); });
  };
  const handler_scope named(socket.home(), call.event);
  guarded_call(call.who, call.wants_ack, call.event, [&] {
    try {
      runner(call, done);
    } catch (...) {
      done();
      throw;
    }
  });
}

// A loop, not a recursion: handlers that end at once may be many.
void next_ordered(const socket_ref& who) {
  const nsp_use in(who);
  auto* socket = in ? who.nsp->server().find(who) : nullptr;
  if (socket == nullptr || socket->state != socket_state::connected) return;
  auto& all = *socket->extras->ordered;
  all.busy = false;
  if (std::exchange(all.draining, true)) return;
  while (!all.busy && !all.waiting.empty() && socket->state == socket_state::connected) {
    const auto event = std::move(all.waiting.front());
    all.waiting.pop_front();
    const args_view view = event.arguments.view();
    start_ordered(*socket, {who, event.name, view, event.id}, event.run);
  }
  all.draining = false;
}

}  // namespace

void run_in_order(const invocation& call, ordered_events::runner what) {
  auto* socket = call.who.nsp->server().find(call.who);
  if (socket == nullptr) return;
  auto& extra = socket->extra();
  if (extra.ordered == nullptr) extra.ordered = std::make_unique<ordered_events>();
  auto& all = *extra.ordered;
  if (!all.busy && all.waiting.empty()) return start_ordered(*socket, call, what);
  if (all.waiting.size() < ordered_events_max) {
    all.waiting.push_back(
        {std::string(call.event), call.arguments.keep(), call.wants_ack, std::move(what)});
    return;
  }
  counts_of(*socket).ordered_overflows.add();
  call.who.nsp->server().log().warn("client closed nsp={} event={} reason=too_many_events_in_order",
                                    call.who.nsp->name(), call.event);
  if (socket->link != nullptr) socket->link->close(close_reason::forced_close);
}

namespace {

std::optional<socketio::packet> read_back(const parser& with, const socketio::frame_set& frames) {
  parser_memory_ptr memory;
  std::optional<socketio::packet> packet;
  for (const auto& frame : frames.frames()) {
    auto read = frame.kind() == frame_kind::text
                    ? socketio::decode_text(with, frame.payload().substr(1), memory)
                    : socketio::decode_binary(with, bytes(frame.payload()), memory);
    if (!read) return std::nullopt;
    packet = std::move(*read);
  }
  return packet;
}

}  // namespace

std::optional<socketio::packet> read_back(const nsp_core& from, const socketio::frame_set& frames) {
  if (const auto* with = from.server().packets()) return read_back(*with, frames);
  const auto list = frames.frames();
  socketio::decoder decoder;
  std::optional<socketio::packet> packet;
  for (const auto& frame : list) {
    // The payload of a text frame begins with Engine.IO's type.
    auto read = frame.kind() == frame_kind::text
                    ? decoder.on_text(frame.payload().substr(1), {.attachments_max = list.size()})
                    : decoder.on_binary(bytes(frame.payload()));
    if (!read) return std::nullopt;
    packet = std::move(*read);
  }
  return packet;
}

void dispatch_outgoing(socket_core& socket, const socketio::frame_set& frames) {
  const auto packet = read_back(socket.nsp, frames);
  if (!packet || packet->type != socketio::packet_type::event) return;
  const auto ref = socket.ref();
  for (const auto& handler : std::vector(socket.extras->any_outgoing)) {
    guarded_call(ref, {}, "any outgoing",
                 [&] { (*handler.call)(ref, packet->name(), packet->args); });
  }
}

// -- acks -----------------------------------------------------------------------------------------

void ack_expiry::on_timer(time_point now) {
  auto& server = socket_.nsp.server();
  const auto ref = socket_.ref();
  const callback_scope scope(socket_.home());
  auto late = socket_.extras->acks.expire(now);
  counts_of(socket_).acks_expired.add(late.size());
  for (auto& handler : late) {
    guarded_call(ref, {}, "ack", [&] { handler(make_error_code(errc::ack_timeout)); });
  }
  if (server.find(ref) == nullptr) return;  // a handler ended the socket
  if (const auto due = socket_.extras->acks.next_deadline()) socket_.home().arm(*this, *due);
}

error_code expect_ack(socket_core& socket, std::uint32_t id, std::optional<milliseconds> timeout,
                      ack_handler done) {
  auto& extra = socket.extra();
  auto& home = socket.home();
  std::optional<time_point> deadline;
  if (timeout) deadline = home.now() + *timeout;
  const auto added = extra.acks.add(id, std::move(done), deadline);
  auto& counts = counts_of(socket);
  if (!added) {
    counts.ack_table_full.add();
    return added.error();
  }
  counts.acks_expected.add();
  if (deadline) {
    if (extra.ack_timer == nullptr) extra.ack_timer = std::make_unique<ack_expiry>(socket);
    home.arm(*extra.ack_timer, *extra.acks.next_deadline());
  }
  return {};
}

void fail_pending_acks(socket_core& socket) {
  if (socket.extras == nullptr) return;
  socket.extras->ack_timer.reset();
  const auto ref = socket.ref();
  auto left = socket.extras->acks.drain();
  counts_of(socket).acks_abandoned.add(left.size());
  for (auto& handler : left) {
    guarded_call(ref, {}, "ack", [&] { handler(make_error_code(errc::disconnected)); });
  }
  if (socket.extras->requests != nullptr) socket.extras->requests->end_all();
}

// -- failures -------------------------------------------------------------------------------------

void answer_failure(const socket_ref& to, std::optional<socketio::ack_id> id,
                    std::string_view event, const failure& why) {
  const nsp_use in(to);
  if (!in) return;
  const auto& server = to.nsp->server();
  // Not a line for operators: a client can make as many as it likes.
  server.log().debug("handler failed nsp={} event={} code={} message={}", to.nsp->name(), event,
                     why.code, why.message);
  if (!id) return;
  const auto handlers = to.nsp->handlers();
  if (handlers->map_errors) {
    const auto text = handlers->map_errors(why);
    if (text.empty()) return;
    (void)answer(to, socketio::encode_ack(to.nsp->address(), *id, args_view(text, 1)));
    return;
  }
  const boost::json::value told{{"error", {{"code", why.code}, {"message", why.message}}}};
  (void)answer(to, socketio::encode_ack(to.nsp->address(), *id, told));
}

void answer_exception(const socket_ref& to, std::optional<socketio::ack_id> id,
                      std::string_view event, const std::exception_ptr& thrown) {
  std::string what = "unknown exception";
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& caught) {
    what = caught.what();
  } catch (...) {
  }
  const nsp_use in(to);
  if (!in) return;
  to.nsp->server().log().error("handler threw nsp={} event={} what={}", to.nsp->name(), event,
                               what);
  if (id) answer_failure(to, id, event, {"internal_error", "internal error"});
}

}  // namespace gossamer::detail
