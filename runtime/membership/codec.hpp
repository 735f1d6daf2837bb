// Bytes of the membership messages, and back.
//
// A packet is a version byte and messages; a message is a type byte, a length and a body. Unknown
// types are skipped by their length, and bytes after the known fields of a body are ignored: a
// later version adds types and fields at the end.
//
// Limits: every length, count and age is checked before anything is allocated for it.
// Errors: `errc::malformed`, `errc::too_large`, `errc::wrong_version`.
#pragma once

#include "runtime/membership/errc.hpp"
#include "runtime/membership/message.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace gossamer::membership {

/// The plain bytes of a datagram; with the envelope around them it stays below common path MTUs.
inline constexpr std::size_t datagram_payload_max = 1352;
/// The bytes of one message on a link.
inline constexpr std::size_t link_payload_max = 8U << 20U;
inline constexpr std::size_t datagram_messages_max = 255;
inline constexpr std::size_t sync_entries_max = 8192;
inline constexpr seconds sync_age_max = std::chrono::hours(24 * 30);
inline constexpr milliseconds relay_patience_max{30'000};

/// The type byte of a message, as `docs/wire/gossip.md` lists them.
[[nodiscard]] std::uint8_t type_of(const message& m);

/// One message with its type and length.
[[nodiscard]] std::string encode(const message& m);

/// Starts a packet: the version byte. Encoded messages are appended to it.
[[nodiscard]] std::string begin_packet(std::uint8_t version);

/// Reads a packet of a version in `readable`. `payload_max` is one of the two limits above.
[[nodiscard]] result<packet> decode(std::string_view payload, const version_range& readable,
                                    std::size_t payload_max);

}  // namespace gossamer::membership
