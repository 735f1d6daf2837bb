#include "gateway/websocket/client_frames.hpp"

#include "gateway/websocket/mask.hpp"

#include <span>

namespace gossamer::websocket {
namespace {

length_form shortest_for(std::size_t size) {
  if (size < 126) return length_form::seven_bits;
  return size <= 0xffff ? length_form::two_bytes : length_form::eight_bytes;
}

void append_big_endian(std::string& out, std::uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i) & 0xffU);
}

std::uint64_t read_big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8U | static_cast<std::uint8_t>(c);
  return value;
}

}  // namespace

void append_to(std::string& out, const client_frame& frame) {
  const std::size_t size = frame.payload.size();
  const auto form = frame.length == length_form::shortest ? shortest_for(size) : frame.length;
  const unsigned mask_bit = frame.masked ? 0x80U : 0U;
  out += static_cast<char>((frame.final ? 0x80U : 0U) | (frame.reserved_bits & 7U) << 4U |
                           static_cast<unsigned>(frame.code));
  if (form == length_form::seven_bits) {
    out += static_cast<char>(mask_bit | (size & 0x7fU));
  } else {
    const bool two = form == length_form::two_bytes;
    out += static_cast<char>(mask_bit | (two ? 126U : 127U));
    append_big_endian(out, size, two ? 2 : 8);
  }
  if (frame.masked) out.append(reinterpret_cast<const char*>(&frame.mask), sizeof(frame.mask));
  out += frame.payload;
  if (frame.masked) apply_mask(std::span(out).last(size), frame.mask);
}

std::string encode(const client_frame& frame) {
  std::string out;
  append_to(out, frame);
  return out;
}

std::string close_payload(std::uint16_t code, std::string_view reason) {
  std::string payload;
  append_big_endian(payload, code, 2);
  payload += reason;
  return payload;
}

std::optional<server_frame> take_server_frame(std::string_view& input) {
  if (input.size() < 2) return {};
  std::uint64_t size = static_cast<std::uint8_t>(input[1]) & 0x7fU;
  std::size_t header_bytes = 2;
  if (size >= 126) {
    const std::size_t length_bytes = size == 126 ? 2 : 8;
    header_bytes += length_bytes;
    if (input.size() < header_bytes) return {};
    size = read_big_endian(input.substr(2, length_bytes));
  }
  if (input.size() - header_bytes < size) return {};
  const auto first = static_cast<std::uint8_t>(input[0]);
  const server_frame frame{.code = static_cast<opcode>(first & 0x0fU),
                           .final = (first & 0x80U) != 0,
                           .deflated = (first & 0x40U) != 0,
                           .payload = input.substr(header_bytes, size)};
  input.remove_prefix(header_bytes + size);
  return frame;
}

}  // namespace gossamer::websocket
