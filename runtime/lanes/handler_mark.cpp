#include "runtime/lanes/handler_mark.hpp"

#include <algorithm>
#include <cstring>

namespace gossamer {

handler_name::handler_name(std::string_view name) noexcept
    : size_(static_cast<std::uint8_t>(std::min(name.size(), length_max))) {
  if (size_ != 0) std::memcpy(words_.data(), name.data(), size_);
}

// Release stores and acquire loads throughout: a reader that sees a new word also sees the odd
// version before it.
void handler_mark::set(const handler_name& name) noexcept {
  const auto version = version_.load(std::memory_order_relaxed);
  version_.store(version + 1, std::memory_order_relaxed);
  const std::size_t used = (std::size_t{name.size_} + 7) / 8;
  for (std::size_t i = 0; i < used; ++i) {
    words_[i].store(name.words_[i], std::memory_order_release);
  }
  size_.store(name.size_, std::memory_order_release);
  version_.store(version + 2, std::memory_order_release);
}

handler_mark::view handler_mark::read() const noexcept {
  view seen;
  for (int tries = 0; tries < 100; ++tries) {
    const auto before = version_.load(std::memory_order_acquire);
    seen.name.size_ = size_.load(std::memory_order_acquire);
    for (std::size_t i = 0; i < words_.size(); ++i) {
      seen.name.words_[i] = words_[i].load(std::memory_order_acquire);
    }
    if (before % 2 == 0 && version_.load(std::memory_order_acquire) == before) break;
    seen.name.size_ = 0;  // torn: better no name than a mixed one
  }
  const auto since = busy_since_.load();
  seen.busy = since != 0;
  seen.since = time_point(duration(since));
  return seen;
}

}  // namespace gossamer
