// Protocol 4: a client names a namespace as in a URL, `/admin?token=x`, and the parameters are what
// `auth` is in protocol 5.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gossamer::socketio {

/// More parameters than this are not seen; the size is bounded by the message.
inline constexpr std::size_t connect_parameters_max = 256;

/// Bytes of the query; over it, the connection is closed.
inline constexpr std::size_t connect_query_bytes_max = 8192;

/// Takes the query, and a fragment behind it, off `nsp`.
[[nodiscard]] std::string_view take_query(std::string_view& nsp);

/// `token=x&a+b=%31` as `{"token":"x","a b":"1"}`: read as a WHATWG URL does; the last value of a
/// name counts, at the place of the first. Bytes that are no UTF-8 become U+FFFD.
[[nodiscard]] std::string query_as_json(std::string_view query);

}  // namespace gossamer::socketio
