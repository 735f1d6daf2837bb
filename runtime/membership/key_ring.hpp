// The keys of a cluster: one seals, all open.
//
// Rotation without a gap takes three steps, each on all nodes before the next begins: `add` the new
// key, `use` it, `remove` the old one.
//
// Limits: `keys_max` keys. Errors: `errc::ring_full`, `errc::unknown_key`, `errc::key_in_use`.
#pragma once

#include "runtime/membership/aead.hpp"
#include "runtime/membership/errc.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace gossamer::membership {

class key_ring {
 public:
  static constexpr std::size_t keys_max = 8;

  key_ring() = default;
  explicit key_ring(const aead_key& primary) : keys_{primary} {}

  [[nodiscard]] bool empty() const { return keys_.empty(); }
  /// The key that seals comes first. The ring must not be empty.
  [[nodiscard]] const aead_key& primary() const;
  [[nodiscard]] std::span<const aead_key> keys() const { return keys_; }

  /// Step 1. A key that is there already stays where it is; the first key of a ring is its primary.
  [[nodiscard]] result<void> add(const aead_key& key);
  /// Step 2.
  [[nodiscard]] result<void> use(const aead_key& key);
  /// Step 3.
  [[nodiscard]] result<void> remove(const aead_key& key);

 private:
  std::vector<aead_key> keys_;
};

}  // namespace gossamer::membership
