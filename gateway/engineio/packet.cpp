#include "gateway/engineio/packet.hpp"

#include "gateway/engineio/errc.hpp"

#include <fmt/format.h>

namespace gossamer::engineio {

result<packet> decode_packet(std::string_view text) {
  if (text.empty()) return errc::bad_packet;
  const char first = text.front();
  if (first == 'b') return packet{packet_type::message, packet::form::base64, text.substr(1)};
  if (first < '0' || first > '6') return errc::bad_packet;
  return packet{packet_type(first - '0'), packet::form::text, text.substr(1)};
}

result<packet> decode_packet_v3(std::string_view text) {
  if (!text.starts_with('b')) return decode_packet(text);
  text.remove_prefix(1);
  if (text.empty() || text[0] < '0' || text[0] > '6') return packet{};
  return packet{packet_type(text[0] - '0'), packet::form::base64, text.substr(1)};
}

packet decode_binary_v3(std::string_view data) {
  if (data.empty() || data[0] < 0 || data[0] > 6) return {};
  return {packet_type(data[0]), packet::form::binary, data.substr(1)};
}

std::string open_packet(const options& settings, std::string_view sid, transport_name transport) {
  return fmt::format(
      R"(0{{"sid":{},"upgrades":[{}],"pingInterval":{},"pingTimeout":{},"maxPayload":{}}})",
      json_string(sid), offers_upgrade(settings, transport) ? R"("websocket")" : "",
      settings.ping_interval.count(), settings.ping_timeout.count(), settings.max_http_buffer_size);
}

}  // namespace gossamer::engineio
