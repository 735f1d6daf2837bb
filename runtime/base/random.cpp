#include "runtime/base/random.hpp"

#include "runtime/base/check.hpp"

#include <cerrno>
#include <sys/random.h>

namespace gossamer {

std::uint64_t random_source::below(std::uint64_t bound) {
  GOSSAMER_CHECK(bound != 0);
  const std::uint64_t rest = (0 - bound) % bound;  // draws below this would favour small numbers
  for (;;) {
    const std::uint64_t drawn = next();
    if (drawn >= rest) return drawn % bound;
  }
}

std::uint64_t kernel_random::next() {
  if (left_ == 0) {
    auto* out = reinterpret_cast<unsigned char*>(buffer_);
    std::size_t filled = 0;
    while (filled < sizeof buffer_) {
      const ssize_t got = ::getrandom(out + filled, sizeof buffer_ - filled, 0);
      GOSSAMER_CHECK(got >= 0 || errno == EINTR);
      if (got > 0) filled += static_cast<std::size_t>(got);
    }
    left_ = std::size(buffer_);
  }
  return buffer_[--left_];
}

namespace {

std::uint64_t rotate_left(std::uint64_t x, int by) {
  return (x << by) | (x >> (64 - by));
}

}  // namespace

seeded_random::seeded_random(std::uint64_t seed) {
  for (auto& word : state_) {
    seed += 0x9e3779b97f4a7c15U;
    std::uint64_t z = seed;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    word = z ^ (z >> 31);
  }
}

std::uint64_t seeded_random::next() {
  const std::uint64_t drawn = rotate_left(state_[1] * 5, 7) * 9;
  const std::uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = rotate_left(state_[3], 45);
  return drawn;
}

}  // namespace gossamer
