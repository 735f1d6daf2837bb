#include "gateway/engineio/payload.hpp"

#include "gateway/engineio/base64.hpp"
#include "gateway/engineio/errc.hpp"

namespace gossamer::engineio {

result<packet> payload_reader::next() {
  if (++count_ > limits::payload_packets_max) {
    done_ = true;
    return errc::too_many_packets;
  }
  const std::size_t end = rest_.find(payload_separator);
  const std::string_view text = rest_.substr(0, end);
  if (end == std::string_view::npos) {
    done_ = true;
  } else {
    rest_.remove_prefix(end + 1);
  }
  auto decoded = decode_packet(text);
  if (!decoded) done_ = true;
  return decoded;
}

void payload_writer::separate() {
  if (!text_.empty()) text_ += payload_separator;
}

void payload_writer::add(const shared_frame& frame) {
  separate();
  if (frame.kind() == frame_kind::binary) {
    text_ += 'b';
    append_base64(text_, frame.payload());
  } else {
    text_ += frame.payload();
  }
}

void payload_writer::add(packet_type type, std::string_view data) {
  separate();
  text_ += type_character(type);
  text_ += data;
}

std::size_t payload_size(const shared_frame& frame) {
  const std::size_t raw = frame.payload().size();
  return frame.kind() == frame_kind::binary ? base64_size(raw) + 2 : raw + 1;
}

}  // namespace gossamer::engineio
