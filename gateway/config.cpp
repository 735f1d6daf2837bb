#include "gateway/config.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <toml++/toml.h>

namespace gossamer::config {
namespace {

const option* find(std::string_view name) {
  const auto all = all_options();
  const auto at = std::find_if(all.begin(), all.end(), [&](auto& one) { return one.name == name; });
  return at == all.end() ? nullptr : &*at;
}

problem unknown_key(std::string_view place, std::string_view key) {
  std::string known;
  for (const auto& one : all_options())
    known += fmt::format("{}{}", known.empty() ? "" : ", ", one.name);
  const auto near = near_options(key);
  const auto meant = near.empty() ? "" : fmt::format("did you mean {}? ", fmt::join(near, " or "));
  return {fmt::format("{}: unknown key '{}'; {}known are {}", place, key, meant, known)};
}

problem bad_value(const given& what, const option& which) {
  return {fmt::format("{}: {} = '{}': must be {}", what.place, what.key,
                      fmt::join(what.values, ","), which.allowed)};
}

std::string_view name_of(value_kind kind) {
  switch (kind) {
    case value_kind::number: return "a number";
    case value_kind::truth: return "true or false";
    case value_kind::text: return "a text";
    case value_kind::texts: return "a list of texts";
  }
  return "";
}

// The node's value as texts; none if it is of another type.
std::optional<std::vector<std::string>> texts_of(const toml::node& node, value_kind kind) {
  if (kind == value_kind::number && node.is_integer()) {
    return {{std::to_string(node.as_integer()->get())}};
  }
  if (kind == value_kind::truth && node.is_boolean()) {
    return {{node.as_boolean()->get() ? "true" : "false"}};
  }
  if (kind == value_kind::text && node.is_string()) return {{node.as_string()->get()}};
  if (kind != value_kind::texts || !node.is_array()) return std::nullopt;
  std::vector<std::string> texts;
  for (const auto& item : *node.as_array()) {
    if (!item.is_string()) return std::nullopt;
    texts.push_back(item.as_string()->get());
  }
  return texts;
}

// Empty items are left out: an empty text is an empty list.
std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> items;
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    if (comma != 0) items.emplace_back(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return items;
}

std::string spelled(std::string_view name, char separator, bool upper) {
  std::string out(name);
  for (char& c : out) {
    if (c == '_') c = separator;
    if (upper && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

}  // namespace

std::string flag_of(const option& which) {
  return "--" + spelled(which.name, '-', false);
}
std::string variable_of(const option& which) {
  return "GOSSAMER_" + spelled(which.name, '_', true);
}

checked<std::vector<given>> read_file(std::string_view text, std::string_view file_name) {
  toml::table table;
  try {
    table = toml::parse(text, file_name);
  } catch (const toml::parse_error& error) {
    return problem{
        fmt::format("{}:{}: {}", file_name, error.source().begin.line, error.description())};
  }
  std::vector<given> values;
  for (const auto& [key, node] : table) {
    const auto place = fmt::format("{}:{}", file_name, key.source().begin.line);
    const auto* which = find(key.str());
    if (which == nullptr) return unknown_key(place, key.str());
    auto texts = texts_of(node, which->kind);
    if (!texts) {
      return problem{fmt::format("{}: {}: must be {}: {}", place, key.str(), name_of(which->kind),
                                 which->allowed)};
    }
    values.push_back({std::string(key.str()), std::move(*texts), place});
  }
  return values;
}

std::vector<given> read_environment(lookup find) {
  std::vector<given> values;
  for (const auto& one : all_options()) {
    const auto variable = variable_of(one);
    const auto text = find(variable);
    if (!text) continue;
    auto texts = one.kind == value_kind::texts ? split(*text) : std::vector{*text};
    values.push_back({std::string(one.name), std::move(texts), variable});
  }
  return values;
}

std::optional<problem> effective::apply(source from, const std::vector<given>& values) {
  for (const auto& one : values) {
    const auto* which = find(one.key);
    if (which == nullptr) return unknown_key(one.place, one.key);
    const bool countable = which->kind == value_kind::texts || one.values.size() == 1;
    if (!countable || !which->set(values_, one.values)) return bad_value(one, *which);
    if (from != source::built_in) places_[one.key] = one.place;
  }
  return std::nullopt;
}

std::optional<problem> effective::check() const {
  if (values_.tls_cert.empty() != values_.tls_key.empty()) {
    return problem{"tls_cert and tls_key: must be given both or not at all"};
  }
  const auto& server = values_.server;
  if (server.send_soft_bytes > server.send_hard_bytes ||
      server.send_hard_bytes > server.send_cap_bytes) {
    return problem{"send_soft_bytes, send_hard_bytes, send_cap_bytes: must not decrease"};
  }
  return std::nullopt;
}

std::string effective::print() const {
  std::string out;
  for (const auto& one : all_options()) {
    const auto place = places_.find(one.name);
    out += fmt::format("{:<40} # {}\n", fmt::format("{} = {}", one.name, one.show(values_)),
                       place == places_.end() ? "default" : place->second);
  }
  return out;
}

}  // namespace gossamer::config
