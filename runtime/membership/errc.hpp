// What can be wrong with bytes that claim to come from a member.
#pragma once

#include "runtime/base/result.hpp"

#include <boost/system/error_category.hpp>

#include <type_traits>

namespace gossamer::membership {

enum class errc {
  malformed = 1,    // a message ends early, or a field breaks its bound
  too_large,        // more bytes, messages or members than the limits allow
  wrong_version,    // the packet speaks a version that this node does not know
  not_an_envelope,  // not our datagram at all
  other_cluster,    // a datagram of a cluster with another label
  not_encrypted,    // plain, and this node demands encryption
  not_authentic,    // no key of the ring opens it
  unknown_key,      // the key ring has no such key
  key_in_use,       // the primary key cannot be removed
  ring_full,        // the key ring holds as many keys as it may
};

[[nodiscard]] const boost::system::error_category& category() noexcept;

[[nodiscard]] inline error_code make_error_code(errc e) noexcept {
  return {static_cast<int>(e), category()};
}

}  // namespace gossamer::membership

template <>
struct boost::system::is_error_code_enum<gossamer::membership::errc> : std::true_type {};
