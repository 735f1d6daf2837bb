// Control frames as a server sends them (RFC 6455, 5.5): unmasked, in one piece.
//
// Data frames are made by shared_frame::make(frame_kind::text | binary, ...).
#pragma once

#include "gateway/websocket/close_code.hpp"
#include "runtime/base/shared_frame.hpp"

#include <string_view>

namespace gossamer::websocket {

/// A close frame, kind `raw`. `no_status` gives one without payload; so does any code that may not
/// be sent. A reason over 123 bytes is cut before the code point that would not fit.
[[nodiscard]] shared_frame close_frame(close_code code, std::string_view reason = {});

/// Kind `raw`; `payload` is at most 125 bytes.
[[nodiscard]] shared_frame ping_frame(std::string_view payload = {});
[[nodiscard]] shared_frame pong_frame(std::string_view payload);

}  // namespace gossamer::websocket
