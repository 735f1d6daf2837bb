// Sending to one socket, with flags.
#pragma once

#include "actors/include/gossamer/await.hpp"
#include "actors/include/gossamer/detail.hpp"
#include "actors/include/gossamer/emitting.hpp"
#include "actors/include/gossamer/event.hpp"
#include "actors/include/gossamer/room_names.hpp"
#include "actors/include/gossamer/task.hpp"

#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace gossamer {

class broadcast_operator;

/// A socket with flags for the next operation: what `socket.volatile_()`, `compress` and `timeout`
/// return.
class socket_operator {
 public:
  explicit socket_operator(const detail::socket_ref& to) : to_(to) {}

  // -- flags ------------------------------------------------------------------------------------

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

  // -- everybody but this socket, with these flags ------------------------------------------------

  [[nodiscard]] broadcast_operator broadcast() const;
  [[nodiscard]] broadcast_operator to(room_names rooms) const;
  [[nodiscard]] broadcast_operator in(room_names rooms) const;
  [[nodiscard]] broadcast_operator except(room_names rooms) const;
  [[nodiscard]] broadcast_operator local() const;

  // -- to this socket -----------------------------------------------------------------------------

  /// Sends an event. If the last argument is callable with `result<args>`, the client is asked for
  /// an answer and the callable gets it, once, on the socket's lane: the answer,
  /// `errc::ack_timeout` or `errc::disconnected`. Errors: disconnected, dropped (volatile),
  /// socketio::errc::reserved_event_name.
  template <class... Ts>
  error_code emit(std::string_view name, const Ts&... values) const {
    if constexpr (std::is_invocable_v<detail::last_of_t<Ts...>, result<args>>) {
      const std::tuple<const Ts&...> all(values...);
      return as_gone(detail::encode_all_but_last(
          to_.in(), name,
          [&](detail::question&& asked) {
            detail::emit_with_ack(to_, asked.id, std::move(asked.frames), flags_,
                                  std::get<sizeof...(Ts) - 1>(all));
          },
          all, std::make_index_sequence<sizeof...(Ts) - 1>()));
    } else {
      const detail::nsp_use in(to_);
      auto frames = detail::encode_event(to_.in(), name, values...);
      if (!frames) return as_gone(frames.error());
      return detail::emit(to_, std::move(*frames), flags_);
    }
  }
  template <class Argument, class Answer>
  error_code emit(const event<Argument, Answer>& contract, const Argument& value) const {
    return emit(contract.name, value);
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

  /// Sends an event and waits for the answer's arguments.
  template <class... Ts>
  [[nodiscard]] task<result<args>> emit_with_ack(std::string_view name, const Ts&... values) const {
    return wait_for(to_, flags_, detail::encode_question(to_.in(), name, values...));
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
  // A socket without its namespace is as gone as any other.
  static error_code as_gone(error_code why) {
    return why == errc::server_stopped ? make_error_code(errc::disconnected) : why;
  }
  static task<result<args>> wait_for(detail::socket_ref to, detail::emit_flags flags,
                                     result<detail::question> asked) {
    if (!asked) co_return as_gone(asked.error());
    co_return co_await detail::callback_awaiter<result<args>>([&](auto done) {
      detail::emit_with_ack(to, asked->id, std::move(asked->frames), flags, std::move(done));
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

}  // namespace gossamer
