// Masking of frame payloads (RFC 6455, 5.3), eight bytes at a time.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace gossamer::websocket {

/// Masks or unmasks `data` in place. `key` is the masking key as it lies in memory. Returns the key
/// for the bytes that follow.
inline std::uint32_t apply_mask(std::span<char> data, std::uint32_t key) {
  const std::uint64_t wide = static_cast<std::uint64_t>(key) << 32U | key;
  char* at = data.data();
  std::size_t left = data.size();
  for (; left >= sizeof(wide); left -= sizeof(wide), at += sizeof(wide)) {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof(word));
    word ^= wide;
    std::memcpy(at, &word, sizeof(word));
  }
  char key_bytes[sizeof(wide)];
  std::memcpy(key_bytes, &wide, sizeof(wide));
  for (std::size_t i = 0; i < left; ++i) at[i] = static_cast<char>(at[i] ^ key_bytes[i]);

  const int turn = static_cast<int>(8 * (data.size() % sizeof(key)));
  return std::endian::native == std::endian::little ? std::rotr(key, turn) : std::rotl(key, turn);
}

}  // namespace gossamer::websocket
