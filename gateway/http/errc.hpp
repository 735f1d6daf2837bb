// Why a connection ended, and why a request was refused.
//
// `errc` is what `protocol::on_closed` gets. `refusal` is an answer that HTTP itself gives before
// any handler sees the request; each one has a status, a counter and a short name for logs.
#pragma once

#include "runtime/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gossamer::http {

enum class errc : std::uint8_t {
  closed_by_us = 1,  // close_after_flush or a finished exchange of messages
  closed_by_peer,    // the client ended the stream
  aborted,           // abort() without a better reason
  close_timeout,     // the client did not take the last bytes in time
  timeout,           // a head, a body or the next request did not come in time
  write_stalled,     // the client took no byte of an answer for too long
  tls_failed,        // handshake or record refused
  tls_timeout,       // the handshake did not finish in time
  server_stopping,   // the server closes
  bad_certificate,   // a PEM file could not be read, or key and certificate do not match
  bad_address,       // not an IP address or a usable path
  not_a_directory,   // static files: no such directory
  too_large,         // static files: over the bound
  stopped,           // the lanes no longer take work
};
[[nodiscard]] const boost::system::error_category& error_category();
[[nodiscard]] error_code make_error_code(errc value);

/// What HTTP refuses by itself. The order is that of the counters.
enum class refusal : std::uint8_t {
  malformed,        // 400: not HTTP/1.x, a bad byte, a bare line feed, a folded field
  bad_host,         // 400: HTTP/1.1 without exactly one Host
  bad_framing,      // 400: length and chunks that disagree (RFC 9112, 6.3): request smuggling
  bad_chunk,        // 400: a chunk header or trailer that is none
  transfer_coding,  // 501: a transfer coding other than `chunked`
  bad_version,      // 505
  bad_expectation,  // 417
  head_too_large,   // 431: limits::http_head_bytes_max
  too_many_fields,  // 431: limits::http_header_fields_max
  body_too_large,   // 413: the limit of the route
  head_timeout,     // 408
  body_timeout,     // 408
  server_full,      // 503: max_connections
  count             // number of reasons, not one of them
};
inline constexpr std::size_t refusal_count = static_cast<std::size_t>(refusal::count);
[[nodiscard]] unsigned status_of(refusal why);
[[nodiscard]] std::string_view text(refusal why);

}  // namespace gossamer::http

template <>
struct boost::system::is_error_code_enum<gossamer::http::errc> : std::true_type {};
