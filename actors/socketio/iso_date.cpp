#include "actors/socketio/iso_date.hpp"

#include <charconv>

namespace gossamer::socketio {
namespace {

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::int64_t era_days = 146'097;  // 400 years

struct civil_date {
  std::int64_t year = 0;
  std::int64_t month = 0;  // 1 to 12
  std::int64_t day = 0;    // 1 to 31
};

// The proleptic Gregorian calendar with years that begin in March, so that the odd day comes last;
// std::chrono's years end at 32767.
civil_date civil_of(std::int64_t days) {
  days += 719'468;  // since 0000-03-01
  const std::int64_t era = (days >= 0 ? days : days - (era_days - 1)) / era_days;
  const std::int64_t of_era = days - era * era_days;
  const std::int64_t year_of_era =
      (of_era - of_era / 1460 + of_era / 36'524 - of_era / 146'096) / 365;
  const std::int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t month = (5 * of_year + 2) / 153;  // from March
  civil_date found;
  found.day = of_year - (153 * month + 2) / 5 + 1;
  found.month = month < 10 ? month + 3 : month - 9;
  found.year = year_of_era + era * 400 + (found.month <= 2 ? 1 : 0);
  return found;
}

std::int64_t days_of(civil_date date) {
  const std::int64_t year = date.month <= 2 ? date.year - 1 : date.year;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t year_of_era = year - era * 400;
  const std::int64_t of_year =
      (153 * (date.month > 2 ? date.month - 3 : date.month + 9) + 2) / 5 + date.day - 1;
  const std::int64_t of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
  return era * era_days + of_era - 719'468;
}

void append_padded(std::string& out, std::int64_t value, std::size_t width) {
  const std::string digits = std::to_string(value);
  if (digits.size() < width) out.append(width - digits.size(), '0');
  out += digits;
}

// Takes exactly `width` digits and then `after`; false if they are not there.
bool take(std::string_view& text, std::size_t width, char after, std::int64_t& out) {
  if (text.size() <= width || text[width] != after || text[0] == '-') return false;
  const char* end = text.data() + width;
  const auto read = std::from_chars(text.data(), end, out);
  text.remove_prefix(width + 1);
  return read.ec == std::errc() && read.ptr == end;
}

}  // namespace

void append_iso_date(std::string& out, std::int64_t ms) {
  if (!is_date_ms(ms)) return;
  const std::int64_t days = (ms >= 0 ? ms : ms - (day_ms - 1)) / day_ms;
  const std::int64_t of_day = ms - days * day_ms;
  const civil_date date = civil_of(days);
  if (date.year >= 0 && date.year <= 9999) {
    append_padded(out, date.year, 4);
  } else {
    out += date.year < 0 ? '-' : '+';
    append_padded(out, date.year < 0 ? -date.year : date.year, 6);
  }
  append_padded(out += '-', date.month, 2);
  append_padded(out += '-', date.day, 2);
  append_padded(out += 'T', of_day / 3'600'000, 2);
  append_padded(out += ':', of_day / 60'000 % 60, 2);
  append_padded(out += ':', of_day / 1000 % 60, 2);
  append_padded(out += '.', of_day % 1000, 3);
  out += 'Z';
}

std::optional<std::int64_t> parse_iso_date(std::string_view text) {
  const std::string_view whole = text;
  const bool long_year = text.starts_with('-') || text.starts_with('+');
  const bool negative = text.starts_with('-');
  if (long_year) text.remove_prefix(1);
  civil_date date;
  std::int64_t hour = 0;
  std::int64_t minute = 0;
  std::int64_t second = 0;
  std::int64_t fraction = 0;
  if (!take(text, long_year ? 6 : 4, '-', date.year) || !take(text, 2, '-', date.month) ||
      !take(text, 2, 'T', date.day) || !take(text, 2, ':', hour) || !take(text, 2, ':', minute) ||
      !take(text, 2, '.', second) || !take(text, 3, 'Z', fraction)) {
    return {};
  }
  if (negative) date.year = -date.year;
  const std::int64_t ms =
      days_of(date) * day_ms + hour * 3'600'000 + minute * 60'000 + second * 1000 + fraction;
  std::string again;  // months, days and hours out of range come out differently
  append_iso_date(again, ms);
  if (again != whole) return {};
  return ms;
}

}  // namespace gossamer::socketio
