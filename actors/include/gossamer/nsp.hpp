// A namespace: its middleware, its handlers, and all of its sockets.
//
// A cheap value; any thread. Handlers registered here cost nothing per socket. Registered after
// `listen`, they reach each lane by its queue and count for events that arrive later.
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

class nsp {
 public:
  explicit nsp(detail::nsp_core& core) : core_(&core) {}

  [[nodiscard]] std::string_view name() const { return detail::name_of(*core_); }

  // -- who may come in --------------------------------------------------------------------------

  /// Middleware, in the order of registration. `handler` is one of
  ///   admission(handshake)          decides at once
  ///   task<admission>(handshake)    decides later
  ///   void(socket, next)            as in Node; `next` may be called from any thread
  template <class Handler>
  nsp& use(Handler handler) {
    if constexpr (std::is_invocable_v<Handler&, socket, gossamer::next>) {
      detail::nsp_use(*core_, [handler = std::move(handler)](const detail::socket_ref& who,
                                                             gossamer::next go_on) mutable {
        handler(socket(who), std::move(go_on));
      });
    } else {
      use_handshake(std::move(handler));
    }
    return *this;
  }

  // -- handlers ---------------------------------------------------------------------------------

  template <class Handler>
  nsp& on(std::string_view name, Handler handler) {
    detail::nsp_on(*core_, std::string(name), detail::make_handler(std::move(handler)));
    return *this;
  }
  template <class Argument, class Answer, class Handler>
  nsp& on(const event<Argument, Answer>& contract, Handler handler) {
    return on(contract.name, std::move(handler));
  }
  /// `handler(socket, std::string_view event, const args&)` for each event, before its own
  /// handlers.
  template <class Handler>
  nsp& on_any(Handler handler) {
    detail::nsp_on_any(*core_,
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
    detail::nsp_on_disconnecting(*core_, wrap_reason(std::move(handler)));
    return *this;
  }
  template <class Handler>
  nsp& on_disconnect(Handler handler) {
    detail::nsp_on_disconnect(*core_, wrap_reason(std::move(handler)));
    return *this;
  }
  /// How a handler's failure is answered: a function from `failure` to JSON text. Default:
  /// `{"error":{...}}`.
  nsp& map_errors(detail::error_mapper mapper) {
    detail::nsp_map_errors(*core_, std::move(mapper));
    return *this;
  }
  /// Failures are logged and not answered, as in Node.
  nsp& map_no_errors() {
    return map_errors([](const failure&) { return std::string(); });
  }

  // -- all sockets ------------------------------------------------------------------------------

  [[nodiscard]] broadcast_operator all() const { return broadcast_operator(*core_); }
  template <class... Ts>
  error_code emit(std::string_view name, const Ts&... values) const {
    return all().emit(name, values...);
  }
  template <class... Ts>
  error_code send(const Ts&... values) const {
    return all().emit("message", values...);
  }
  [[nodiscard]] broadcast_operator to(room_names rooms) const { return all().to(std::move(rooms)); }
  [[nodiscard]] broadcast_operator in(room_names rooms) const { return all().to(std::move(rooms)); }
  [[nodiscard]] broadcast_operator except(room_names rooms) const {
    return all().except(std::move(rooms));
  }
  [[nodiscard]] broadcast_operator volatile_() const { return all().volatile_(); }
  [[nodiscard]] broadcast_operator local() const { return all().local(); }
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

  // -- counts, O(1) -----------------------------------------------------------------------------

  [[nodiscard]] std::size_t socket_count() const { return detail::socket_count(*core_); }
  /// Rooms, the sockets' own ids included, as in Node.
  [[nodiscard]] std::size_t room_count() const { return detail::room_count(*core_); }
  [[nodiscard]] std::size_t room_size(std::string_view room) const {
    return detail::room_size(*core_, room);
  }
  [[nodiscard]] detail::nsp_core& core() const { return *core_; }

 private:
  template <class Handler>
  void use_handshake(Handler handler);
  template <class Handler>
  static detail::disconnect_handler wrap_reason(Handler handler) {
    return [handler = std::move(handler)](const detail::socket_ref& who,
                                          disconnect_reason why) mutable {
      handler(socket(who), why);
    };
  }
  detail::nsp_core* core_;
};

/// The namespace that a socket is in; a child namespace for one that was made by a parent.
[[nodiscard]] inline nsp nsp_of(const socket& who) {
  return nsp(*who.ref().nsp);
}

template <class Handler>
nsp& nsp::on_connection(Handler handler) {
  auto kept = std::make_shared<Handler>(std::move(handler));
  detail::nsp_on_connection(*core_, [kept](const detail::socket_ref& who) {
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
  detail::nsp_use(*core_, [kept](const detail::socket_ref& who, gossamer::next go_on) {
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

}  // namespace gossamer
