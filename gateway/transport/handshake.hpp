// What the first request of a session said, in one allocation: request target, header fields and
// address as text behind the object; fields are looked up when somebody asks.
#pragma once

#include "actors/ports/connection.hpp"
#include "gateway/http/request.hpp"

#include <cstdint>
#include <memory>

namespace gossamer::transport {

/// `issued_ms` is the wall clock, milliseconds since 1970.
[[nodiscard]] std::shared_ptr<const handshake_info> make_handshake(const http::request& first,
                                                                   std::int64_t issued_ms);

}  // namespace gossamer::transport
