// What can be wrong with bytes from another node, and why a message is not taken.
#pragma once

#include "runtime/base/result.hpp"

#include <boost/system/error_category.hpp>

#include <type_traits>

namespace gossamer::cluster {

enum class errc {
  malformed = 1,      // a message ends early, or a field breaks its bound
  too_large,          // more bytes than a message or a blob may have
  wrong_version,      // the blob speaks a version that this node does not know
  over_window,        // the peer sent more than its credit
  link_full,          // the queue of the link is full: the message was not taken
  dropped,            // a volatile message, and the link is behind
  unknown_peer,       // no member of the cluster
  too_many_requests,  // as many requests wait as may
};

[[nodiscard]] const boost::system::error_category& category() noexcept;

[[nodiscard]] inline error_code make_error_code(errc e) noexcept {
  return {static_cast<int>(e), category()};
}

}  // namespace gossamer::cluster

template <>
struct boost::system::is_error_code_enum<gossamer::cluster::errc> : std::true_type {};
