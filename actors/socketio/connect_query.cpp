#include "actors/socketio/connect_query.hpp"

#include "actors/socketio/json_text.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace gossamer::socketio {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// A broken escape stays as it is.
std::string decoded(std::string_view raw) {
  std::string text;
  text.reserve(raw.size());
  for (std::size_t at = 0; at < raw.size(); ++at) {
    const int high = raw[at] == '%' && at + 2 < raw.size() ? hex_value(raw[at + 1]) : -1;
    const int low = high < 0 ? -1 : hex_value(raw[at + 2]);
    if (low >= 0) {
      text += static_cast<char>(high * 16 + low);
      at += 2;
    } else {
      text += raw[at] == '+' ? ' ' : raw[at];
    }
  }
  return text;
}

using parameters = std::vector<std::pair<std::string, std::string>>;

void set(parameters& all, std::string_view part) {
  const std::size_t equals = std::min(part.find('='), part.size());
  std::string name = decoded(part.substr(0, equals));
  std::string value = decoded(part.substr(std::min(equals + 1, part.size())));
  const auto same = [&name](const auto& one) { return one.first == name; };
  const auto found = std::find_if(all.begin(), all.end(), same);
  if (found != all.end()) {
    found->second = std::move(value);
  } else {
    all.emplace_back(std::move(name), std::move(value));
  }
}

parameters parameters_of(std::string_view query) {
  parameters all;
  while (!query.empty() && all.size() < connect_parameters_max) {
    const std::string_view part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(part.size() + 1, query.size()));
    if (!part.empty()) set(all, part);
  }
  return all;
}

}  // namespace

std::string_view take_query(std::string_view& nsp) {
  const std::string_view whole = nsp.substr(0, nsp.find('#'));
  nsp = whole.substr(0, whole.find('?'));
  return nsp.size() == whole.size() ? std::string_view() : whole.substr(nsp.size() + 1);
}

std::string query_as_json(std::string_view query) {
  std::string json = "{";
  for (const auto& [name, value] : parameters_of(query)) {
    if (json.size() > 1) json += ',';
    append_json_string(json, name);
    json += ':';
    append_json_string(json, value);
  }
  return json += '}';
}

}  // namespace gossamer::socketio
