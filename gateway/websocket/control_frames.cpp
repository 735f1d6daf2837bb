#include "gateway/websocket/control_frames.hpp"

#include "gateway/websocket/frame_header.hpp"
#include "runtime/base/check.hpp"

namespace gossamer::websocket {
namespace {

constexpr std::size_t code_bytes = 2;
constexpr std::size_t reason_bytes_max = control_payload_bytes_max - code_bytes;

shared_frame control_frame(opcode code, std::string_view head, std::string_view tail) {
  const std::size_t size = head.size() + tail.size();
  GOSSAMER_CHECK(size <= control_payload_bytes_max);
  const char header[] = {static_cast<char>(0x80U | static_cast<unsigned>(code)),
                         static_cast<char>(size)};
  return shared_frame::make(frame_kind::raw, {{header, sizeof(header)}, head, tail});
}

/// `text` cut to at most `size` bytes, before a code point that would be split.
std::string_view cut(std::string_view text, std::size_t size) {
  if (text.size() <= size) return text;
  while (size > 0 && (static_cast<std::uint8_t>(text[size]) & 0xc0U) == 0x80U) --size;
  return text.substr(0, size);
}

}  // namespace

shared_frame close_frame(close_code code, std::string_view reason) {
  if (!allowed_on_wire(code)) return control_frame(opcode::close, {}, {});
  const auto value = static_cast<std::uint16_t>(code);
  const char bytes[code_bytes] = {static_cast<char>(value >> 8U), static_cast<char>(value & 0xffU)};
  return control_frame(opcode::close, {bytes, code_bytes}, cut(reason, reason_bytes_max));
}

shared_frame ping_frame(std::string_view payload) {
  return control_frame(opcode::ping, payload, {});
}

shared_frame pong_frame(std::string_view payload) {
  return control_frame(opcode::pong, payload, {});
}

}  // namespace gossamer::websocket
