// An HTTP answer, and its bytes.
#pragma once

#include "gateway/http/header_fields.hpp"
#include "runtime/base/shared_frame.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace gossamer::http {

/// Plain data. `Content-Length`, `Date` and `Connection` are added when it is sent.
struct response {
  unsigned status = 200;
  bool close = false;         // the connection closes after it
  bool compressible = false;  // whoever made it has nothing against a content coding
  header_fields headers;
  std::string body;
  shared_frame shared;  // a body shared by many answers: a `raw` frame, used instead of `body`

  [[nodiscard]] std::size_t body_bytes() const {
    return shared ? shared.payload().size() : body.size();
  }
};

/// `Not Found` for 404; `Unknown` for a status without a name.
[[nodiscard]] std::string_view reason_phrase(unsigned status);

/// An answer with a plain text body, e.g. 404 `Not Found`.
[[nodiscard]] response plain_response(unsigned status, std::string body = {});

/// What the request and the server say about an answer's head.
struct head_context {
  bool to_head = false;            // an answer to HEAD has a length but no body
  bool close = false;              // `Connection: close`
  std::uint32_t keep_alive_s = 0;  // told to the client; 0: not
  std::string_view date{};         // IMF-fixdate; empty: no Date
};

/// The bytes of an answer: `head` has the body too unless that is shared.
struct encoded_response {
  shared_frame head;
  shared_frame body;  // may be empty
};

/// Pure. The status line is always HTTP/1.1 (RFC 9110, 6.2). A status of 1xx, 204 or 304 has no
/// body and gets no Content-Length but the one in `headers`.
[[nodiscard]] encoded_response encode(const response& answer, const head_context& context);

/// `Sun, 06 Nov 1994 08:49:37 GMT` of seconds since 1970.
[[nodiscard]] std::string http_date(std::int64_t seconds_since_epoch);

}  // namespace gossamer::http
