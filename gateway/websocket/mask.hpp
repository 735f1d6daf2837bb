// Masking of frame payloads (RFC 6455, 5.3), a word at a time.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace gossamer::websocket {

namespace detail {

inline void mask_word(char* at, std::uint64_t wide) {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof(word));
  word ^= wide;
  std::memcpy(at, &word, sizeof(word));
}

}  // namespace detail

/// Masks or unmasks `data` in place. `key` is the masking key as it lies in memory. Returns the key
/// for the bytes that follow.
inline std::uint32_t apply_mask(std::span<char> data, std::uint32_t key) {
  const std::uint64_t wide = static_cast<std::uint64_t>(key) << 32U | key;
  char* at = data.data();
  std::size_t left = data.size();
  for (; left >= 32; left -= 32, at += 32) {
    detail::mask_word(at, wide);
    detail::mask_word(at + 8, wide);
    detail::mask_word(at + 16, wide);
    detail::mask_word(at + 24, wide);
  }
  for (; left >= 8; left -= 8, at += 8) detail::mask_word(at, wide);
  char key_bytes[sizeof(wide)];
  std::memcpy(key_bytes, &wide, sizeof(wide));
  for (std::size_t i = 0; i < left; ++i) at[i] = static_cast<char>(at[i] ^ key_bytes[i]);

  const int turn = static_cast<int>(8 * (data.size() % sizeof(key)));
  return std::endian::native == std::endian::little ? std::rotr(key, turn) : std::rotl(key, turn);
}

}  // namespace gossamer::websocket
