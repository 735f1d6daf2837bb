// Bytes of the directory's messages, and back. One frame is one message.
//
// Bytes after the known fields of a message are ignored: a later version adds fields at the end.
// Limits: `frame_bytes_max`; every count is checked before anything is allocated for it.
// Errors: `errc::malformed`, `too_large`, `wrong_version`, `unknown_type`.
#pragma once

#include "runtime/directory/errc.hpp"
#include "runtime/directory/message.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gossamer::directory {

inline constexpr std::size_t frame_bytes_max = 65'536;
inline constexpr std::size_t update_ops_max = 4096;
/// The versions of the format that this build reads, and the one it writes.
inline constexpr std::uint8_t version_min = 1;
inline constexpr std::uint8_t version_max = 1;

[[nodiscard]] std::string encode(const message& m);
[[nodiscard]] result<message> decode(std::string_view frame);

/// The bytes that one change takes in a section: a part is filled up to its bound.
[[nodiscard]] std::size_t encoded_bytes(const op& o, std::uint32_t bucket);

}  // namespace gossamer::directory
