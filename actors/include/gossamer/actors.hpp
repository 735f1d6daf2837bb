// For programs that use CAF: sockets as actors. The only public header that includes CAF.
//
// Every Socket.IO socket is an actor. Its handle (`actor_of`, or the `self` of a message) takes the
// messages below, can be monitored and linked, and ends when the socket disconnects; whatever is
// sent to it keeps its order with everything else that the same sender does to that socket.
//
// Any actor can be a member of a room, which is a CAF group:
//
//     self->join(room);   // of io.room("/desk", "lobby"): a room_event for each broadcast to it
//
//     self->send(room, gossamer::make_event("said", "hi"));   // to all in the room but `self`
//
// A member gets one room_event for each room of a broadcast that it is in, FIFO for each sender and
// room; not those of rooms that are left out by `except` if it is in one of them. It counts neither
// in room_size nor in fetch_sockets, gives no acks, and is a member until it leaves or ends: the
// room holds a handle to it. When the server stops, members are told to exit (user_shutdown).
// Whatever an actor does to a room takes effect in the order in which it did it, by the lanes'
// queues, never at once.
//
// A handler asks an actor on behalf of its socket, see `request`:
//
//     io.on("price", [desk](gossamer::socket s, std::string symbol, gossamer::ack reply) {
//       gossamer::request(s, desk, 2s, price_wanted{symbol}).answer<double>(reply);
//     });
#pragma once

#include "actors/include/gossamer/ack.hpp"
#include "actors/include/gossamer/await.hpp"
#include "actors/include/gossamer/disconnect_reason.hpp"
#include "actors/include/gossamer/nsp.hpp"
#include "actors/include/gossamer/room_handle.hpp"
#include "actors/include/gossamer/socket.hpp"
#include "actors/socketio/args.hpp"
#include "actors/socketio/encode.hpp"
#include "runtime/base/limits.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/time.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/error.hpp>
#include <caf/group.hpp>
#include <caf/message.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace gossamer {

/// Sends an event to the client of the socket that gets this message.
struct emit_event {
  std::string name;
  args arguments;
};
/// An event of any convertible values, as `socket.emit` takes them.
template <class... Ts>
[[nodiscard]] emit_event make_event(std::string name, const Ts&... values) {
  std::string text;
  std::vector<bytes> attachments;
  json_writer out(text, attachments);
  out.begin_array();
  (out.item(values), ...);
  out.end_array();
  const auto items = std::string_view(text).substr(1, text.size() - 2);
  return {std::move(name), args(items, sizeof...(Ts), attachments)};
}
/// Puts the socket into rooms, or takes it out of them.
struct join_rooms {
  std::vector<std::string> names;
};
struct leave_rooms {
  std::vector<std::string> names;
};
/// Ends the socket; with `close` the client's whole connection.
struct disconnect_socket {
  bool close = false;
};

/// What actors in a room get of a broadcast to it.
struct room_event {
  std::string nsp;
  std::string room;
  std::string name;
  args arguments;
  std::string from;  // id of the socket whose handler emitted it (`socket.to(room)`), or empty
};

/// What an actor system of the program's own has for its servers; as the options of the same names.
struct system_options {
  std::size_t lanes = 0;
  bool polled = false;
  bool pin_cpus = false;
  std::size_t lane_inbox_bytes_max = limits::lane_inbox_bytes_max;
  milliseconds slow_handler{100};
  logger log{};
};

/// Makes an actor system that is built with `config` run on lanes and know rooms as groups:
/// `system.groups().get("room", "/desk,lobby")`, of the oldest server that has the namespace. Call
/// once, before the system is made.
void configure(caf::actor_system_config& config, const system_options& how);
/// The same for this number of lanes (0: one for each core).
void configure(caf::actor_system_config& config, std::size_t lanes = 0);

/// A room as a group; the same object as long as somebody has a handle, and the room lives as long
/// as that. Empty if the server has stopped. Any thread. A parent namespace's rooms are those of
/// its children: no members here.
[[nodiscard]] caf::group room_of(const nsp& in, std::string_view room);

/// The actor of a socket; empty if the socket is gone. *Lane*.
[[nodiscard]] caf::actor actor_of(const socket& who);

/// How a socket's disconnect reason appears in `down_msg` and `exit_msg`: category `sio`, code the
/// reason's number + 1.
[[nodiscard]] caf::error exit_reason_of(disconnect_reason reason);

namespace detail {

/// What a request has come to: an answer (no `code`), or why there is none.
struct actor_answer {
  caf::message values;
  error_code code;
  caf::error why;  // what CAF says; of category `gossamer` where `code` is all there is
};
/// `values` as a T; a T of void stands for no values.
template <class T>
[[nodiscard]] result<T> answer_as(actor_answer& got) {
  // In place: a T that can be made from an error code, such as bool, is not an error.
  if (got.code) return result<T>(boost::system::in_place_error, got.code);
  if constexpr (std::is_void_v<T>) {
    if (got.values.empty()) return {};
  } else {
    if (got.values.template match_elements<T>()) {
      return result<T>(boost::system::in_place_value,
                       std::move(got.values.template get_mutable_as<T>(0)));
    }
  }
  return result<T>(boost::system::in_place_error, make_error_code(errc::bad_arguments));
}

using answer_handler = std::function<void(actor_answer)>;
/// `done` is called once on the socket's lane, or at once if nothing can be asked.
void ask_actor(const socket_ref& who, caf::strong_actor_ptr to, caf::message what,
               milliseconds timeout, answer_handler done);

template <class F>
struct answer_taker : answer_taker<decltype(&F::operator())> {};
template <class C, class R, class P>
struct answer_taker<R (C::*)(P) const> {
  using type = std::decay_t<P>;
};
template <class C, class R, class P>
struct answer_taker<R (C::*)(P)> : answer_taker<R (C::*)(P) const> {};
template <class C, class R>
struct answer_taker<R (C::*)() const> {
  using type = void;
};
template <class C, class R>
struct answer_taker<R (C::*)()> : answer_taker<R (C::*)() const> {};

}  // namespace detail

/// A question to an actor that is sent by `then`, `answer` or `as`. What these are given is called
/// once, on the socket's lane, like a handler of the socket:
///   - with the answer;
///   - `errc::ack_timeout`: none came in time;
///   - `errc::disconnected`: the socket has gone; this comes before its `disconnect` handlers;
///   - `errc::bad_arguments`: the answer is no T;
///   - `errc::request_failed`: the actor answered with an error, or has ended.
/// Limits: acks_per_socket_max at a time.
class [[nodiscard]] socket_request {
 public:
  socket_request(const detail::socket_ref& who, caf::strong_actor_ptr to, caf::message what,
                 milliseconds timeout)
      : who_(who), to_(std::move(to)), what_(std::move(what)), timeout_(timeout) {}

  /// `on_answer(result<T>)`.
  template <class F>
  void then(F on_answer) {
    using value = typename detail::answer_taker<F>::type::value_type;
    send([on_answer = std::move(on_answer)](detail::actor_answer got) mutable {
      on_answer(detail::answer_as<value>(got));
    });
  }
  /// `on_answer(T)`, or `on_answer()` for an answer without values; `on_error(const caf::error&)`:
  /// what the actor or CAF says, or an error of category `gossamer` with the number of the errc.
  template <class F, class E>
  void then(F on_answer, E on_error) {
    using value = typename detail::answer_taker<F>::type;
    send([on_answer = std::move(on_answer),
          on_error = std::move(on_error)](detail::actor_answer got) mutable {
      auto answer = detail::answer_as<value>(got);
      if (!answer) {
        on_error(got.code ? got.why : error_of(answer.error()));
      } else if constexpr (std::is_void_v<value>) {
        on_answer();
      } else {
        on_answer(std::move(*answer));
      }
    });
  }
  /// Gives the answer, a T, to the client's ack; what goes wrong as a failure.
  template <class T>
  void answer(ack reply) {
    send([reply = std::move(reply)](detail::actor_answer got) {
      const auto answer = detail::answer_as<T>(got);
      if (!answer) return reply.fail(answer.error());
      if constexpr (std::is_void_v<T>) {
        (void)reply();
      } else {
        (void)reply(*answer);
      }
    });
  }
  /// The same for a coroutine: `co_await gossamer::request(...).as<T>()`.
  template <class T>
  [[nodiscard]] task<result<T>> as() {
    return wait<T>(*this);
  }

  /// An errc as the error of `then`.
  [[nodiscard]] static caf::error error_of(const error_code& code);

 private:
  void send(detail::answer_handler done) {
    detail::ask_actor(who_, std::move(to_), std::move(what_), timeout_, std::move(done));
  }
  template <class T>
  static task<result<T>> wait(socket_request asked) {
    auto got = co_await detail::callback_awaiter<detail::actor_answer>(
        [&](auto done) { asked.send(std::move(done)); });
    co_return detail::answer_as<T>(got);
  }

  detail::socket_ref who_;
  caf::strong_actor_ptr to_;
  caf::message what_;
  milliseconds timeout_;
};

/// Asks an actor on behalf of a socket, which is the sender that the actor sees. Any thread.
template <class Handle, class... Ts>
[[nodiscard]] socket_request request(const socket& on_behalf_of, const Handle& to,
                                     milliseconds timeout, Ts&&... values) {
  return {on_behalf_of.ref(), caf::actor_cast<caf::strong_actor_ptr>(to),
          caf::make_message(std::forward<Ts>(values)...), timeout};
}

}  // namespace gossamer

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gossamer::emit_event)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gossamer::room_event)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gossamer::join_rooms)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gossamer::leave_rooms)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gossamer::disconnect_socket)
