// Negotiation of permessage-deflate (RFC 6455, 9.1; RFC 7692, 5 and 7.1).
#pragma once

#include "gateway/websocket/deflate_options.hpp"
#include "gateway/websocket/errc.hpp"
#include "runtime/base/result.hpp"

#include <string>
#include <string_view>

namespace gossamer::websocket {

/// Answers the field `Sec-WebSocket-Extensions` of an upgrade (repeated ones joined with a comma):
/// the value of the same field in the 101, or nothing if no offer can be taken. Offers are tried
/// in order; one with an unknown, repeated or ill-valued parameter is declined, and so is one that
/// demands a smaller window of us than `options` say.
/// Errors: errc::bad_extensions, the field breaks the grammar.
[[nodiscard]] result<std::string> accept_deflate(std::string_view offers,
                                                 const deflate_options& options);

}  // namespace gossamer::websocket
