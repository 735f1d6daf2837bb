// The rooms that an operation is about: one name or several.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gossamer {

/// One room or several.
struct room_names {
  room_names(const char* name) : names{name} {}                                // NOLINT
  room_names(std::string name) : names{std::move(name)} {}                     // NOLINT
  room_names(std::string_view name) : names{std::string(name)} {}              // NOLINT
  room_names(std::vector<std::string> several) : names(std::move(several)) {}  // NOLINT
  room_names(std::initializer_list<std::string> several) : names(several) {}
  std::vector<std::string> names;
};

}  // namespace gossamer
