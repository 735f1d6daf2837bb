// Why a JSON value did not become the C++ value that a handler wants, and where.
#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace gossamer {

struct conversion_error {
  conversion_error() = default;
  conversion_error(std::string where, std::string what)
      : path(std::move(where)), problem(std::move(what)) {}

  std::string path;     // from the argument list on: `[0].quantity`; empty for the value itself
  std::string problem;  // `expected integer, got string`; never holds content of the value

  /// `[0].quantity: expected integer, got string`.
  /// A member at the top is named without a dot: `token: ...`.
  [[nodiscard]] std::string message() const {
    if (path.empty()) return problem;
    return path.substr(path[0] == '.' ? 1 : 0) + ": " + problem;
  }
  /// The same error seen from further out: `order` makes it `order[0].quantity: ...`.
  [[nodiscard]] conversion_error under(std::string_view prefix) && {
    path.insert(0, prefix);
    return std::move(*this);
  }
  friend bool operator==(const conversion_error&, const conversion_error&) = default;
};

/// A value of type T, or why there is none.
template <class T>
using converted = boost::system::result<T, conversion_error>;

/// Called by `converted<T>::value()` where there is none: throws std::invalid_argument.
[[noreturn]] void throw_exception_from_error(const conversion_error& error,
                                             const boost::source_location& location);

}  // namespace gossamer
