// Emitting, common to sockets and broadcasts: splits off a callback for acks and encodes the rest
// once.
#pragma once

#include "actors/include/gossamer/detail.hpp"

#include <cstddef>
#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace gossamer::detail {

template <class... Ts>
struct last_of {
  using type = void;
};
template <class First, class... Rest>
struct last_of<First, Rest...> {
  using type = std::decay_t<std::tuple_element_t<sizeof...(Rest), std::tuple<First, Rest...>>>;
};
template <class... Ts>
using last_of_t = typename last_of<Ts...>::type;

/// An event that asks for an answer.
struct question {
  socketio::frame_set frames;
  std::uint32_t id = 0;
};

/// Errors: reserved_event_name; see gone.
template <class... Ts>
[[nodiscard]] result<socketio::frame_set> encode_event(const nsp_ref& nsp, std::string_view name,
                                                       const Ts&... values) {
  const nsp_use in(nsp);
  if (!in) return gone(nsp);
  return socketio::encode_event(address_of(*nsp.core), std::nullopt, name, values...);
}
/// The same with an ack id.
template <class... Ts>
[[nodiscard]] result<question> encode_question(const nsp_ref& nsp, std::string_view name,
                                               const Ts&... values) {
  const nsp_use in(nsp);
  if (!in) return gone(nsp);
  const auto id = next_ack_id(*nsp.core);
  auto frames = socketio::encode_event(address_of(*nsp.core), id, name, values...);
  if (!frames) return frames.error();
  return question{std::move(*frames), id};
}

/// Calls `use(question)` for all `values` but the last one, a callback. What cannot be sent is
/// returned as an error.
template <class Use, class Tuple, std::size_t... I>
error_code encode_all_but_last(const nsp_ref& nsp, std::string_view name, Use&& use,
                               const Tuple& values, std::index_sequence<I...>) {
  auto encoded = encode_question(nsp, name, std::get<I>(values)...);
  if (!encoded) return encoded.error();
  use(std::move(*encoded));
  return {};
}

}  // namespace gossamer::detail
