#include "runtime/base/json_string.hpp"

#include <algorithm>
#include <cstddef>

namespace gossamer {
namespace {

bool plain(char c) {
  return c >= 0x20 && c != '"' && c != '\\';
}  // false for bytes over 0x7f

void append_unicode_escape(std::string& out, unsigned unit) {
  constexpr char hex[] = "0123456789abcdef";
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4)
    out += hex[(unit >> static_cast<unsigned>(shift)) & 15U];
}

void append_escaped_ascii(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: append_unicode_escape(out, static_cast<unsigned char>(c)); return;
  }
}

// Length of the UTF-8 or WTF-8 sequence at the start of `text`, 0 if there is none.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80U) return 0;
  }
  if (lead == 0xe0 && byte(1) < 0xa0) return 0;  // overlong
  if (lead == 0xf0 && byte(1) < 0x90) return 0;  // overlong
  if (lead == 0xf4 && byte(1) > 0x8f) return 0;  // beyond U+10FFFF
  return length;
}

// How much of what begins like a sequence and is none one U+FFFD stands for, as in all browsers
// (Unicode 15, 3.9: maximal subparts).
std::size_t broken_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0xc2 || lead > 0xf4 || text.size() < 2) return 1;
  const unsigned lowest = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const unsigned highest = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (byte(1) < lowest || byte(1) > highest) return 1;
  std::size_t length = 2;
  while (length < text.size() && (byte(length) & 0xc0U) == 0x80U && length < 3) ++length;
  return length;
}

std::size_t append_multibyte(std::string& out, std::string_view text) {
  const std::size_t length = sequence_length(text);
  if (length == 0) {
    out += "\xef\xbf\xbd";
    return broken_length(text);
  }
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) == 0xed && byte(1) >= 0xa0) {  // a surrogate
    append_unicode_escape(out, 0xd000U | ((byte(1) & 0x3fU) << 6U) | (byte(2) & 0x3fU));
  } else {
    out += text.substr(0, length);
  }
  return length;
}

}  // namespace

bool is_plain_json(std::string_view text) {
  return std::all_of(text.begin(), text.end(), plain);
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const auto stop = std::find_if_not(text.begin(), text.end(), plain);
    const auto run = static_cast<std::size_t>(stop - text.begin());
    out += text.substr(0, run);
    text.remove_prefix(run);
    if (text.empty()) break;
    std::size_t used = 1;
    if (static_cast<unsigned char>(text[0]) < 0x80) {
      append_escaped_ascii(out, text[0]);
    } else {
      used = append_multibyte(out, text);
    }
    text.remove_prefix(used);
  }
  out += '"';
}

}  // namespace gossamer
