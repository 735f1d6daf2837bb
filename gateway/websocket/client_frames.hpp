// The client's side of RFC 6455 for tests and load generators: makes masked frames, also illegal
// ones, and reads what the server sends. Servers never need it.
#pragma once

#include "gateway/websocket/frame_header.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gossamer::websocket {

enum class length_form : std::uint8_t { shortest, seven_bits, two_bytes, eight_bytes };

/// A frame as a client sends it. The defaults make a legal one.
struct client_frame {
  opcode code = opcode::text;
  std::string_view payload = {};
  bool final = true;
  std::uint32_t mask = 0x5ac37d19;  // the key as it lies in memory
  bool masked = true;
  std::uint8_t reserved_bits = 0;  // RSV1 = 4, RSV2 = 2, RSV3 = 1
  length_form length = length_form::shortest;
};

/// Appends the frame's bytes to `out`.
void append_to(std::string& out, const client_frame& frame);
[[nodiscard]] std::string encode(const client_frame& frame);

/// The payload of a close frame.
[[nodiscard]] std::string close_payload(std::uint16_t code, std::string_view reason = {});

/// A frame as a server sent it.
struct server_frame {
  opcode code = opcode::text;
  bool final = true;
  bool deflated = false;  // RSV1
  std::string_view payload = {};
};

/// Takes the first frame off `input`. Nothing: not whole yet, `input` is untouched. Lengths and
/// opcodes are believed, the server is ours.
[[nodiscard]] std::optional<server_frame> take_server_frame(std::string_view& input);

}  // namespace gossamer::websocket
