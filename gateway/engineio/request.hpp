// What a request asks of the Engine.IO server, and whether the server may take it.
//
// Checks in the order of the reference implementation (engine.io 6.6.12). The front, where the
// connection lives, does those that need no session; the session's owner does the rest with
// `session::refuses`.
#pragma once

#include "gateway/engineio/errc.hpp"
#include "gateway/engineio/options.hpp"
#include "runtime/base/ids.hpp"

#include <optional>
#include <string_view>

namespace gossamer::engineio {

enum class http_method : std::uint8_t { get, post, other };

/// The fields of a request that decide. Cheap to copy: it travels to the session's lane.
struct request {
  http_method method = http_method::get;
  request_form form = request_form::http;
  std::optional<transport_name> transport;  // empty: absent or none that we know
  int revision = 3;                         // 4 only for exactly EIO=4
  bool base64 = false;                      // `b64` has a value: no binary data to this client
  bool jsonp = false;                       // `j` is there: answers are script
  bool has_sid = false;                     // an empty sid counts as none
  std::optional<session_id> sid;            // empty with has_sid: cannot be one of ours

  [[nodiscard]] bool upgrade() const { return form == request_form::upgrade; }
};

/// Reads the parameters of `target`; the last occurrence of each counts.
[[nodiscard]] request parse_request(http_method method, request_form form, std::string_view target);

/// No control character may stand in an Origin header field (HTTP field-value, RFC 9110, 5.5).
[[nodiscard]] bool is_valid_origin(std::string_view origin);

/// The checks that every request has to pass at the front. For a request without sid these are all,
/// up to the application's `allow_request` and then `refuses_revision`.
[[nodiscard]] std::optional<errc> refuses(const options& settings, const request& asked,
                                          std::string_view origin);

/// The last check of a handshake, after `allow_request`.
[[nodiscard]] std::optional<errc> refuses_revision(const request& asked, bool allow_eio3 = false);

}  // namespace gossamer::engineio
