#include "actors/socketio/json_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

namespace gossamer::socketio {
namespace {

constexpr std::size_t scratch_bytes_max = 64U << 10U;

void append_code_point(std::string& out, std::uint32_t code) {
  const auto push = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) return push(code);
  if (code < 0x800) {
    push(0xc0U | (code >> 6U));
  } else if (code < 0x10000) {
    push(0xe0U | (code >> 12U));
    push(0x80U | ((code >> 6U) & 0x3fU));
  } else {
    push(0xf0U | (code >> 18U));
    push(0x80U | ((code >> 12U) & 0x3fU));
    push(0x80U | ((code >> 6U) & 0x3fU));
  }
  push(0x80U | (code & 0x3fU));
}

// The code unit of an escape `\uXXXX` at the start of `raw`; no unit if there is none.
constexpr std::uint32_t no_unit = 0xffffffffU;
std::uint32_t unit_at(std::string_view raw) {
  if (raw.size() < 6 || raw[0] != '\\' || raw[1] != 'u') return no_unit;
  std::uint32_t unit = 0;
  const auto [end, error] = std::from_chars(raw.data() + 2, raw.data() + 6, unit, 16);
  return error == std::errc() && end == raw.data() + 6 ? unit : no_unit;
}

// Decodes the escape at the start of `raw` and returns its length.
std::size_t append_decoded_escape(std::string& out, std::string_view raw) {
  if (raw.size() < 2) return raw.size();
  switch (raw[1]) {
    case 'b': out += '\b'; return 2;
    case 'f': out += '\f'; return 2;
    case 'n': out += '\n'; return 2;
    case 'r': out += '\r'; return 2;
    case 't': out += '\t'; return 2;
    case 'u': break;
    default: out += raw[1]; return 2;
  }
  const std::uint32_t unit = unit_at(raw);
  if (unit == no_unit) return 2;
  if ((unit & 0xfc00U) == 0xd800U) {
    const std::uint32_t low = unit_at(raw.substr(6));
    if ((low & 0xfffffc00U) == 0xdc00U) {
      append_code_point(out, 0x10000U + ((unit & 0x3ffU) << 10U) + (low & 0x3ffU));
      return 12;
    }
  }
  append_code_point(out, unit);
  return 6;
}

std::string& kept_scratch() {
  static thread_local std::string text;
  return text;
}

}  // namespace

void append_decoded(std::string& out, std::string_view raw) {
  while (!raw.empty()) {
    const std::size_t run = std::min(raw.find('\\'), raw.size());
    out += raw.substr(0, run);
    raw.remove_prefix(run);
    if (!raw.empty()) raw.remove_prefix(append_decoded_escape(out, raw));
  }
}

// ECMAScript, Number::toString: shortest digits; plain from 1e-6 to below 1e21, else an exponent.
void append_js_number(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
    return;
  }
  if (std::isinf(value)) {
    out += value < 0 ? "-Infinity" : "Infinity";
    return;
  }
  if (value == 0) {
    out += '0';
    return;
  }
  if (value < 0) out += '-';
  value = std::fabs(value);
  std::array<char, 64> buffer{};
  if (value >= 1e-6 && value < 1e21) {
    const auto made = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                    std::chars_format::fixed);
    std::string_view digits(buffer.data(), static_cast<std::size_t>(made.ptr - buffer.data()));
    if (value < 9007199254740992.0 || digits.find('.') != std::string_view::npos) {
      out += digits;
      return;
    }
  }
  const auto made = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                  std::chars_format::scientific);
  const std::string_view all(buffer.data(), static_cast<std::size_t>(made.ptr - buffer.data()));
  const std::size_t e = all.find('e');
  std::string digits(all.substr(0, e));
  int exponent = 0;
  const std::string_view power = all.substr(e + 1);
  std::from_chars(power.data() + (power[0] == '+' ? 1 : 0), power.data() + power.size(), exponent);
  if (exponent < 21 && exponent > 0) {  // an integer beyond 2^53: shortest digits, then zeros
    std::erase(digits, '.');
    digits.resize(static_cast<std::size_t>(exponent) + 1, '0');
    out += digits;
    return;
  }
  out += digits;
  out += exponent < 0 ? "e-" : "e+";
  out += std::to_string(std::abs(exponent));
}

void append_json_number(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";
  } else {
    append_js_number(out, value);
  }
}

// from_chars says only "out of range": too large or too small is in the decimal exponent.
double parse_json_number(std::string_view raw) {
  double value = 0;
  const auto parsed = std::from_chars(raw.data(), raw.data() + raw.size(), value);
  if (parsed.ec != std::errc::result_out_of_range) return value;
  const bool negative = raw.starts_with('-');
  const std::size_t e = std::min(raw.find_first_of("eE"), raw.size());
  const std::string_view mantissa = raw.substr(0, e);
  const auto point = static_cast<std::int64_t>(std::min(mantissa.find('.'), e));
  const auto first = static_cast<std::int64_t>(mantissa.find_first_of("123456789"));
  std::int64_t power = 0;
  if (e != raw.size()) {
    std::string_view digits = raw.substr(e + 1);
    if (digits.starts_with('+')) digits.remove_prefix(1);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), power);
    if (read.ec != std::errc())
      power = digits.starts_with('-') ? -1'000'000'000'000 : 1'000'000'000'000;
  }
  value = power + point - first > 0 ? std::numeric_limits<double>::infinity() : 0.0;
  return negative ? -value : value;
}

scratch_text::scratch_text() {
  text_.swap(kept_scratch());
  text_.clear();
}

scratch_text::~scratch_text() {
  if (text_.capacity() <= scratch_bytes_max) text_.swap(kept_scratch());
}

}  // namespace gossamer::socketio
