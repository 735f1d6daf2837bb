// Turns a function of an application into an event handler: converts arguments, answers acks,
// catches.
//
// Parameters, in this order:
//   gossamer::socket        the socket (optional, first)
//   T...                    the event's arguments converted; std::optional<T> may be absent
//   gossamer::args          all arguments that are left, unconverted (optional)
//   gossamer::ack           the answer, if the handler gives it itself (optional, last)
// Return types: void; T, result<T> or outcome<T>, which answer the ack; a task of one of these.
//
// Events of a socket start in the order in which they came; while a task waits, the next ones run.
// `in_order(handler)` waits: of all handlers of a socket that are in_order, one event runs at a
// time, tasks to their end. At most 1024 events wait; a client that sends more is closed.
#pragma once

#include "actors/include/gossamer/ack.hpp"
#include "actors/include/gossamer/socket.hpp"
#include "actors/include/gossamer/task.hpp"
#include "actors/socketio/json_codec.hpp"

#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace gossamer::detail {

template <class F>
struct signature : signature<decltype(&F::operator())> {};
template <class R, class... Ps>
struct signature<R (*)(Ps...)> {
  using result_type = R;
  using parameters = std::tuple<std::decay_t<Ps>...>;
};
template <class R, class C, class... Ps>
struct signature<R (C::*)(Ps...)> : signature<R (*)(Ps...)> {};
template <class R, class C, class... Ps>
struct signature<R (C::*)(Ps...) const> : signature<R (*)(Ps...)> {};

template <class T>
struct is_result : std::false_type {};
template <class T, class E>
struct is_result<boost::system::result<T, E>> : std::true_type {};

/// Fetches one parameter after the other from an event.
class parameter_source {
 public:
  explicit parameter_source(const invocation& call) : call_(call) {}

  template <class T>
  std::optional<T> take() {
    if constexpr (std::is_same_v<T, socket>) {
      return socket(call_.who);
    } else if constexpr (std::is_same_v<T, ack>) {
      return call_.wants_ack ? ack(call_.who, *call_.wants_ack) : ack();
    } else if constexpr (std::is_same_v<T, args>) {
      return call_.arguments.from(at_).keep();
    } else {
      return convert<T>();
    }
  }
  [[nodiscard]] const std::optional<failure>& problem() const { return problem_; }

 private:
  template <class T>
  std::optional<T> convert() {
    if (problem_) return std::nullopt;
    auto value = call_.arguments.get<T>(at_++);
    if (value) return std::move(*value);
    problem_ = failure{"bad_arguments", std::move(value.error()).under(call_.event).message()};
    return std::nullopt;
  }

  const invocation& call_;
  std::size_t at_ = 0;
  std::optional<failure> problem_;
};

/// See in_order.
template <class F>
struct ordered_handler {
  F handler;
};

/// Gives a handler's value to the client's ack.
struct responder {
  socket_ref to;
  std::optional<socketio::ack_id> id;
  std::string event;

  void operator()() const {}
  template <class T>
  void operator()(const T& value) const {
    if constexpr (is_result<T>::value) {
      if (!value) return fail(value.error());
      if constexpr (!std::is_void_v<typename T::value_type>) (*this)(*value);
    } else if (id) {
      const nsp_use in(to);
      if (in) (void)answer(to, socketio::encode_ack(address_of(*to.nsp), *id, value));
    }
  }
  void fail(const failure& why) const { answer_failure(to, id, event, why); }
  void fail(const error_code& why) const {
    fail(failure{std::string(why.category().name()) + ":" + std::to_string(why.value()),
                 why.message()});
  }
  void threw(const std::exception_ptr& thrown) const { answer_exception(to, id, event, thrown); }
};

template <class F, class Tuple, std::size_t... I>
decltype(auto) apply_values(F& handler, Tuple& values, std::index_sequence<I...>) {
  return handler(std::move(*std::get<I>(values))...);
}

/// What happens after a handler that is a plain function, and after each event.
struct nothing_more {
  void operator()() const {}
};

/// Calls `handler`, a function of these parameters, for an event, and `after()` at its end: when a
/// task has ended, which keeps `after` and the handler's arguments until then. What a plain handler
/// throws is thrown, without `after()`.
template <class F, class After, class... Ps>
void call_handler(F& handler, const invocation& call, std::type_identity<std::tuple<Ps...>>,
                  After after) {
  using result_type = std::invoke_result_t<F&, Ps...>;
  using values_type = std::tuple<std::optional<Ps>...>;
  parameter_source source(call);
  constexpr auto all = std::index_sequence_for<Ps...>();
  if constexpr (is_task<result_type>::value) {
    const auto values = std::make_shared<values_type>(values_type{source.take<Ps>()...});
    if (!source.problem()) {
      const responder respond{call.who, call.wants_ack, std::string(call.event)};
      start(
          apply_values(handler, *values, all),
          [respond, after, values](const auto&... value) {
            respond(value...);
            after();
          },
          [respond, after](const std::exception_ptr& thrown) {
            respond.threw(thrown);
            after();
          });
      return;
    }
  } else {
    values_type values{source.take<Ps>()...};
    if (!source.problem()) {
      if constexpr (std::is_void_v<result_type>) {
        apply_values(handler, values, all);
      } else {
        const responder respond{call.who, call.wants_ack, std::string(call.event)};
        respond(apply_values(handler, values, all));
      }
      return after();
    }
  }
  answer_failure(call.who, call.wants_ack, call.event, *source.problem());
  after();
}

/// The handler as the namespaces store it. What it throws is answered and logged by the caller.
template <class F>
[[nodiscard]] event_handler make_handler(F handler) {
  using parameters = std::type_identity<typename signature<F>::parameters>;
  // Shared: the stored function is copied with each snapshot of a namespace's handlers, and a
  // coroutine handler's captures must outlive its first suspension.
  auto kept = std::make_shared<F>(std::move(handler));
  return
      [kept](const invocation& call) { call_handler(*kept, call, parameters(), nothing_more()); };
}
template <class F>
[[nodiscard]] event_handler make_handler(ordered_handler<F> ordered) {
  using parameters = std::type_identity<typename signature<F>::parameters>;
  auto kept = std::make_shared<F>(std::move(ordered.handler));
  return [kept](const invocation& call) {
    run_in_order(call, [kept](const invocation& now, std::function<void()> done) {
      call_handler(*kept, now, parameters(), std::move(done));
    });
  };
}

/// A method of the T that is attached to the event's socket. An event of a socket without one (its
/// constructor threw) is answered with a failure.
template <class T, class Method>
struct attached_method {
  Method method;

  template <class After>
  void operator()(const invocation& call, After after) const {
    const auto object = std::static_pointer_cast<T>(typed_data_of(call.who, type_key<T>()));
    if (object == nullptr) {
      answer_failure(call.who, call.wants_ack, call.event, {"internal_error", "internal error"});
      return after();
    }
    auto bound = [to = object.get(), run = method](auto&&... values) -> decltype(auto) {
      return (to->*run)(std::forward<decltype(values)>(values)...);
    };
    // A task that waits keeps its object.
    call_handler(bound, call, std::type_identity<typename signature<Method>::parameters>(),
                 [object, after = std::move(after)] { after(); });
  }
};
template <class T, class Method>
[[nodiscard]] event_handler make_method_handler(Method method) {
  return [run = attached_method<T, Method>{method}](const invocation& call) {
    run(call, nothing_more());
  };
}
template <class T, class Method>
[[nodiscard]] event_handler make_method_handler(ordered_handler<Method> ordered) {
  return [run = attached_method<T, Method>{ordered.handler}](const invocation& call) {
    run_in_order(call, [run](const invocation& now, std::function<void()> done) {
      run(now, std::move(done));
    });
  };
}

}  // namespace gossamer::detail

namespace gossamer {

/// A handler, or a method for `attach`, whose events are worked off one after the other for each
/// socket: `nsp.on("order", gossamer::in_order([](...) -> task<...> { ... }))`.
template <class Handler>
[[nodiscard]] detail::ordered_handler<Handler> in_order(Handler handler) {
  return {std::move(handler)};
}

template <class Handler>
handler_id socket::on(std::string_view name, Handler handler) const {
  return detail::on(ref_, std::string(name), detail::make_handler(std::move(handler)), false);
}
template <class Handler>
handler_id socket::once(std::string_view name, Handler handler) const {
  return detail::on(ref_, std::string(name), detail::make_handler(std::move(handler)), true);
}

}  // namespace gossamer
