// The bounds of what nodes say to each other. Encoder and decoder refuse what is over them.
#pragma once

#include "runtime/base/time.hpp"

#include <cstddef>
#include <cstdint>

namespace gossamer::cluster::bounds {

inline constexpr std::size_t message_bytes_max = 16U << 20U;
inline constexpr std::size_t blob_bytes_max = message_bytes_max + (1U << 20U);
inline constexpr std::size_t blob_messages_max = 65'536;

inline constexpr std::size_t name_bytes_max = 4096;     // namespace, sender, header field
inline constexpr std::size_t room_bytes_max = 65'536;   // a room's name
inline constexpr std::size_t rooms_max = 65'536;        // rooms of one selection, or of one socket
inline constexpr std::size_t attachments_max = 65'536;  // an application's own, not a client's
inline constexpr std::size_t found_sockets_max = 65'536;  // in one part of an answer
inline constexpr std::uint32_t parts_max = 65'536;
inline constexpr milliseconds timeout_max{24 * 3600 * 1000};

}  // namespace gossamer::cluster::bounds
