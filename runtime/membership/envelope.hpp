// The outermost bytes of a datagram: whose cluster it belongs to, and its encryption.
//
//     'g'  format  label hash(4)  [ nonce(24) ]  payload or sealed payload with tag(16)
//
// The label of the cluster is authenticated but not sent; its hash only lets a node count "another
// cluster" apart from "wrong key". Not protected against replay: a replayed datagram carries old
// incarnations, which change nothing.
//
// Errors: `errc::not_an_envelope`, `other_cluster`, `not_encrypted`, `not_authentic`, `too_large`.
#pragma once

#include "runtime/base/random.hpp"
#include "runtime/membership/key_ring.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gossamer::membership {

/// From plain to encrypted without a gap: `open_both`, then `seal_open_both`, then `required`,
/// each on all nodes before the next.
enum class encryption : std::uint8_t {
  off,             // send plain, accept plain
  open_both,       // send plain, accept both
  seal_open_both,  // send sealed, accept both
  required,        // send sealed, accept sealed
};

class envelope {
 public:
  static constexpr std::size_t label_bytes_max = 64;
  /// What sealing adds to a payload.
  static constexpr std::size_t overhead_bytes = 6 + aead_nonce_bytes + aead_tag_bytes;
  static constexpr std::size_t datagram_bytes_max = 1400;

  /// `label` beyond `label_bytes_max` is cut. Modes that seal need a key in `keys`; without one
  /// nothing can be sealed or opened and `encryption::off` is used.
  envelope(std::string_view label, encryption mode, key_ring keys, aead& cipher,
           random_source& random);

  [[nodiscard]] std::string seal(std::string_view payload);
  [[nodiscard]] result<std::string> open(std::string_view datagram);

  /// Changed while running: key rotation, or a step towards encryption.
  [[nodiscard]] key_ring& keys() { return keys_; }
  void set_mode(encryption mode) { mode_ = mode; }
  [[nodiscard]] encryption mode() const { return keys_.empty() ? encryption::off : mode_; }

 private:
  [[nodiscard]] std::string header(std::uint8_t format) const;
  [[nodiscard]] result<std::string> open_sealed(std::string_view datagram);

  std::string label_;
  std::uint32_t label_hash_;
  encryption mode_;
  key_ring keys_;
  aead& cipher_;
  random_source& random_;
};

}  // namespace gossamer::membership
