// A namespace: its middleware, its handlers, and all of its sockets.
//
// A cheap value that names a namespace; any thread. Handlers registered here cost nothing per
// socket. Registered after `listen`, they reach each lane by its queue and count for events that
// arrive later.
//
// It may be kept for longer than the namespace lives (a child of a parent namespace that was
// cleaned up, a server that has stopped): then operations return `errc::server_stopped`,
// registrations do nothing, and counts are 0.
#pragma once

#include "actors/include/gossamer/broadcast_operator.hpp"
#include "actors/include/gossamer/detail.hpp"
#include "actors/include/gossamer/handler.hpp"
#include "actors/include/gossamer/socket.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace gossamer {

template <class T>
class attachment;

class nsp {
 public:
  explicit nsp(const detail::nsp_ref& ref) : ref_(ref) {}
  explicit nsp(const detail::nsp_core& core) : ref_(detail::ref_of(core)) {}

  /// Empty if the namespace is gone.
  [[nodiscard]] std::string name() const { return detail::name_of(ref_); }
  friend bool operator==(const nsp&, const nsp&) = default;

  // -- who may come in --------------------------------------------------------------------------

  /// Middleware, in the order of registration. `handler` is one of
  ///   admission(handshake)          decides at once
  ///   task<admission>(handshake)    decides later
  ///   void(socket, next)            as in Node; `next` may be called from any thread
  template <class Handler>
  nsp& use(Handler handler) {
    if constexpr (std::is_invocable_v<Handler&, socket, gossamer::next>) {
      detail::nsp_use_middleware(ref_,
                                 [handler = std::move(handler)](const detail::socket_ref& who,
                                                                gossamer::next go_on) mutable {
                                   handler(socket(who), std::move(go_on));
                                 });
    } else {
      use_handshake(std::move(handler));
    }
    return *this;
  }

  // -- handlers ---------------------------------------------------------------------------------
  /// What a handler may be: handler.hpp. Several of one event run in the order of registration.
  template <class Handler>
  nsp& on(std::string_view name, Handler handler) {
    detail::nsp_on(ref_, std::string(name), detail::make_handler(std::move(handler)));
    return *this;
  }
  template <class Argument, class Answer, class Handler>
  nsp& on(const event<Argument, Answer>& contract, Handler handler) {
    return on(contract.name, std::move(handler));
  }
  /// Removes the namespace's handlers of an event.
  nsp& off(std::string_view name) {
    detail::nsp_off(ref_, name);
    return *this;
  }
  /// `handler(socket, std::string_view event, const args&)` for each event, before its own
  /// handlers.
  template <class Handler>
  nsp& on_any(Handler handler) {
    detail::nsp_on_any(ref_,
                       [handler = std::move(handler)](const detail::invocation& call) mutable {
                         handler(socket(call.who), call.event, call.arguments.keep());
                       });
    return *this;
  }
  /// `handler(socket)`, plain or a task.
  template <class Handler>
  nsp& on_connection(Handler handler);
  /// `handler(socket, disconnect_reason)`; rooms and data are still there.
  template <class Handler>
  nsp& on_disconnecting(Handler handler) {
    detail::nsp_on_disconnecting(ref_, wrap_reason(std::move(handler)));
    return *this;
  }
  template <class Handler>
  nsp& on_disconnect(Handler handler) {
    detail::nsp_on_disconnect(ref_, wrap_reason(std::move(handler)));
    return *this;
  }
  /// A T for each socket, made when it connects by `T(socket, shared...)` and destroyed after its
  /// `disconnect` handlers, or when its last task has ended. `shared` is copied; std::ref for
  /// references. Its methods become handlers by the attachment that is returned.
  template <class T, class... Shared>
  attachment<T> attach(Shared... shared);

  /// Handlers, middleware and other callbacks of this namespace's sockets, and of the server's
  /// other single_lane namespaces, never overlap, as if all of its sockets were on one lane: what
  /// they share needs no lock. The price: a lane waits while such a handler runs on another one. A
  /// child takes it over from its parent when it is made. Before `listen`.
  nsp& single_lane() {
    detail::nsp_single_lane(ref_);
    return *this;
  }

  // -- rooms as they come and go, as the events of Node's adapter ---------------------------------

  /// `handler(std::string_view room)`: a room has its first member, or none any more. The room that
  /// is named like a socket comes and goes with it.
  template <class Handler>
  nsp& on_create_room(Handler handler) {
    return on_room(detail::room_change::created, without_id(std::move(handler)));
  }
  template <class Handler>
  nsp& on_delete_room(Handler handler) {
    return on_room(detail::room_change::deleted, without_id(std::move(handler)));
  }
  /// `handler(std::string_view room, std::string_view id)`: this socket has joined, or left. Runs
  /// on: the socket's lane, so that two sockets' changes of one room may be told in any order.
  template <class Handler>
  nsp& on_join_room(Handler handler) {
    return on_room(detail::room_change::joined, std::move(handler));
  }
  template <class Handler>
  nsp& on_leave_room(Handler handler) {
    return on_room(detail::room_change::left, std::move(handler));
  }

  /// How a handler's failure is answered: a function from `failure` to JSON text. Default:
  /// `{"error":{...}}`.
  nsp& map_errors(detail::error_mapper mapper) {
    detail::nsp_map_errors(ref_, std::move(mapper));
    return *this;
  }
  /// Failures are logged and not answered, as in Node.
  nsp& map_no_errors() {
    return map_errors([](const failure&) { return std::string(); });
  }

  // -- all sockets ------------------------------------------------------------------------------
  // Flags, errors and answers: broadcast_operator.hpp.
  [[nodiscard]] broadcast_operator all() const { return broadcast_operator(ref_); }
  template <class... Ts>
  error_code emit(std::string_view name, const Ts&... values) const {
    return all().emit(name, values...);
  }
  /// `emit("message", ...)`.
  template <class... Ts>
  error_code send(const Ts&... values) const {
    return all().emit("message", values...);
  }
  template <class... Ts>
  error_code write(const Ts&... values) const {
    return all().emit("message", values...);
  }
  /// Without a time to wait it is over at once; see `timeout`.
  template <class... Ts>
  [[nodiscard]] task<broadcast_answers> emit_with_ack(std::string_view name,
                                                      const Ts&... values) const {
    return all().emit_with_ack(name, values...);
  }
  [[nodiscard]] broadcast_operator to(room_names rooms) const { return all().to(std::move(rooms)); }
  [[nodiscard]] broadcast_operator in(room_names rooms) const { return all().to(std::move(rooms)); }
  [[nodiscard]] broadcast_operator except(room_names rooms) const {
    return all().except(std::move(rooms));
  }
  [[nodiscard]] broadcast_operator volatile_() const { return all().volatile_(); }
  [[nodiscard]] broadcast_operator local() const { return all().local(); }
  [[nodiscard]] broadcast_operator compress(bool on) const { return all().compress(on); }
  [[nodiscard]] broadcast_operator timeout(milliseconds limit) const {
    return all().timeout(limit);
  }
  [[nodiscard]] task<std::vector<remote_socket>> fetch_sockets() const {
    return all().fetch_sockets();
  }
  error_code sockets_join(room_names rooms) const { return all().sockets_join(std::move(rooms)); }
  error_code sockets_leave(room_names rooms) const { return all().sockets_leave(std::move(rooms)); }
  error_code disconnect_sockets(bool close = false) const {
    return all().disconnect_sockets(close);
  }

  // -- other servers ----------------------------------------------------------------------------

  /// Sends an event to this namespace on the other servers of a cluster: to their programs, not to
  /// clients and not to this one. A server by itself has nobody to tell. If the last argument is
  /// callable with `broadcast_answers`, it gets the others' answers: of none, complete, at once.
  /// Errors: reserved_event_name for connect, connection and new_namespace.
  template <class... Ts>
  error_code server_side_emit(std::string_view name, const Ts&... values) const {
    if (name == "connect" || name == "connection" || name == "new_namespace") {
      return make_error_code(socketio::errc::reserved_event_name);
    }
    if constexpr (std::is_invocable_v<detail::last_of_t<Ts...>, broadcast_answers>) {
      std::get<sizeof...(Ts) - 1>(std::tie(values...))(broadcast_answers{true, {}});
    }
    return {};
  }
  template <class... Ts>
  [[nodiscard]] task<broadcast_answers> server_side_emit_with_ack(std::string_view name,
                                                                  const Ts&... values) const {
    return no_answers(!server_side_emit(name, values...));
  }

  // -- counts, O(1) -----------------------------------------------------------------------------

  [[nodiscard]] std::size_t socket_count() const { return detail::socket_count(ref_); }
  /// Rooms, the sockets' own ids included, as in Node.
  [[nodiscard]] std::size_t room_count() const { return detail::room_count(ref_); }
  [[nodiscard]] std::size_t room_size(std::string_view room) const {
    return detail::room_size(ref_, room);
  }
  /// Not for applications.
  [[nodiscard]] const detail::nsp_ref& ref() const { return ref_; }
  [[nodiscard]] detail::nsp_core& core() const { return *ref_.core; }

 private:
  static task<broadcast_answers> no_answers(bool complete) {
    co_return broadcast_answers{complete, {}};
  }
  template <class Handler>
  void use_handshake(Handler handler);
  nsp& on_room(detail::room_change what, detail::room_handler handler) {
    detail::nsp_on_room(ref_, what, std::move(handler));
    return *this;
  }
  template <class Handler>
  static detail::room_handler without_id(Handler handler) {
    return [handler = std::move(handler)](std::string_view room, std::string_view) mutable {
      handler(room);
    };
  }
  template <class Handler>
  static detail::disconnect_handler wrap_reason(Handler handler) {
    return [handler = std::move(handler)](const detail::socket_ref& who,
                                          disconnect_reason why) mutable {
      handler(socket(who), why);
    };
  }
  detail::nsp_ref ref_;
};

/// The namespace that a socket is in; a child namespace for one that was made by a parent.
[[nodiscard]] inline nsp nsp_of(const socket& who) {
  return nsp(who.ref().in());
}

template <class Handler>
nsp& nsp::on_connection(Handler handler) {
  auto kept = std::make_shared<Handler>(std::move(handler));
  detail::nsp_on_connection(ref_, [kept](const detail::socket_ref& who) {
    if constexpr (std::is_void_v<std::invoke_result_t<Handler&, socket>>) {
      (*kept)(socket(who));
    } else {
      detail::start((*kept)(socket(who)), [] {},
                    [who](const std::exception_ptr& thrown) {
                      detail::answer_exception(who, std::nullopt, "connection", thrown);
                    });
    }
  });
  return *this;
}

template <class Handler>
void nsp::use_handshake(Handler handler) {
  auto kept = std::make_shared<Handler>(std::move(handler));
  detail::nsp_use_middleware(ref_, [kept](const detail::socket_ref& who, gossamer::next go_on) {
    if constexpr (detail::is_task<std::invoke_result_t<Handler&, handshake>>::value) {
      detail::start((*kept)(detail::handshake_of(who)), go_on,
                    [who, go_on](const std::exception_ptr& thrown) {
                      detail::answer_exception(who, std::nullopt, "middleware", thrown);
                      go_on(refuse("internal error"));
                    });
    } else {
      go_on(admission((*kept)(detail::handshake_of(who))));
    }
  });
}

/// Methods of the Ts that `nsp.attach<T>()` makes, as handlers.
template <class T>
class attachment {
 public:
  explicit attachment(const detail::nsp_ref& in) : in_(in) {}

  /// `method` takes what a handler takes; in_order(&T::method) to work off events one by one.
  template <class Method>
  attachment& on(std::string_view name, Method method) {
    detail::nsp_on(in_, std::string(name), detail::make_method_handler<T>(method));
    return *this;
  }
  template <class Argument, class Answer, class Method>
  attachment& on(const event<Argument, Answer>& contract, Method method) {
    return on(contract.name, method);
  }
  attachment& on_disconnecting(void (T::*method)(disconnect_reason)) {
    detail::nsp_on_disconnecting(in_, with_reason(method));
    return *this;
  }
  attachment& on_disconnect(void (T::*method)(disconnect_reason)) {
    detail::nsp_on_disconnect(in_, with_reason(method));
    return *this;
  }

 private:
  static detail::disconnect_handler with_reason(void (T::*method)(disconnect_reason)) {
    return [method](const detail::socket_ref& who, disconnect_reason why) {
      if (const auto object = socket(who).find_data<T>()) (object.get()->*method)(why);
    };
  }
  detail::nsp_ref in_;
};

template <class T, class... Shared>
attachment<T> nsp::attach(Shared... shared) {
  detail::nsp_on_connection(ref_, [shared...](const detail::socket_ref& who) {
    const socket made_for(who);
    try {
      (void)detail::set_typed_data(who, std::make_shared<T>(made_for, shared...),
                                   detail::type_key<T>());
    } catch (...) {
      made_for.disconnect();
      throw;
    }
  });
  return attachment<T>(ref_);
}

}  // namespace gossamer
