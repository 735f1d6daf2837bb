#include "actors/socketio/event_image.hpp"

#include "actors/socketio/json_scan.hpp"
#include "actors/socketio/placeholders.hpp"

namespace gossamer::socketio {
namespace {

std::string decoded_name(std::string_view raw) {
  std::string name;
  if (raw.starts_with('"')) {
    append_decoded(name, raw.substr(1, raw.size() - 2));
  } else {
    append_js_number(name, parse_json_number(raw));
  }
  return name;
}

std::string_view first_item(std::string_view array) {
  const char* end = array.data() + array.size();
  const char* at = skip_space(array.data(), end);
  if (at != end) at = skip_space(at + 1, end);
  return {at, static_cast<std::size_t>(skip_value(at, end) - at)};
}

}  // namespace

result<event_image> event_image::parse(bytes json, std::vector<bytes> attachments) {
  const json_outline found = outline_json(json.view(), json_depth_ceiling);
  if (found.kind != json_kind::array || found.item_count == 0) return errc::invalid_payload;
  const json_kind kind = kind_at(found.first.data(), found.first.data() + found.first.size());
  if (kind != json_kind::string && kind != json_kind::number) return errc::invalid_payload;
  if (is_reserved_event(decoded_name(found.first))) return errc::reserved_event_name;
  if (!attachments.empty() && !placeholders_in_range(json.view(), attachments.size())) {
    return errc::illegal_attachments;
  }
  return event_image{std::move(json), std::move(attachments)};
}

std::string event_image::name() const {
  return decoded_name(first_item(json.view()));
}

args_view event_image::arguments() const {
  const json_outline found = outline_json(json.view(), json_depth_ceiling);
  if (found.item_count == 0) return {};
  return {found.rest, found.item_count - 1, attachments};
}

}  // namespace gossamer::socketio
