// What a node publishes, in 257 numbers: an XOR of hashes per bucket of rooms, and one for the
// counts and watches ("extras"). Two tables with equal digests are taken as equal.
#pragma once

#include "runtime/directory/bucket_table.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace gossamer::directory {

/// The bucket of the extras, after those of the rooms.
inline constexpr std::size_t extras_bucket = bucket_count;
inline constexpr std::size_t digest_count = bucket_count + 1;

/// splitmix64's finisher.
[[nodiscard]] inline std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31U);
}

class bucket_digests {
 public:
  using numbers = std::array<std::uint64_t, digest_count>;

  /// The room was not there and is now, or the other way round.
  void toggle_room(std::uint64_t hash) { of_[bucket_of(hash)] ^= hash; }
  void toggle_count(std::uint64_t key, std::uint32_t value) {
    of_[extras_bucket] ^= mixed(key ^ mixed(value));
  }
  void toggle_watch(std::uint64_t key) { of_[extras_bucket] ^= mixed(~key); }
  void clear(std::size_t bucket) { of_[bucket] = 0; }

  [[nodiscard]] const numbers& all() const { return of_; }
  [[nodiscard]] std::uint64_t root() const {
    std::uint64_t sum = 0;
    for (const std::uint64_t d : of_) sum = mixed(sum ^ d) + 0x9e3779b97f4a7c15U;
    return sum;
  }
  bool operator==(const bucket_digests&) const = default;

 private:
  numbers of_{};
};

}  // namespace gossamer::directory
