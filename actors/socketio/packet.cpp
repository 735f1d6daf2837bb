#include "actors/socketio/packet.hpp"

#include "actors/socketio/errc.hpp"
#include "actors/socketio/json_text.hpp"
#include "runtime/base/limits.hpp"

#include <algorithm>
#include <array>

namespace gossamer::socketio {

namespace {

constexpr std::size_t plain_number_digits_max = 15;  // below 2^53: printed as it stands

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

bool is_reserved_event(std::string_view name) {
  static constexpr std::array<std::string_view, 6> reserved{
      "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"};
  return std::find(reserved.begin(), reserved.end(), name) != reserved.end();
}

error_code set_event_name(std::string_view raw, packet& p) {
  p.has_name = true;
  if (!raw.starts_with('"')) {
    if (raw.size() <= plain_number_digits_max && std::all_of(raw.begin(), raw.end(), is_digit)) {
      p.plain_name = raw;
    } else {
      append_js_number(p.decoded_name, parse_json_number(raw));
    }
    return {};
  }
  p.plain_name = raw.substr(1, raw.size() - 2);
  if (p.plain_name.find('\\') != std::string_view::npos) {
    append_decoded(p.decoded_name, p.plain_name);
  }
  if (is_reserved_event(p.name())) return errc::invalid_payload;
  if (p.name().size() > limits::event_name_bytes_max) return errc::event_name_too_long;
  return {};
}

}  // namespace gossamer::socketio
