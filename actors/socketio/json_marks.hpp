// What JSON cannot say, said in white space: the canonical text stays valid JSON for everybody.
//
// Other formats know values that JSON has no words for. In the canonical text such a value stands
// as what JSON.stringify makes of it, followed by tabs that tell a parser what it was:
//
//     null<tab>                    undefined
//     null<tab x2 | x3 | x4 | x5>  NaN | Infinity | -Infinity | a date that is none
//     "2026-11-22T21:00:00.000Z"<tab>          a date
//     {"_placeholder":true,"num":0}<tab>       an ArrayBuffer, where a Buffer has no mark
//     {"_placeholder"<tab x2>:...              a member of that name, and no placeholder
//
// Who does not look for marks sees null, a string, a binary. JSON.stringify writes no white space,
// so clients of the default parser make no marks.
#pragma once

#include <cstddef>
#include <string_view>

namespace gossamer::socketio::marks {

inline constexpr std::string_view undefined = "null\t";
inline constexpr std::string_view not_a_number = "null\t\t";
inline constexpr std::string_view infinity = "null\t\t\t";
inline constexpr std::string_view minus_infinity = "null\t\t\t\t";
inline constexpr std::string_view invalid_date = "null\t\t\t\t\t";
inline constexpr std::string_view date = "\t";
inline constexpr std::string_view array_buffer = "\t";
/// Between the name `"_placeholder"` and its colon.
inline constexpr std::string_view no_placeholder = "\t\t";

/// How many tabs follow `at`.
[[nodiscard]] inline std::size_t tabs_at(const char* at, const char* end) {
  const char* begin = at;
  while (at != end && *at == '\t') ++at;
  return static_cast<std::size_t>(at - begin);
}

}  // namespace gossamer::socketio::marks
