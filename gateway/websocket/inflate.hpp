// Inflates a message that came with permessage-deflate (RFC 7692, 7.2.2).
#pragma once

#include "gateway/websocket/errc.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace gossamer::websocket {

/// The payload of a message's frames in one piece, inflated to `out`. Each message stands for
/// itself. zlib's state, about 40 KB, is the thread's and not the connection's.
/// Limits: stops as soon as more than `bytes_max` come out; `out` grows with what comes out, at
/// most twice as large. Errors: message_too_big, bad_deflate.
[[nodiscard]] errc inflate_message(std::string_view deflated, std::uint32_t bytes_max,
                                   std::vector<char>& out);

}  // namespace gossamer::websocket
