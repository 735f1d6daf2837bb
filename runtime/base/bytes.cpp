#include "runtime/base/bytes.hpp"

#include <cstring>
#include <new>

namespace gossamer {

bytes::bytes(std::string_view content) : bytes(content.data(), content.size()) {}

bytes::bytes(std::span<const std::byte> content) : bytes(content.data(), content.size()) {}

bytes::bytes(const void* data, std::size_t size) {
  if (size == 0) return;
  *this = filled(size, [&](char* out) { std::memcpy(out, data, size); });
}

bytes bytes::uninitialized(std::size_t size) {
  bytes made;
  if (size == 0) return made;
  made.rep_ = new (::operator new(sizeof(rep) + size)) rep;
  made.rep_->size = size;
  return made;
}

void bytes::release() noexcept {
  if (rep_ == nullptr) return;
  if (rep_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    rep_->~rep();
    ::operator delete(rep_);
  }
  rep_ = nullptr;
}

}  // namespace gossamer
