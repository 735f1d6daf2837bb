// Header fields of a request or an answer, in order, kept as one text.
//
//     Host: example.org\r\nAccept: */*\r\n
//
// One allocation for all fields; look-up is a scan (there are at most a hundred). Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gossamer::http {

/// True if both are equal but for the case of ASCII letters.
[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b);

/// A string without spaces and tabs at either end.
[[nodiscard]] std::string_view trimmed(std::string_view text);

/// Calls `visit(item)` for each trimmed, non-empty item of a comma-separated list.
template <class Visit>
void each_list_item(std::string_view list, Visit&& visit) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    const auto item = trimmed(list.substr(0, comma));
    if (!item.empty()) visit(item);
    if (comma == std::string_view::npos) return;
    list.remove_prefix(comma + 1);
  }
}

class header_fields {
 public:
  struct field {
    std::string_view name, value;
  };

  /// Appends a field. Bytes that may not stand in a field (control characters, so no line can be
  /// smuggled in) become spaces; an empty name is ignored.
  void add(std::string_view name, std::string_view value);
  /// Replaces all fields of that name by one.
  void set(std::string_view name, std::string_view value);
  void remove(std::string_view name);
  /// Adds `item` to `Vary`, once; `*` swallows all others.
  void vary(std::string_view item);

  /// The value of the first field of that name, in any case. Valid until the next change.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  /// The values of all fields of that name, joined with ", ".
  [[nodiscard]] std::optional<std::string> joined(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const { return find(name).has_value(); }
  /// True if a comma-separated list in one of the fields of that name has this item, in any case.
  [[nodiscard]] bool has_token(std::string_view name, std::string_view token) const;
  [[nodiscard]] std::size_t count(std::string_view name) const;

  template <class Visit>
  void each(Visit&& visit) const {
    std::string_view rest = text_;
    while (!rest.empty()) {
      const field next = take(rest);
      visit(next.name, next.value);
    }
  }

  /// All fields as they stand in a message, without the empty line.
  [[nodiscard]] std::string_view text() const { return text_; }
  [[nodiscard]] bool empty() const { return text_.empty(); }
  void reserve(std::size_t bytes) { text_.reserve(bytes); }
  void shrink() { text_.shrink_to_fit(); }

 private:
  static field take(std::string_view& rest);

  std::string text_;
};

}  // namespace gossamer::http
