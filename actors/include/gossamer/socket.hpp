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
#include "actors/include/gossamer/await.hpp"
#include "actors/include/gossamer/broadcast_operator.hpp"
#include "actors/include/gossamer/detail.hpp"
#include "actors/include/gossamer/emitting.hpp"
#include "actors/include/gossamer/event.hpp"
#include "actors/include/gossamer/task.hpp"

#include <any>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gossamer {

/// A socket with flags for the next operation: what `socket.volatile_()`, `compress` and `timeout`
/// return.
class socket_operator {
 public:
  explicit socket_operator(const detail::socket_ref& to) : to_(to) {}

  /// May be dropped if the client is busy: bytes of an earlier loop turn unsent, or no poll
  /// waiting.
  [[nodiscard]] socket_operator volatile_() const {
    auto copy = *this;
    copy.flags_.is_volatile = true;
    return copy;
  }
  [[nodiscard]] socket_operator compress(bool on) const {
    auto copy = *this;
    copy.flags_.compress = on;
    return copy;
  }
  /// Acks that do not come in this time end with `errc::ack_timeout`.
  [[nodiscard]] socket_operator timeout(milliseconds limit) const {
    auto copy = *this;
    copy.flags_.timeout = limit;
    return copy;
  }

  /// Sends an event. If the last argument is callable with `result<args>`, the client is asked for
  /// an answer and the callable gets it, once, on the socket's lane: the answer,
  /// `errc::ack_timeout` or `errc::disconnected`. Errors: disconnected, dropped (volatile),
  /// socketio::errc::reserved_event_name.
  template <class... Ts>
  error_code emit(std::string_view name, const Ts&... values) const {
    if (to_.nsp == nullptr) return errc::disconnected;
    if constexpr (std::is_invocable_v<detail::last_of_t<Ts...>, result<args>>) {
      const std::tuple<const Ts&...> all(values...);
      return detail::encode_all_but_last(
          *to_.nsp, name,
          // NOLINTNEXTLINE(performance-unnecessary-value-param): it is handed on
          [&](socketio::frame_set frames, std::uint32_t id) {
            detail::emit_with_ack(to_, id, std::move(frames), flags_,
                                  std::get<sizeof...(Ts) - 1>(all));
          },
          all, std::make_index_sequence<sizeof...(Ts) - 1>());
    } else {
      auto frames =
          socketio::encode_event(detail::name_of(*to_.nsp), std::nullopt, name, values...);
      if (!frames) return frames.error();
      return detail::emit(to_, std::move(*frames), flags_);
    }
  }
  template <class Argument, class Answer>
  error_code emit(const event<Argument, Answer>& contract, const Argument& value) const {
    return emit(contract.name, value);
  }

  /// Sends an event and waits for the answer's arguments.
  template <class... Ts>
  [[nodiscard]] task<result<args>> emit_with_ack(std::string_view name, const Ts&... values) const {
    if (to_.nsp == nullptr) return wait_for(to_, 0, flags_, make_error_code(errc::disconnected));
    const auto id = detail::next_ack_id(*to_.nsp);
    return wait_for(to_, id, flags_,
                    socketio::encode_event(detail::name_of(*to_.nsp), id, name, values...));
  }
  /// Sends an event and waits for the answer as a T. Errors: ack_timeout, disconnected,
  /// bad_arguments.
  template <class T, class... Ts>
  [[nodiscard]] task<result<T>> ask(std::string_view name, const Ts&... values) const {
    return convert<T>(emit_with_ack(name, values...));
  }
  template <class Argument, class Answer>
  [[nodiscard]] task<result<Answer>> ask(const event<Argument, Answer>& contract,
                                         const Argument& value) const {
    return ask<Answer>(contract.name, value);
  }

 private:
  static task<result<args>> wait_for(detail::socket_ref to, std::uint32_t id,
                                     detail::emit_flags flags, result<socketio::frame_set> frames) {
    if (!frames) co_return frames.error();
    co_return co_await detail::callback_awaiter<result<args>>([&](auto done) {
      detail::emit_with_ack(to, id, std::move(*frames), flags, std::move(done));
    });
  }
  template <class T>
  static task<result<T>> convert(task<result<args>> answer) {
    // In place: a T that can be made from an error code, such as bool, is not an error.
    const auto failed = [](const error_code& why) {
      return result<T>(boost::system::in_place_error, why);
    };
    auto arrived = co_await answer;
    if (!arrived) co_return failed(arrived.error());
    auto value = arrived->template get<T>(0);
    if (!value) co_return failed(make_error_code(errc::bad_arguments));
    co_return result<T>(boost::system::in_place_value, std::move(*value));
  }

  detail::socket_ref to_;
  detail::emit_flags flags_;
};

class socket {
 public:
  /// Names nothing: every operation returns `errc::disconnected`.
  socket() = default;
  explicit socket(const detail::socket_ref& ref) : ref_(ref) {}

  [[nodiscard]] std::string_view id() const { return ref_.id.text(); }
  [[nodiscard]] std::string_view nsp() const {
    return ref_.nsp == nullptr ? std::string_view() : detail::name_of(*ref_.nsp);
  }
  friend bool operator==(const socket&, const socket&) = default;

  // -- sending ----------------------------------------------------------------------------------

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

  error_code join(room_names rooms) const { return detail::join(ref_, std::move(rooms.names)); }
  error_code leave(room_names rooms) const { return detail::leave(ref_, std::move(rooms.names)); }
  /// Leaves the namespace; with `close` the whole connection ends.
  error_code disconnect(bool close = false) const { return detail::disconnect(ref_, close); }
  /// Ends the connection without a disconnect packet, as if it had broken; clients reconnect.
  error_code close_connection() const { return detail::close_connection(ref_); }

  /// *Lane*; elsewhere use the return values of the operations.
  [[nodiscard]] bool connected() const { return detail::connected(ref_); }
  /// *Lane*. The rooms of this socket, its own id first.
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

  // -- handlers of this one socket (*lane*); handlers on the namespace cost nothing per socket
  // -----

  template <class Handler>
  void on(std::string_view name, Handler handler) const;
  template <class Handler>
  void once(std::string_view name, Handler handler) const;
  void off(std::string_view name) const { detail::off(ref_, name); }
  /// `handler(socket, std::string_view event, const args&)` for every event that arrives.
  template <class Handler>
  void on_any(Handler handler) const {
    detail::on_any(ref_, [handler = std::move(handler)](const detail::invocation& call) mutable {
      handler(socket(call.who), call.event, call.arguments.keep());
    });
  }
  /// `handler(socket, std::string_view event, const args_view&)` for every event that is sent to
  /// the client.
  template <class Handler>
  void on_any_outgoing(Handler handler) const {
    detail::on_any_outgoing(
        ref_, [handler = std::move(handler)](const detail::socket_ref& who, std::string_view event,
                                             const args_view& values) mutable {
          handler(socket(who), event, values);
        });
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
