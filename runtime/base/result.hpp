// What a function returns when a peer, the network or Redis may make it fail.
//
// Each folder declares its own `enum class errc` with an error category; `result<T>` carries either
// the value or the error. Our own faults are GOSSAMER_CHECK, a program that cannot start is an
// exception.
#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

namespace gossamer {

using error_code = boost::system::error_code;

template <class T>
using result = boost::system::result<T>;

}  // namespace gossamer
