// The little of RFC 6455 that a load generator needs: masked frames out, plain frames in.
//
// Errors: what no server may send ends the program.
#pragma once

#include "tests/bench/compare/settings.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace compare {

/// A client frame with a mask of zeros, which leaves the payload as it is.
inline std::string client_frame(unsigned char opcode, std::string_view payload) {
  std::string frame{static_cast<char>(0x80U | opcode)};
  if (payload.size() < 126) {
    frame += static_cast<char>(0x80U | payload.size());
  } else if (payload.size() < 65536) {
    frame += static_cast<char>(0xfe);
    frame += static_cast<char>(payload.size() >> 8U);
    frame += static_cast<char>(payload.size() & 0xffU);
  } else {
    fail("payloads end at 65535 bytes");
  }
  frame.append(4, '\0');
  return frame.append(payload);
}

struct server_frame {
  unsigned char opcode = 0;
  bool final = false;
  std::string_view payload;
};

/// Takes one whole frame off the front of `data`; false where it is not all there yet.
inline bool take_frame(std::string_view& data, server_frame& frame) {
  if (data.size() < 2) return false;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(data[i]); };
  std::size_t header = 2;
  std::uint64_t size = byte(1);
  if (size > 127) fail("a masked frame from the server");
  if (size >= 126) {
    const std::size_t wide = size == 126 ? 2 : 8;
    if (data.size() < 2 + wide) return false;
    size = 0;
    for (std::size_t i = 0; i < wide; ++i) size = size << 8U | byte(2 + i);
    header += wide;
  }
  if (data.size() - header < size) return false;
  frame = {static_cast<unsigned char>(byte(0) & 0x0fU), (byte(0) & 0x80U) != 0,
           data.substr(header, size)};
  data.remove_prefix(header + size);
  return true;
}

}  // namespace compare
