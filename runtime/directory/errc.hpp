// What can be wrong with bytes that claim to come from another node's directory, or with a request.
#pragma once

#include "runtime/base/result.hpp"

#include <boost/system/error_category.hpp>

#include <type_traits>

namespace gossamer::directory {

enum class errc {
  malformed = 1,     // ends early, or a field breaks its bound
  too_large,         // more bytes than a frame may have
  wrong_version,     // a version that this node does not read
  unknown_type,      // a message of a later version: to be skipped
  too_many_watches,  // this node watches as many rooms as it may
};

[[nodiscard]] const boost::system::error_category& category() noexcept;

[[nodiscard]] inline error_code make_error_code(errc e) noexcept {
  return {static_cast<int>(e), category()};
}

}  // namespace gossamer::directory

template <>
struct boost::system::is_error_code_enum<gossamer::directory::errc> : std::true_type {};
