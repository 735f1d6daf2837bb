#include "runtime/base/ids.hpp"

#include "runtime/base/random.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace gossamer {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<std::int8_t, 256> make_values() {
  std::array<std::int8_t, 256> values{};
  for (auto& v : values) v = -1;
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}

constexpr auto values = make_values();

unsigned value_of(char c) {
  return static_cast<unsigned>(std::max<int>(values[static_cast<unsigned char>(c)], 0));
}

constexpr std::size_t random_characters = 16;  // 96 bits
constexpr std::size_t tag_at = 16;             // 3 characters
constexpr std::size_t lane_at = 19;            // 1 character

}  // namespace

std::string node_id::text() const {
  char out[33];
  std::snprintf(out, sizeof out, "%016llx%016llx", static_cast<unsigned long long>(high),
                static_cast<unsigned long long>(low));
  return {out, 32};
}

short_id::short_id(random_source& random, node_tag tag, lane_index lane) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < random_characters; ++i) {
    if (i % 8 == 0) bits = random.next();
    characters_[i] = alphabet[bits & 63U];
    bits >>= 6;
  }
  for (std::size_t i = 0; i < 3; ++i) {
    characters_[tag_at + i] = alphabet[(tag.value >> (12 - 6 * i)) & 63U];
  }
  characters_[lane_at] = alphabet[static_cast<unsigned>(lane) & 63U];
}

short_id::short_id(std::string_view text) {
  std::copy_n(text.data(), length, characters_.data());
}

node_tag short_id::tag() const {
  return {value_of(characters_[tag_at]) << 12 | value_of(characters_[tag_at + 1]) << 6 |
          value_of(characters_[tag_at + 2])};
}

lane_index short_id::lane() const {
  return lane_index(value_of(characters_[lane_at]));
}

bool short_id::looks_like(std::string_view text) {
  return text.size() == length && std::all_of(text.begin(), text.end(), [](char c) {
           return values[static_cast<unsigned char>(c)] >= 0;
         });
}

std::optional<session_id> session_id::parse(std::string_view text) {
  if (!looks_like(text)) return std::nullopt;
  return session_id(text);
}

std::optional<socket_id> socket_id::parse(std::string_view text) {
  if (!looks_like(text)) return std::nullopt;
  return socket_id(text);
}

std::size_t short_id_hash::operator()(const short_id& id) const noexcept {
  std::size_t hash = 0;
  std::memcpy(&hash, id.text().data(), sizeof hash);
  return hash * 0x9e3779b97f4a7c15U;
}

}  // namespace gossamer
