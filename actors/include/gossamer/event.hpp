// A typed contract: the name of an event, the type of its argument and of its ack.
#pragma once

#include <string_view>

namespace gossamer {

/// `inline constexpr gossamer::event<place_order, placed> order{"order"};`
template <class Argument, class Answer = void>
struct event {
  std::string_view name;
  using argument_type = Argument;
  using answer_type = Answer;
};

}  // namespace gossamer
