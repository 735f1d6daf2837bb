// Dates as JavaScript writes them: `2026-11-22T21:00:00.000Z`, with six digits and a sign for years
// before 0 and after 9999 (ECMAScript, Date.prototype.toISOString). No other spelling is a date.
//
// Limits: 100,000,000 days on both sides of 1970, as in JavaScript.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gossamer::socketio {

inline constexpr std::int64_t date_ms_max = 8'640'000'000'000'000;

[[nodiscard]] constexpr bool is_date_ms(std::int64_t ms) {
  return ms >= -date_ms_max && ms <= date_ms_max;
}
/// Appends the date that is `ms` after 1970; nothing beyond the limits.
void append_iso_date(std::string& out, std::int64_t ms);
/// Milliseconds after 1970, if `text` is what append_iso_date writes.
[[nodiscard]] std::optional<std::int64_t> parse_iso_date(std::string_view text);

}  // namespace gossamer::socketio
