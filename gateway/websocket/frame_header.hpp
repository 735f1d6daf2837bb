// The header of one frame from a client (RFC 6455, 5.2), and the rules that need nothing else.
//
//      byte 0             byte 1                         then
//     [FIN RSV RSV RSV | opcode (4)] [MASK | length (7)] [length: 0, 2 or 8] [masking key: 4]
#pragma once

#include "gateway/websocket/errc.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace gossamer::websocket {

enum class opcode : std::uint8_t {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10,
};

inline constexpr std::size_t frame_header_bytes_max = 14;
inline constexpr std::size_t control_payload_bytes_max = 125;

struct frame_header {
  std::uint64_t payload_bytes = 0;
  std::uint32_t mask = 0;  // the key as it lies in memory
  std::uint8_t bytes = 0;  // size of the header itself
  opcode code = opcode::continuation;
  bool final = false;
  bool deflated = false;    // RSV1: a deflated message begins
  errc error = errc::none;  // set if the header is illegal

  [[nodiscard]] bool is_control() const { return static_cast<std::uint8_t>(code) >= 8; }
};

enum class header_state : std::uint8_t { incomplete, illegal, complete };

namespace detail {

constexpr bool is_known_opcode(unsigned code) {
  return code <= 2 || (code >= 8 && code <= 10);
}

/// The rules on the first two bytes. RSV1 belongs to the first frame of a message, if
/// permessage-deflate was negotiated (RFC 7692, 6).
constexpr errc check_flags(unsigned first, unsigned second, bool deflate) {
  const bool begins_message = (first & 0x0fU) == 1 || (first & 0x0fU) == 2;
  const unsigned allowed = deflate && begins_message ? 0x40U : 0U;
  if ((first & 0x70U & ~allowed) != 0) return errc::reserved_bits;
  if (!is_known_opcode(first & 0x0fU)) return errc::bad_opcode;
  if ((first & 0x08U) != 0) {
    if ((first & 0x80U) == 0) return errc::fragmented_control;
    if ((second & 0x7fU) > control_payload_bytes_max) return errc::control_too_long;
  }
  return (second & 0x80U) != 0 ? errc::none : errc::unmasked_frame;
}

/// The shortest form is required ("the minimal number of bytes MUST be used"), and the top bit of
/// the long form must be 0.
constexpr errc check_length(std::uint64_t length, std::size_t length_bytes) {
  if (length_bytes == 2) return length < 126 ? errc::length_not_minimal : errc::none;
  if (length_bytes != 8) return errc::none;
  if (length <= 0xffffU) return errc::length_not_minimal;
  return (length >> 63U) != 0 ? errc::length_out_of_range : errc::none;
}

}  // namespace detail

/// Reads the header at the front of `bytes`. An illegal one is found as soon as the bytes that
/// break the rule are there. `deflate`: permessage-deflate was negotiated.
[[nodiscard]] inline header_state read_header(std::string_view bytes, frame_header& header,
                                              bool deflate = false) {
  if (bytes.size() < 2) return header_state::incomplete;
  const auto at = [bytes](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
  header.error = detail::check_flags(at(0), at(1), deflate);
  if (header.error != errc::none) return header_state::illegal;
  header.final = (at(0) & 0x80U) != 0;
  header.deflated = (at(0) & 0x40U) != 0;
  header.code = static_cast<opcode>(at(0) & 0x0fU);

  std::uint64_t length = at(1) & 0x7fU;
  const std::size_t length_bytes = length < 126 ? 0 : length == 126 ? 2 : 8;
  if (length_bytes != 0) {
    if (bytes.size() < 2 + length_bytes) return header_state::incomplete;
    length = 0;
    for (std::size_t i = 0; i < length_bytes; ++i) length = length << 8U | at(2 + i);
    header.error = detail::check_length(length, length_bytes);
    if (header.error != errc::none) return header_state::illegal;
  }
  header.payload_bytes = length;
  header.bytes = static_cast<std::uint8_t>(2 + length_bytes + sizeof(header.mask));
  if (bytes.size() < header.bytes) return header_state::incomplete;
  std::memcpy(&header.mask, bytes.data() + 2 + length_bytes, sizeof(header.mask));
  return header_state::complete;
}

}  // namespace gossamer::websocket
