// Sources of random numbers: the kernel's for ids and keys, a seeded one for simulation and tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace gossamer {

/// Where random bits come from. One object is used by one thread at a time.
class random_source {
 public:
  virtual ~random_source() = default;

  /// 64 uniform random bits.
  virtual std::uint64_t next() = 0;

  /// A uniform number in [0, bound); `bound` must not be 0.
  std::uint64_t below(std::uint64_t bound);
};

/// The kernel's generator, buffered. Unpredictable: fit for ids, keys and nonces.
class kernel_random final : public random_source {
 public:
  std::uint64_t next() override;

 private:
  std::uint64_t buffer_[32] = {};
  std::size_t left_ = 0;
};

/// xoshiro256** seeded by splitmix64: the same seed gives the same numbers on every machine.
/// Predictable: never for ids or keys of a running node.
class seeded_random final : public random_source {
 public:
  explicit seeded_random(std::uint64_t seed);
  std::uint64_t next() override;

 private:
  std::uint64_t state_[4];
};

}  // namespace gossamer
