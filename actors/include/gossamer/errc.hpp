// What can go wrong with an operation of the public API, and failures that an application answers
// with.
#pragma once

#include "runtime/base/result.hpp"

#include <string>
#include <type_traits>
#include <utility>

namespace gossamer {

enum class errc {
  disconnected = 1,  // the socket is gone; nothing was sent
  ack_timeout,       // the client did not answer in time
  bad_arguments,     // the answer is not of the type that was asked for
  lane_full,         // the receiving lane's queue is at its bound; nothing was sent
  server_stopped,    // the server is stopping or has stopped, or the namespace is gone
  dropped,           // a volatile packet was not sent since the client is busy
  address_in_use,
  bad_option,
  not_supported,
  request_failed,  // the actor that was asked answered with an error, or has ended
};

[[nodiscard]] const boost::system::error_category& gossamer_category() noexcept;
[[nodiscard]] error_code make_error_code(errc code) noexcept;

/// Why a handler does not answer with a value. Goes to the ack as
/// `{"error":{"code":…,"message":…}}`.
struct failure {
  std::string code;
  std::string message;

  failure() = default;
  failure(std::string its_code, std::string its_message)
      : code(std::move(its_code)), message(std::move(its_message)) {}
  friend bool operator==(const failure&, const failure&) = default;
};

/// A value, or an application's reason why there is none: return either. `{code, message}` is a
/// failure only if it says so: `failure{code, message}`.
template <class T>
using outcome = boost::system::result<T, failure>;

/// Thrown by `outcome<T>::value()` where there is none.
[[noreturn]] void throw_exception_from_error(const failure& why,
                                             const boost::source_location& where);

}  // namespace gossamer

template <>
struct boost::system::is_error_code_enum<gossamer::errc> : std::true_type {};
