// Turns a function of an application into an event handler: converts arguments, answers acks,
// catches.
//
// Parameters, in this order:
//   gossamer::socket        the socket (optional, first)
//   T...                    the event's arguments converted; std::optional<T> may be absent
//   gossamer::args          all arguments that are left, unconverted (optional)
//   gossamer::ack           the answer, if the handler gives it itself (optional, last)
// Return types: void; T, result<T> or outcome<T>, which answer the ack; a task of one of these.
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
      (void)answer(to, socketio::encode_ack(name_of(*to.nsp), *id, value));
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

template <class F, class... Ps>
void call_handler(F& handler, const invocation& call, std::type_identity<std::tuple<Ps...>>) {
  using result_type = typename signature<F>::result_type;
  parameter_source source(call);
  std::tuple<std::optional<Ps>...> values{source.take<Ps>()...};
  constexpr auto all = std::index_sequence_for<Ps...>();
  if (source.problem())
    return answer_failure(call.who, call.wants_ack, call.event, *source.problem());
  if constexpr (std::is_void_v<result_type>) {
    apply_values(handler, values, all);
  } else if constexpr (is_task<result_type>::value) {
    const responder respond{call.who, call.wants_ack, std::string(call.event)};
    start(apply_values(handler, values, all), respond,
          [respond](const std::exception_ptr& thrown) { respond.threw(thrown); });
  } else {
    const responder respond{call.who, call.wants_ack, std::string(call.event)};
    respond(apply_values(handler, values, all));
  }
}

/// The handler as the namespaces store it. What it throws is answered and logged by the caller.
template <class F>
[[nodiscard]] event_handler make_handler(F handler) {
  using parameters = typename signature<F>::parameters;
  // Shared: the stored function is copied with each snapshot of a namespace's handlers, and a
  // coroutine handler's captures must outlive its first suspension.
  auto kept = std::make_shared<F>(std::move(handler));
  return [kept](const invocation& call) {
    call_handler(*kept, call, std::type_identity<parameters>());
  };
}

}  // namespace gossamer::detail

namespace gossamer {

template <class Handler>
void socket::on(std::string_view name, Handler handler) const {
  detail::on(ref_, std::string(name), detail::make_handler(std::move(handler)), false);
}
template <class Handler>
void socket::once(std::string_view name, Handler handler) const {
  detail::on(ref_, std::string(name), detail::make_handler(std::move(handler)), true);
}

}  // namespace gossamer
