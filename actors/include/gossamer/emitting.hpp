// Emitting, common to sockets and broadcasts: splits off a callback for acks and encodes the rest
// once.
#pragma once

#include "actors/include/gossamer/detail.hpp"

#include <cstddef>
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

/// Calls `use(frames, id)` with the encoded event; an illegal name is returned as an error.
template <class Use, class... Ts>
error_code encode_with_id(nsp_core& nsp, std::string_view name, Use&& use, const Ts&... values) {
  const auto id = next_ack_id(nsp);
  auto frames = socketio::encode_event(name_of(nsp), id, name, values...);
  if (!frames) return frames.error();
  use(std::move(*frames), id);
  return {};
}

/// The same with the last element of `values`, a callback, left out.
template <class Use, class Tuple, std::size_t... I>
error_code encode_all_but_last(nsp_core& nsp, std::string_view name, Use&& use, const Tuple& values,
                               std::index_sequence<I...>) {
  return encode_with_id(nsp, name, std::forward<Use>(use), std::get<I>(values)...);
}

}  // namespace gossamer::detail
