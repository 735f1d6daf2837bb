#include "runtime/membership/key_ring.hpp"

#include "runtime/base/check.hpp"

#include <algorithm>

namespace gossamer::membership {

const aead_key& key_ring::primary() const {
  GOSSAMER_CHECK(!keys_.empty());
  return keys_.front();
}

result<void> key_ring::add(const aead_key& key) {
  if (std::find(keys_.begin(), keys_.end(), key) != keys_.end()) return {};
  if (keys_.size() == keys_max) return errc::ring_full;
  keys_.push_back(key);
  return {};
}

result<void> key_ring::use(const aead_key& key) {
  const auto found = std::find(keys_.begin(), keys_.end(), key);
  if (found == keys_.end()) return errc::unknown_key;
  std::rotate(keys_.begin(), found, found + 1);
  return {};
}

result<void> key_ring::remove(const aead_key& key) {
  const auto found = std::find(keys_.begin(), keys_.end(), key);
  if (found == keys_.end()) return errc::unknown_key;
  if (found == keys_.begin()) return errc::key_in_use;
  keys_.erase(found);
  return {};
}

}  // namespace gossamer::membership
