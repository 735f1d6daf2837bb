#include "gateway/http/cookie.hpp"

#include "gateway/http/header_fields.hpp"
#include "gateway/http/percent.hpp"
#include "gateway/http/response.hpp"
#include "runtime/base/utf8.hpp"

#include <algorithm>

namespace gossamer::http {
namespace {

constexpr std::string_view name_of(same_site value) {
  switch (value) {
    case same_site::unset: return {};
    case same_site::lax: return "Lax";
    case same_site::strict: return "Strict";
    case same_site::none: return "None";
  }
  return {};
}

constexpr std::string_view name_of(cookie_priority value) {
  switch (value) {
    case cookie_priority::unset: return {};
    case cookie_priority::low: return "Low";
    case cookie_priority::medium: return "Medium";
    case cookie_priority::high: return "High";
  }
  return {};
}

// An attribute ends at a semicolon; control characters end the field.
void add_attribute(std::string& out, std::string_view name, std::string_view value) {
  out.append("; ").append(name).append("=");
  for (const char c : value) {
    if (static_cast<unsigned char>(c) >= 0x20 && c != ';' && c != 0x7f) out += c;
  }
}

}  // namespace

bool take_cookie(std::string_view& rest, std::string_view& name, std::string_view& value) {
  while (!rest.empty()) {
    const auto end = rest.find(';');
    const auto pair = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    name = trimmed(pair.substr(0, equals));
    value = trimmed(pair.substr(equals + 1));
    if (name.empty()) continue;
    if (!value.empty() && value.front() == '"' && value.back() == '"') {
      value = value.size() == 1 ? std::string_view{} : value.substr(1, value.size() - 2);
    }
    return true;
  }
  return false;
}

std::optional<std::string> find_cookie(std::string_view field, std::string_view wanted) {
  std::string_view name, value;
  while (take_cookie(field, name, value)) {
    if (name != wanted) continue;
    auto decoded = percent_decoded(value);
    return decoded && is_utf8(*decoded) ? std::move(*decoded) : std::string(value);
  }
  return std::nullopt;
}

bool is_cookie_name(std::string_view name) {
  constexpr std::string_view separators = "()<>@,;:\\\"/[]?={} \t";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte < 0x7f && separators.find(c) == std::string_view::npos;
  });
}

std::string set_cookie(const cookie_options& options, std::string_view value) {
  std::string out = options.name + '=' + percent_encoded(value);
  if (options.max_age) add_attribute(out, "Max-Age", std::to_string(*options.max_age));
  if (options.domain) add_attribute(out, "Domain", *options.domain);
  if (options.path) add_attribute(out, "Path", *options.path);
  if (options.expires) add_attribute(out, "Expires", http_date(*options.expires));
  if (options.http_only) out += "; HttpOnly";
  if (options.secure) out += "; Secure";
  if (options.partitioned) out += "; Partitioned";
  const auto priority = name_of(options.priority);
  if (!priority.empty()) add_attribute(out, "Priority", priority);
  const auto site = name_of(options.same_site);
  if (!site.empty()) add_attribute(out, "SameSite", site);
  return out;
}

}  // namespace gossamer::http
