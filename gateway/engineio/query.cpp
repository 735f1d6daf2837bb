#include "gateway/engineio/query.hpp"

#include "runtime/base/form.hpp"
#include "runtime/base/utf8.hpp"

namespace gossamer::engineio {
namespace {

bool has_escapes(std::string_view raw) {
  return raw.find_first_of("%+") != std::string_view::npos || !is_utf8(raw);
}

}  // namespace

std::string_view query_of(std::string_view target) {
  target = target.substr(0, target.find('#'));
  const std::size_t mark = target.find('?');
  return mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
}

std::optional<raw_parameter> query_reader::next() {
  while (!rest_.empty()) {
    const std::size_t end = rest_.find('&');
    const std::string_view part = rest_.substr(0, end);
    rest_ = end == std::string_view::npos ? std::string_view{} : rest_.substr(end + 1);
    if (part.empty()) continue;
    if (++count_ > query_parameters_max) break;
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) return raw_parameter{part, {}};
    return raw_parameter{part.substr(0, equals), part.substr(equals + 1)};
  }
  rest_ = {};
  return std::nullopt;
}

std::string decode_component(std::string_view raw) {
  std::string decoded = form_decoded(raw);
  return is_utf8(decoded) ? decoded : repaired_utf8(decoded);
}

bool component_is(std::string_view raw, std::string_view expected) {
  return has_escapes(raw) ? decode_component(raw) == expected : raw == expected;
}

std::optional<std::string> find_parameter(std::string_view query, std::string_view name,
                                          which choice) {
  std::optional<std::string_view> found;
  query_reader reader(query);
  while (const auto parameter = reader.next()) {
    if (!component_is(parameter->name, name)) continue;
    found = parameter->value;
    if (choice == which::first) break;
  }
  if (!found) return std::nullopt;
  return decode_component(*found);
}

}  // namespace gossamer::engineio
