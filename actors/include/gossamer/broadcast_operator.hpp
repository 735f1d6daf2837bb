// Many sockets of a namespace at once: which of them, with which flags, and what to do.
//
// Immutable: each method returns a changed copy, so an operator can be kept and used again. Any
// thread.
#pragma once

#include "actors/include/gossamer/await.hpp"
#include "actors/include/gossamer/detail.hpp"
#include "actors/include/gossamer/emitting.hpp"
#include "actors/include/gossamer/task.hpp"

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gossamer {

/// One room or several.
struct room_names {
  room_names(const char* name) : names{name} {}                                // NOLINT
  room_names(std::string name) : names{std::move(name)} {}                     // NOLINT
  room_names(std::string_view name) : names{std::string(name)} {}              // NOLINT
  room_names(std::vector<std::string> several) : names(std::move(several)) {}  // NOLINT
  room_names(std::initializer_list<std::string> several) : names(several) {}
  std::vector<std::string> names;
};

using broadcast_answers = detail::broadcast_answers;

/// Another socket as fetch_sockets found it: its state then, and operations that reach it wherever
/// it is.
class remote_socket {
 public:
  explicit remote_socket(detail::socket_snapshot snapshot) : snapshot_(std::move(snapshot)) {}

  [[nodiscard]] std::string_view id() const { return snapshot_.ref.id.text(); }
  /// Its rooms, its own id among them.
  [[nodiscard]] const std::vector<std::string>& rooms() const { return snapshot_.rooms; }
  /// The JSON text of its data.
  [[nodiscard]] const std::string& data_json() const { return snapshot_.data_json; }
  template <class... Ts>
  error_code emit(std::string_view name, const Ts&... values) const {
    auto frames =
        socketio::encode_event(detail::name_of(*snapshot_.ref.nsp), std::nullopt, name, values...);
    if (!frames) return frames.error();
    return detail::emit(snapshot_.ref, std::move(*frames), {});
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
  explicit broadcast_operator(detail::nsp_core& nsp) : nsp_(&nsp) {}
  /// Everybody but `sender`.
  explicit broadcast_operator(const detail::socket_ref& sender) : nsp_(sender.nsp) {
    which_.sender = sender;
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
  /// lane could not take it).
  template <class... Ts>
  error_code emit(std::string_view name, const Ts&... values) const {
    if (nsp_ == nullptr) return errc::disconnected;
    if constexpr (std::is_invocable_v<detail::last_of_t<Ts...>, broadcast_answers>) {
      const std::tuple<const Ts&...> all(values...);
      return detail::encode_all_but_last(
          *nsp_, name,
          // NOLINTNEXTLINE(performance-unnecessary-value-param): it is handed on
          [&](socketio::frame_set frames, std::uint32_t id) {
            detail::broadcast_with_ack(*nsp_, which_, id, std::move(frames),
                                       std::get<sizeof...(Ts) - 1>(all));
          },
          all, std::make_index_sequence<sizeof...(Ts) - 1>());
    } else {
      auto frames = socketio::encode_event(detail::name_of(*nsp_), std::nullopt, name, values...);
      if (!frames) return frames.error();
      return detail::broadcast(*nsp_, which_, std::move(*frames));
    }
  }
  template <class... Ts>
  [[nodiscard]] task<broadcast_answers> emit_with_ack(std::string_view name,
                                                      const Ts&... values) const {
    if (nsp_ == nullptr) {
      return wait_for_answers(nullptr, which_, 0, make_error_code(errc::disconnected));
    }
    const auto id = detail::next_ack_id(*nsp_);
    return wait_for_answers(nsp_, which_, id,
                            socketio::encode_event(detail::name_of(*nsp_), id, name, values...));
  }

  error_code sockets_join(room_names rooms) const {
    if (nsp_ == nullptr) return errc::disconnected;
    return detail::sockets_join(*nsp_, which_, std::move(rooms.names));
  }
  error_code sockets_leave(room_names rooms) const {
    if (nsp_ == nullptr) return errc::disconnected;
    return detail::sockets_leave(*nsp_, which_, std::move(rooms.names));
  }
  error_code disconnect_sockets(bool close = false) const {
    if (nsp_ == nullptr) return errc::disconnected;
    return detail::disconnect_sockets(*nsp_, which_, close);
  }
  /// A snapshot of the sockets that are meant.
  [[nodiscard]] task<std::vector<remote_socket>> fetch_sockets() const {
    return fetch(nsp_, which_);
  }
  /// The same by callback: `done(std::vector<remote_socket>)` on the caller's lane.
  void fetch_sockets(std::function<void(std::vector<remote_socket>)> done) const {
    if (nsp_ == nullptr) return done({});
    detail::fetch_sockets(*nsp_, which_, [done = std::move(done)](auto found) {
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
  static task<broadcast_answers> wait_for_answers(detail::nsp_core* nsp, detail::selection which,
                                                  std::uint32_t id,
                                                  result<socketio::frame_set> frames) {
    if (!frames) co_return broadcast_answers{false, {}};
    co_return co_await detail::callback_awaiter<broadcast_answers>([&](auto done) {
      detail::broadcast_with_ack(*nsp, which, id, std::move(*frames), std::move(done));
    });
  }
  static task<std::vector<remote_socket>> fetch(detail::nsp_core* nsp, detail::selection which) {
    if (nsp == nullptr) co_return std::vector<remote_socket>();
    auto found = co_await detail::callback_awaiter<std::vector<detail::socket_snapshot>>(
        [&](auto done) { detail::fetch_sockets(*nsp, which, std::move(done)); });
    std::vector<remote_socket> sockets;
    sockets.reserve(found.size());
    for (auto& one : found) sockets.emplace_back(std::move(one));
    co_return sockets;
  }

  detail::nsp_core* nsp_;
  detail::selection which_;
};

}  // namespace gossamer
