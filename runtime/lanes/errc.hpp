// What posting to lanes and joining an actor system may report.
#pragma once

#include "runtime/base/result.hpp"

#include <type_traits>

namespace gossamer::lanes {

enum class errc {
  lane_full = 1,          // the delivery queue is at its bound
  lane_closed,            // the lane does not run any more
  system_not_configured,  // the actor system was made without gossamer::configure(config)
};

[[nodiscard]] const boost::system::error_category& error_category() noexcept;
[[nodiscard]] error_code make_error_code(errc e) noexcept;

}  // namespace gossamer::lanes

template <>
struct boost::system::is_error_code_enum<gossamer::lanes::errc> : std::true_type {};
