#include "gateway/engineio/base64.hpp"

#include "gateway/engineio/errc.hpp"

#include <array>
#include <cstdint>

namespace gossamer::engineio {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::int8_t, 256> make_values() {
  std::array<std::int8_t, 256> made{};
  for (auto& value : made) value = -1;
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    made[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  }
  made['-'] = 62;
  made['_'] = 63;
  return made;
}

constexpr auto values = make_values();

std::int32_t value_of(char c) {
  return values[static_cast<unsigned char>(c)];
}

// Writes the bytes of up to four characters; false if one is not of the alphabet.
bool decode_group(std::string_view group, char* out) {
  std::uint32_t bits = 0;
  for (const char c : group) {
    const std::int32_t value = value_of(c);
    if (value < 0) return false;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
  }
  bits <<= 6 * (4 - group.size());
  for (std::size_t i = 0; i + 1 < group.size(); ++i) {
    out[i] = static_cast<char>(bits >> (16 - 8 * i) & 0xffU);
  }
  return true;
}

std::string_view without_padding(std::string_view text) {
  for (int i = 0; i < 2 && !text.empty() && text.back() == '='; ++i) text.remove_suffix(1);
  return text;
}

}  // namespace

void append_base64(std::string& out, std::string_view raw) {
  out.reserve(out.size() + base64_size(raw.size()));
  for (std::size_t at = 0; at < raw.size(); at += 3) {
    const std::string_view group = raw.substr(at, 3);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      bits = bits << 8 | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      out += i <= group.size() ? alphabet[bits >> (18 - 6 * i) & 63U] : '=';
    }
  }
}

result<bytes> decode_base64(std::string_view text) {
  const std::string_view digits = without_padding(text);
  const std::size_t rest = digits.size() % 4;
  if (rest == 1) return errc::bad_base64;
  bool valid = true;
  const std::size_t size = digits.size() / 4 * 3 + (rest == 0 ? 0 : rest - 1);
  bytes made = bytes::filled(size, [&](char* out) {
    for (std::size_t at = 0; at < digits.size() && valid; at += 4, out += 3) {
      valid = decode_group(digits.substr(at, 4), out);
    }
  });
  if (!valid) return errc::bad_base64;
  return made;
}

}  // namespace gossamer::engineio
