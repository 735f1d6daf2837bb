#include "gateway/http/request.hpp"

#include <array>
#include <cstddef>

namespace gossamer::http {
namespace {

// In the order of the enum.
constexpr std::array<std::string_view, 8> method_names{"GET",   "HEAD",   "POST",    "PUT",
                                                       "PATCH", "DELETE", "OPTIONS", "OTHER"};

// `http://host/path` -> `/path`: a proxy's form, which a server must accept too.
std::string_view origin_form(std::string_view target) {
  if (target.starts_with('/') || target == "*") return target;
  const auto scheme = target.find("://");
  if (scheme == std::string_view::npos) return target;
  const auto path = target.find_first_of("/?", scheme + 3);
  return path == std::string_view::npos ? std::string_view("/") : target.substr(path);
}

}  // namespace

std::string_view text(method value) {
  return method_names[static_cast<std::size_t>(value)];
}

method method_from(std::string_view name) {
  for (std::size_t i = 0; i + 1 < method_names.size(); ++i) {
    if (method_names[i] == name) return static_cast<method>(i);
  }
  return method::other;
}

std::string_view request::path() const {
  const auto form = origin_form(target);
  const auto end = form.find_first_of("?#");
  return end == 0 ? std::string_view("/") : form.substr(0, end);
}

std::string_view request::query() const {
  const auto form = origin_form(target);
  const auto mark = form.find('?');
  if (mark == std::string_view::npos) return {};
  const auto query = form.substr(mark + 1);
  return query.substr(0, query.find('#'));
}

bool request::is_upgrade() const {
  return !http_1_0 && headers.has("Upgrade") && headers.has_token("Connection", "upgrade");
}

bool request::is_websocket_upgrade() const {
  return method == http::method::get && is_upgrade() && headers.has_token("Upgrade", "websocket");
}

}  // namespace gossamer::http
