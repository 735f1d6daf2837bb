// Checks JSON text and finds positions in it, without building anything.
//
// Own scanner instead of boost::json::basic_parser: that one reports no positions, refuses escaped
// unpaired surrogates (`"\ud800"`, which JSON.stringify produces) and very large exponents. It is
// tested against Boost.JSON on random texts. Iterative: nesting costs no stack.
//
// Departure from RFC 8259: raw UTF-8 is not checked here, the transports have done it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gossamer {

enum class json_kind : std::uint8_t { none, null, boolean, number, string, array, object };

/// `null`, `boolean`, ...; `nothing` for none.
[[nodiscard]] std::string_view name_of(json_kind kind);

namespace socketio {

/// More nesting than this is refused whatever the options say.
inline constexpr std::size_t json_depth_ceiling = 4096;

/// The top of a valid JSON text. Views into the text, without space around them, but with the tabs
/// that follow the last item: marks (json_marks.hpp).
struct json_outline {
  json_kind kind = json_kind::none;  // none: not valid
  std::size_t item_count = 0;        // of an array
  std::string_view first;            // its first item
  std::string_view items;            // all its items, with the commas
  std::string_view rest;             // all its items but the first
};

/// Is `text` exactly one JSON value, no more than `depth_max` arrays and objects deep?
[[nodiscard]] json_outline outline_json(std::string_view text, std::size_t depth_max);

/// What kind of value starts here.
[[nodiscard]] json_kind kind_at(const char* at, const char* end);

// The following walk over text that `outline_json` has accepted. On other text they stay inside it.
[[nodiscard]] const char* skip_space(const char* at, const char* end);
/// `at` is the opening quote; returns what follows the closing one.
[[nodiscard]] const char* skip_string(const char* at, const char* end);
[[nodiscard]] const char* skip_value(const char* at, const char* end);

}  // namespace socketio
}  // namespace gossamer
