#include "actors/socketio/connect_query.hpp"

#include "runtime/base/form.hpp"
#include "runtime/base/json_string.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace gossamer::socketio {
namespace {

using parameters = std::vector<std::pair<std::string, std::string>>;

void set(parameters& all, std::string_view part) {
  const std::size_t equals = std::min(part.find('='), part.size());
  std::string name = form_decoded(part.substr(0, equals));
  std::string value = form_decoded(part.substr(std::min(equals + 1, part.size())));
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
