#include "gateway/http/header_fields.hpp"

#include <algorithm>
#include <utility>

namespace gossamer::http {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

// Control characters would end the line and start another one.
char safe(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7f ? ' ' : c;
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

void header_fields::add(std::string_view name, std::string_view value) {
  if (name.empty()) return;
  text_.reserve(text_.size() + name.size() + value.size() + 4);
  for (const char c : name) text_ += c == ':' ? ' ' : safe(c);
  text_ += ": ";
  for (const char c : trimmed(value)) text_ += safe(c);
  text_ += "\r\n";
}

void header_fields::set(std::string_view name, std::string_view value) {
  const std::string copy(value);  // may be one of our own
  remove(name);
  add(name, copy);
}

void header_fields::remove(std::string_view name) {
  if (!has(name)) return;
  const std::string wanted(name);
  std::string kept;
  kept.reserve(text_.size());
  std::string_view rest = text_;
  while (!rest.empty()) {
    const std::string_view before = rest;
    const field next = take(rest);
    if (!equal_ignoring_case(next.name, wanted))
      kept += before.substr(0, before.size() - rest.size());
  }
  text_ = std::move(kept);
}

void header_fields::vary(std::string_view item) {
  const auto current = joined("Vary");
  if (!current) return add("Vary", item);
  if (*current == "*" || has_token("Vary", item)) return;
  set("Vary", item == "*" ? std::string("*") : *current + ", " + std::string(item));
}

std::optional<std::string_view> header_fields::find(std::string_view name) const {
  std::string_view rest = text_;
  while (!rest.empty()) {
    const field next = take(rest);
    if (equal_ignoring_case(next.name, name)) return next.value;
  }
  return std::nullopt;
}

std::optional<std::string> header_fields::joined(std::string_view name) const {
  std::optional<std::string> all;
  each([&](std::string_view field_name, std::string_view value) {
    if (!equal_ignoring_case(field_name, name)) return;
    if (all) {
      all->append(", ").append(value);
    } else {
      all.emplace(value);
    }
  });
  return all;
}

bool header_fields::has_token(std::string_view name, std::string_view token) const {
  bool found = false;
  each([&](std::string_view field_name, std::string_view value) {
    if (found || !equal_ignoring_case(field_name, name)) return;
    each_list_item(
        value, [&](std::string_view item) { found = found || equal_ignoring_case(item, token); });
  });
  return found;
}

std::size_t header_fields::count(std::string_view name) const {
  std::size_t found = 0;
  each([&](std::string_view field_name, std::string_view) {
    if (equal_ignoring_case(field_name, name)) ++found;
  });
  return found;
}

header_fields::field header_fields::take(std::string_view& rest) {
  const auto end = rest.find("\r\n");
  const auto line = rest.substr(0, end);
  rest.remove_prefix(std::min(rest.size(), line.size() + 2));
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return {line, {}};
  return {line.substr(0, colon), trimmed(line.substr(colon + 1))};
}

}  // namespace gossamer::http
