#include "gateway/engineio/request.hpp"

#include "gateway/engineio/query.hpp"

#include <algorithm>

namespace gossamer::engineio {
namespace {

std::optional<transport_name> transport_of(std::string_view raw) {
  if (component_is(raw, "polling")) return transport_name::polling;
  if (component_is(raw, "websocket")) return transport_name::websocket;
  return std::nullopt;
}

void set_sid(request& asked, std::string_view raw) {
  asked.has_sid = !raw.empty();
  asked.sid = session_id::parse(raw);
  if (!asked.sid && asked.has_sid) asked.sid = session_id::parse(decode_component(raw));
}

}  // namespace

request parse_request(http_method method, request_form form, std::string_view target) {
  request asked;
  asked.method = method;
  asked.form = form;
  query_reader reader(query_of(target));
  while (const auto parameter = reader.next()) {
    if (component_is(parameter->name, "transport")) {
      asked.transport = transport_of(parameter->value);
    } else if (component_is(parameter->name, "EIO")) {
      asked.revision = component_is(parameter->value, "4") ? 4 : 3;
    } else if (component_is(parameter->name, "sid")) {
      set_sid(asked, parameter->value);
    } else if (component_is(parameter->name, "b64")) {
      asked.base64 = !parameter->value.empty();
    } else if (component_is(parameter->name, "j")) {
      asked.jsonp = true;
    }
  }
  return asked;
}

bool is_valid_origin(std::string_view origin) {
  return std::all_of(origin.begin(), origin.end(), [](char c) {
    const auto value = static_cast<unsigned char>(c);
    return c == '\t' || (value >= 0x20 && value != 0x7f);
  });
}

std::optional<errc> refuses(const options& settings, const request& asked,
                            std::string_view origin) {
  if (!asked.transport || !settings.transports.contains(*asked.transport)) {
    return errc::unknown_transport;
  }
  if (!is_valid_origin(origin)) return errc::invalid_origin;
  if (asked.has_sid) {
    if (!asked.sid) return errc::unknown_sid;
    return std::nullopt;
  }
  if (asked.method != http_method::get) return errc::bad_handshake_method;
  if (*asked.transport == transport_name::websocket && !asked.upgrade()) {
    return errc::transport_handshake_error;
  }
  return std::nullopt;
}

std::optional<errc> refuses_revision(const request& asked, bool allow_eio3) {
  if (asked.revision != 4 && !allow_eio3) return errc::unsupported_version;
  return std::nullopt;
}

}  // namespace gossamer::engineio
