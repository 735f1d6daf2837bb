// A Socket.IO socket: one client in one namespace.
//
// `socket` is a small value that names a socket and owns nothing: captured anywhere it keeps
// nothing alive, and after the disconnect its operations do nothing and return
// `errc::disconnected`. Methods may be called from any thread unless marked *lane*: those work only
// in a callback of this socket (or of one that shares its lane), where they are checked.
//
// Order: what one sender (a socket's handlers, an actor, a thread) does to a socket happens in the
// order of the calls; nothing arrives twice.
#pragma once

#include "actors/include/gossamer/ack.hpp"
#include "actors/include/gossamer/broadcast_operator.hpp"
#include "actors/include/gossamer/detail.hpp"
#include "actors/include/gossamer/event.hpp"
#include "actors/include/gossamer/socket_operator.hpp"
#include "actors/include/gossamer/task.hpp"

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gossamer {

class socket {
 public:
  /// Names nothing: every operation returns `errc::disconnected`.
  socket() = default;
  explicit socket(const detail::socket_ref& ref) : ref_(ref) {}

  [[nodiscard]] std::string id() const { return detail::id_of(ref_); }
  /// The namespace's name; empty if that is gone.
  [[nodiscard]] std::string nsp() const { return detail::name_of(ref_.in()); }
  friend bool operator==(const socket&, const socket&) = default;

  // -- sending ----------------------------------------------------------------------------------
  /// As socket_operator::emit: a callback as the last argument asks the client for an answer.
  template <class... Ts>
  auto emit(Ts&&... event_and_values) const {
    return socket_operator(ref_).emit(std::forward<Ts>(event_and_values)...);
  }
  /// `emit("message", ...)`.
  template <class... Ts>
  error_code send(const Ts&... values) const {
    return emit("message", values...);
  }
  template <class... Ts>
  error_code write(const Ts&... values) const {
    return emit("message", values...);
  }
  template <class... Ts>
  [[nodiscard]] task<result<args>> emit_with_ack(std::string_view name, const Ts&... values) const {
    return socket_operator(ref_).emit_with_ack(name, values...);
  }
  template <class T, class... Ts>
  [[nodiscard]] task<result<T>> ask(std::string_view name, const Ts&... values) const {
    return socket_operator(ref_).template ask<T>(name, values...);
  }
  template <class Argument, class Answer>
  [[nodiscard]] task<result<Answer>> ask(const event<Argument, Answer>& contract,
                                         const Argument& value) const {
    return socket_operator(ref_).ask(contract, value);
  }
  [[nodiscard]] socket_operator volatile_() const { return socket_operator(ref_).volatile_(); }
  [[nodiscard]] socket_operator compress(bool on) const {
    return socket_operator(ref_).compress(on);
  }
  [[nodiscard]] socket_operator timeout(milliseconds limit) const {
    return socket_operator(ref_).timeout(limit);
  }

  /// Broadcasts to everybody but this socket.
  [[nodiscard]] broadcast_operator broadcast() const { return broadcast_operator(ref_); }
  [[nodiscard]] broadcast_operator to(room_names rooms) const {
    return broadcast().to(std::move(rooms));
  }
  [[nodiscard]] broadcast_operator in(room_names rooms) const {
    return broadcast().to(std::move(rooms));
  }
  [[nodiscard]] broadcast_operator except(room_names rooms) const {
    return broadcast().except(std::move(rooms));
  }
  [[nodiscard]] broadcast_operator local() const { return broadcast().local(); }

  // -- rooms and life ---------------------------------------------------------------------------
  /// On its own lane at once; elsewhere on their way, in the caller's order. Never lane_full.
  error_code join(room_names rooms) const { return detail::join(ref_, std::move(rooms.names)); }
  error_code leave(room_names rooms) const { return detail::leave(ref_, std::move(rooms.names)); }
  /// Leaves the namespace; with `close` the whole connection ends.
  error_code disconnect(bool close = false) const { return detail::disconnect(ref_, close); }
  /// Ends the connection without a disconnect packet, as if it had broken; clients reconnect.
  error_code close_connection() const { return detail::close_connection(ref_); }

  /// *Lane*; elsewhere use the return values of the operations.
  [[nodiscard]] bool connected() const { return detail::connected(ref_); }
  [[nodiscard]] bool disconnected() const { return !connected(); }
  /// *Lane*. Does it go on with the session of an earlier connection: same id, rooms and data,
  /// nothing missed? Only with connection_state_recovery.
  [[nodiscard]] bool recovered() const { return detail::recovered(ref_); }
  /// *Lane*. Fires once, at the disconnect: after the handlers of `disconnecting`, before pending
  /// acks end and the handlers of `disconnect` run. Of a socket that is gone: has fired. Its
  /// callbacks run on the lane and must not throw.
  [[nodiscard]] std::stop_token stop_token() const { return detail::stop_token_of(ref_); }
  /// *Lane*. The rooms of this socket: its own id first, the others in any order.
  [[nodiscard]] std::vector<std::string> rooms() const { return detail::rooms_of(ref_); }
  /// *Lane*.
  [[nodiscard]] gossamer::handshake handshake() const { return detail::handshake_of(ref_); }
  /// *Lane*.
  [[nodiscard]] transport_kind transport() const { return detail::transport_of(ref_); }
  /// *Lane*. Engine.IO revision of the client.
  [[nodiscard]] int revision() const { return detail::revision_of(ref_); }

  /// *Lane*. JSON data of this socket, seen by fetch_sockets; lives until the end of `disconnect`
  /// handlers.
  [[nodiscard]] boost::json::object& data() const { return detail::data_of(ref_); }
  /// *Lane*. The T that middleware admitted or `set_data` stored; a default T is made on first use.
  template <class T>
  [[nodiscard]] T& data() const {
    auto held = detail::typed_data_of(ref_, detail::type_key<T>());
    if (held == nullptr) {
      held = std::make_shared<T>();
      if (!detail::set_typed_data(ref_, held, detail::type_key<T>())) {
        static thread_local T nobodys;  // of sockets that are gone
        nobodys = T();
        return nobodys;
      }
    }
    return *static_cast<T*>(held.get());
  }
  /// *Lane*.
  template <class T>
  void set_data(T value) const {
    (void)detail::set_typed_data(ref_, std::make_shared<T>(std::move(value)),
                                 detail::type_key<T>());
  }

  /// *Lane*. The T of `nsp.attach<T>()`, or the T that is its data; null if there is none.
  template <class T>
  [[nodiscard]] std::shared_ptr<T> find_data() const {
    return std::static_pointer_cast<T>(detail::typed_data_of(ref_, detail::type_key<T>()));
  }

  // -- handlers of this one socket, *lane*; handlers on the namespace cost nothing per socket -----

  /// See handler.hpp for what a handler may be.
  template <class Handler>
  handler_id on(std::string_view name, Handler handler) const;
  /// For one event only.
  template <class Handler>
  handler_id once(std::string_view name, Handler handler) const;
  /// Removes all handlers of an event.
  void off(std::string_view name) const { detail::off(ref_, name); }
  /// Removes one handler, of an event or a catch-all one. False if there is none.
  bool off(handler_id which) const { return detail::off(ref_, which); }  // NOLINT
  [[nodiscard]] std::size_t listener_count(std::string_view name) const {
    return detail::listeners(ref_, name);
  }

  /// `handler(socket, std::string_view event, const args&)` for every event that arrives, before
  /// the event's own handlers.
  template <class Handler>
  handler_id on_any(Handler handler) const {
    return detail::on_any(ref_, wrap_any(std::move(handler)), detail::position::last);
  }
  /// The same, in front of the others.
  template <class Handler>
  handler_id prepend_any(Handler handler) const {
    return detail::on_any(ref_, wrap_any(std::move(handler)), detail::position::first);
  }
  void off_any() const { detail::off_any(ref_); }
  bool off_any(handler_id which) const { return off(which); }
  [[nodiscard]] std::size_t listeners_any() const { return detail::listeners_any(ref_); }

  /// `handler(socket, std::string_view event, const args_view&)` for every event that is sent to
  /// the client.
  template <class Handler>
  handler_id on_any_outgoing(Handler handler) const {
    return detail::on_any_outgoing(ref_, wrap_outgoing(std::move(handler)), detail::position::last);
  }
  template <class Handler>
  handler_id prepend_any_outgoing(Handler handler) const {
    return detail::on_any_outgoing(ref_, wrap_outgoing(std::move(handler)),
                                   detail::position::first);
  }
  void off_any_outgoing() const { detail::off_any_outgoing(ref_); }
  bool off_any_outgoing(handler_id which) const { return off(which); }
  [[nodiscard]] std::size_t listeners_any_outgoing() const {
    return detail::listeners_any_outgoing(ref_);
  }

  /// `handler(socket, disconnect_reason)`; the rooms are still there.
  template <class Handler>
  void on_disconnecting(Handler handler) const {
    detail::on_disconnecting(ref_, wrap_reason(std::move(handler)));
  }
  template <class Handler>
  void on_disconnect(Handler handler) const {
    detail::on_disconnect(ref_, wrap_reason(std::move(handler)));
  }
  /// `handler(socket, std::string_view event, const args&, next)` before the handlers of each
  /// event.
  template <class Handler>
  void use(Handler handler) const {
    detail::use(ref_,
                [handler = std::move(handler)](const detail::invocation& call, next go_on) mutable {
                  handler(socket(call.who), call.event, call.arguments.keep(), std::move(go_on));
                });
  }
  /// `handler(socket, const failure&)` when a packet middleware refused an event.
  template <class Handler>
  void on_error(Handler handler) const {
    detail::on_error(ref_, [handler = std::move(handler)](const detail::socket_ref& who,
                                                          const failure& why) mutable {
      handler(socket(who), why);
    });
  }

  [[nodiscard]] const detail::socket_ref& ref() const { return ref_; }

 private:
  template <class Handler>
  static detail::event_handler wrap_any(Handler handler) {
    return [handler = std::move(handler)](const detail::invocation& call) mutable {
      handler(socket(call.who), call.event, call.arguments.keep());
    };
  }
  template <class Handler>
  static detail::outgoing_handler wrap_outgoing(Handler handler) {
    return [handler = std::move(handler)](const detail::socket_ref& who, std::string_view event,
                                          const args_view& values) mutable {
      handler(socket(who), event, values);
    };
  }
  template <class Handler>
  static detail::disconnect_handler wrap_reason(Handler handler) {
    return [handler = std::move(handler)](const detail::socket_ref& who,
                                          disconnect_reason why) mutable {
      handler(socket(who), why);
    };
  }
  detail::socket_ref ref_;
};

}  // namespace gossamer

#include "actors/include/gossamer/handler.hpp"  // IWYU pragma: keep
