// Immutable, reference-counted bytes: attachments and bodies that cross threads without a copy.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace gossamer {

/// A value that shares its bytes with its copies. Any thread; the bytes never change.
class bytes {
 public:
  bytes() = default;
  explicit bytes(std::string_view content);
  explicit bytes(std::span<const std::byte> content);
  bytes(const void* data, std::size_t size);
  bytes(const bytes& other) noexcept : rep_(other.rep_) { retain(); }
  bytes(bytes&& other) noexcept : rep_(std::exchange(other.rep_, nullptr)) {}
  bytes& operator=(bytes other) noexcept {
    std::swap(rep_, other.rep_);
    return *this;
  }
  ~bytes() { release(); }

  /// A buffer of `size` bytes that `fill(char*)` writes once, before anybody else sees it.
  template <class Fill>
  [[nodiscard]] static bytes filled(std::size_t size, Fill&& fill) {
    bytes made = uninitialized(size);
    if (size != 0) std::forward<Fill>(fill)(made.rep_->data());
    return made;
  }

  [[nodiscard]] std::size_t size() const { return rep_ == nullptr ? 0 : rep_->size; }
  [[nodiscard]] bool empty() const { return size() == 0; }
  [[nodiscard]] const char* data() const { return rep_ == nullptr ? nullptr : rep_->data(); }
  [[nodiscard]] std::string_view view() const { return {data(), size()}; }
  friend bool operator==(const bytes& a, const bytes& b) { return a.view() == b.view(); }

 private:
  struct rep {
    std::atomic<std::uint32_t> references{1};
    std::size_t size = 0;
    char* data() { return reinterpret_cast<char*>(this + 1); }
  };
  static bytes uninitialized(std::size_t size);
  void retain() const noexcept {
    if (rep_ != nullptr) rep_->references.fetch_add(1, std::memory_order_relaxed);
  }
  void release() noexcept;

  rep* rep_ = nullptr;
};

}  // namespace gossamer
