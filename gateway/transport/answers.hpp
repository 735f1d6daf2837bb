// The HTTP answers of an Engine.IO server.
#pragma once

#include "gateway/engineio/errc.hpp"
#include "gateway/engineio/payload.hpp"
#include "gateway/http/response.hpp"
#include "runtime/base/shared_frame.hpp"

#include <string>
#include <string_view>

namespace gossamer::transport {

/// 200 with a payload.
[[nodiscard]] http::response poll_answer(std::string payload, engineio::payload_form form);
/// 200 `ok`.
[[nodiscard]] http::response post_answer();
/// A status without a body.
[[nodiscard]] http::response empty_answer(unsigned status);
/// A refused request. An upgrade's connection closes.
[[nodiscard]] http::response refusal_answer(const engineio::refusal& refused,
                                            engineio::request_form form);
/// The same as bytes for a connection that HTTP has let go of.
[[nodiscard]] shared_frame raw_refusal(const engineio::refusal& refused);

/// Adds fields to others.
void append(http::header_fields& to, const http::header_fields& more);

}  // namespace gossamer::transport
