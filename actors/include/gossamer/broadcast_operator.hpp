// Many sockets of a namespace at once: which of them, with which flags, and what to do.
//
// Immutable: each method returns a changed copy, so an operator can be kept and used again. Any
// thread.
#pragma once

#include "actors/include/gossamer/await.hpp"
#include "actors/include/gossamer/detail.hpp"
#include "actors/include/gossamer/emitting.hpp"
#include "actors/include/gossamer/handshake.hpp"
#include "actors/include/gossamer/room_names.hpp"
#include "actors/include/gossamer/socket_operator.hpp"
#include "actors/include/gossamer/task.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gossamer {

using broadcast_answers = detail::broadcast_answers;

/// Another socket as fetch_sockets found it: its state then, and operations that reach it wherever
/// it is. Any thread.
class remote_socket {
 public:
  explicit remote_socket(detail::socket_snapshot snapshot) : snapshot_(std::move(snapshot)) {}

  [[nodiscard]] std::string id() const { return detail::id_of(snapshot_.ref); }
  [[nodiscard]] const gossamer::handshake& handshake() const { return snapshot_.handshake; }
  /// Its rooms, its own id among them.
  [[nodiscard]] const std::vector<std::string>& rooms() const { return snapshot_.rooms; }
  /// The JSON text of its data.
  [[nodiscard]] const std::string& data_json() const { return snapshot_.data_json; }
  /// With a callback as last argument as socket_operator::emit.
  template <class... Ts>
  error_code emit(std::string_view name, const Ts&... values) const {
    return socket_operator(snapshot_.ref).emit(name, values...);
  }
  template <class... Ts>
  [[nodiscard]] task<result<args>> emit_with_ack(std::string_view name, const Ts&... values) const {
    return socket_operator(snapshot_.ref).emit_with_ack(name, values...);
  }
  [[nodiscard]] socket_operator timeout(milliseconds limit) const {
    return socket_operator(snapshot_.ref).timeout(limit);
  }
  error_code join(room_names rooms) const {
    return detail::join(snapshot_.ref, std::move(rooms.names));
  }
  error_code leave(room_names rooms) const {
    return detail::leave(snapshot_.ref, std::move(rooms.names));
  }
  error_code disconnect(bool close = false) const {
    return detail::disconnect(snapshot_.ref, close);
  }

 private:
  detail::socket_snapshot snapshot_;
};

class broadcast_operator {
 public:
  explicit broadcast_operator(const detail::nsp_ref& nsp) : nsp_(nsp) {}
  /// Everybody but `sender`.
  explicit broadcast_operator(const detail::socket_ref& sender,
                              const detail::emit_flags& flags = {})
      : nsp_(sender.in()) {
    which_.sender = sender;
    which_.flags = flags;
  }

  /// Adds rooms: members of any of them are meant, each once.
  [[nodiscard]] broadcast_operator to(room_names rooms) const& {
    return broadcast_operator(*this).add(std::move(rooms));
  }
  [[nodiscard]] broadcast_operator to(room_names rooms) && {
    return std::move(add(std::move(rooms)));
  }
  [[nodiscard]] broadcast_operator in(room_names rooms) const { return to(std::move(rooms)); }
  /// Leaves out the members of these rooms.
  [[nodiscard]] broadcast_operator except(room_names rooms) const {
    auto copy = *this;
    for (auto& name : rooms.names) copy.which_.except.push_back(std::move(name));
    return copy;
  }
  [[nodiscard]] broadcast_operator volatile_() const {
    auto copy = *this;
    copy.which_.flags.is_volatile = true;
    return copy;
  }
  /// Sockets of this node only.
  [[nodiscard]] broadcast_operator local() const {
    auto copy = *this;
    copy.which_.local = true;
    return copy;
  }
  [[nodiscard]] broadcast_operator compress(bool on) const {
    auto copy = *this;
    copy.which_.flags.compress = on;
    return copy;
  }
  /// How long an emit with acks waits.
  [[nodiscard]] broadcast_operator timeout(milliseconds limit) const {
    auto copy = *this;
    copy.which_.flags.timeout = limit;
    return copy;
  }

  /// Sends an event. If the last argument is callable with `broadcast_answers`, every client is
  /// asked for an answer and the callable gets them: all, or those that came in time. Without
  /// `timeout` the wait is over at once, as in Node. Errors: reserved_event_name, lane_full (some
  /// lane could not take it), server_stopped.
  template <class... Ts>
  error_code emit(std::string_view name, const Ts&... values) const {
    if constexpr (std::is_invocable_v<detail::last_of_t<Ts...>, broadcast_answers>) {
      const std::tuple<const Ts&...> all(values...);
      return detail::encode_all_but_last(
          nsp_, name,
          [&](detail::question&& asked) {
            detail::broadcast_with_ack(nsp_, which_, asked.id, std::move(asked.frames),
                                       std::get<sizeof...(Ts) - 1>(all));
          },
          all, std::make_index_sequence<sizeof...(Ts) - 1>());
    } else {
      const detail::nsp_use in(nsp_);
      auto frames = detail::encode_event(nsp_, name, values...);
      if (!frames) return frames.error();
      return detail::broadcast(nsp_, which_, std::move(*frames));
    }
  }
  template <class... Ts>
  [[nodiscard]] task<broadcast_answers> emit_with_ack(std::string_view name,
                                                      const Ts&... values) const {
    return wait_for_answers(nsp_, which_, detail::encode_question(nsp_, name, values...));
  }
  /// All three: no error means that it is on its way to every lane. Errors: server_stopped.
  error_code sockets_join(room_names rooms) const {
    return detail::sockets_join(nsp_, which_, std::move(rooms.names));
  }
  error_code sockets_leave(room_names rooms) const {
    return detail::sockets_leave(nsp_, which_, std::move(rooms.names));
  }
  error_code disconnect_sockets(bool close = false) const {
    return detail::disconnect_sockets(nsp_, which_, close);
  }
  /// A snapshot of the sockets that are meant.
  [[nodiscard]] task<std::vector<remote_socket>> fetch_sockets() const {
    return fetch(nsp_, which_);
  }
  /// The same by callback: `done(std::vector<remote_socket>)` on the caller's lane.
  void fetch_sockets(std::function<void(std::vector<remote_socket>)> done) const {
    detail::fetch_sockets(nsp_, which_, [done = std::move(done)](auto found) {
      std::vector<remote_socket> sockets;
      sockets.reserve(found.size());
      for (auto& one : found) sockets.emplace_back(std::move(one));
      done(std::move(sockets));
    });
  }

 private:
  broadcast_operator& add(room_names rooms) {
    for (auto& name : rooms.names) which_.rooms.push_back(std::move(name));
    return *this;
  }
  static task<broadcast_answers> wait_for_answers(detail::nsp_ref nsp, detail::selection which,
                                                  result<detail::question> asked) {
    if (!asked) co_return broadcast_answers{false, {}};
    co_return co_await detail::callback_awaiter<broadcast_answers>([&](auto done) {
      detail::broadcast_with_ack(nsp, which, asked->id, std::move(asked->frames), std::move(done));
    });
  }
  static task<std::vector<remote_socket>> fetch(detail::nsp_ref nsp, detail::selection which) {
    auto found = co_await detail::callback_awaiter<std::vector<detail::socket_snapshot>>(
        [&](auto done) { detail::fetch_sockets(nsp, which, std::move(done)); });
    std::vector<remote_socket> sockets;
    sockets.reserve(found.size());
    for (auto& one : found) sockets.emplace_back(std::move(one));
    co_return sockets;
  }

  detail::nsp_ref nsp_;
  detail::selection which_;
};

inline broadcast_operator socket_operator::broadcast() const {
  return broadcast_operator(to_, flags_);
}
inline broadcast_operator socket_operator::to(room_names rooms) const {
  return broadcast().to(std::move(rooms));
}
inline broadcast_operator socket_operator::in(room_names rooms) const {
  return broadcast().to(std::move(rooms));
}
inline broadcast_operator socket_operator::except(room_names rooms) const {
  return broadcast().except(std::move(rooms));
}
inline broadcast_operator socket_operator::local() const {
  return broadcast().local();
}

}  // namespace gossamer
