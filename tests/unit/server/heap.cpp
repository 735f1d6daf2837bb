#include "tests/unit/server/heap.hpp"

#include <atomic>
#include <cstdlib>
#include <malloc.h>
#include <new>

namespace {

std::atomic<std::ptrdiff_t> live_bytes{0};
std::atomic<std::ptrdiff_t> live_objects{0};

void* counted(void* made) {
  if (made == nullptr) throw std::bad_alloc();
  live_bytes.fetch_add(static_cast<std::ptrdiff_t>(::malloc_usable_size(made)),
                       std::memory_order_relaxed);
  live_objects.fetch_add(1, std::memory_order_relaxed);
  return made;
}

void* allocate(std::size_t size) {
  return counted(std::malloc(size));
}
void* allocate(std::size_t size, std::align_val_t alignment) {
  const auto unit = static_cast<std::size_t>(alignment);
  return counted(std::aligned_alloc(unit, (size + unit - 1) / unit * unit));
}

void release(void* gone) noexcept {
  if (gone == nullptr) return;
  live_bytes.fetch_sub(static_cast<std::ptrdiff_t>(::malloc_usable_size(gone)),
                       std::memory_order_relaxed);
  live_objects.fetch_sub(1, std::memory_order_relaxed);
  std::free(gone);
}

}  // namespace

void* operator new(std::size_t size) {
  return allocate(size);
}
void* operator new[](std::size_t size) {
  return allocate(size);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, alignment);
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return allocate(size, alignment);
}
void operator delete(void* gone) noexcept {
  release(gone);
}
void operator delete[](void* gone) noexcept {
  release(gone);
}
void operator delete(void* gone, std::size_t) noexcept {
  release(gone);
}
void operator delete[](void* gone, std::size_t) noexcept {
  release(gone);
}
void operator delete(void* gone, std::align_val_t) noexcept {
  release(gone);
}
void operator delete[](void* gone, std::align_val_t) noexcept {
  release(gone);
}
void operator delete(void* gone, std::size_t, std::align_val_t) noexcept {
  release(gone);
}
void operator delete[](void* gone, std::size_t, std::align_val_t) noexcept {
  release(gone);
}

namespace gossamer::test {

std::ptrdiff_t live_heap_bytes() {
  return live_bytes.load();
}

std::ptrdiff_t live_heap_objects() {
  return live_objects.load();
}

}  // namespace gossamer::test
