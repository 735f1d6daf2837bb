// Port: authenticated encryption of datagrams. Implemented over OpenSSL in `runtime/links`.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gossamer::membership {

inline constexpr std::size_t aead_nonce_bytes = 24;
inline constexpr std::size_t aead_tag_bytes = 16;

using aead_key = std::array<std::uint8_t, 32>;
using aead_nonce = std::array<std::uint8_t, aead_nonce_bytes>;

/// AES-256-GCM with a nonce long enough to be drawn at random for every datagram. One object is
/// used by one thread at a time.
class aead {
 public:
  virtual ~aead() = default;

  /// Ciphertext and tag. `associated` is authenticated, not sent.
  [[nodiscard]] virtual std::string seal(const aead_key& key, const aead_nonce& nonce,
                                         std::string_view associated, std::string_view plain) = 0;

  /// The plain text; nothing if key, nonce, associated data or a single bit differ.
  [[nodiscard]] virtual std::optional<std::string> open(const aead_key& key,
                                                        const aead_nonce& nonce,
                                                        std::string_view associated,
                                                        std::string_view sealed) = 0;
};

}  // namespace gossamer::membership
