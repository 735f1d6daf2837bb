#include "gateway/engineio/query.hpp"

#include "gateway/engineio/utf8.hpp"

namespace gossamer::engineio {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool has_escapes(std::string_view raw) {
  return raw.find_first_of("%+") != std::string_view::npos || !is_valid_utf8(raw);
}

// The byte that `raw` starts with, and how many characters stood for it.
struct decoded_byte {
  char value;
  std::size_t size;
};

decoded_byte decode_byte(std::string_view raw) {
  if (raw[0] == '+') return {' ', 1};
  if (raw[0] != '%' || raw.size() < 3) return {raw[0], 1};
  const int high = hex_value(raw[1]);
  const int low = hex_value(raw[2]);
  if (high < 0 || low < 0) return {'%', 1};
  return {static_cast<char>(high * 16 + low), 3};
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
  std::string decoded;
  decoded.reserve(raw.size());
  while (!raw.empty()) {
    const decoded_byte next = decode_byte(raw);
    decoded += next.value;
    raw.remove_prefix(next.size);
  }
  return is_valid_utf8(decoded) ? decoded : repaired_utf8(decoded);
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
