// A hash table in 256 buckets, for millions of small values under 64-bit hashes.
//
//     hash:  [ bucket, 8 bits ][ ... ][ place in the bucket, 32 bits ]
//
// Each bucket is an open-addressed array of its own that grows by a third when it is four fifths
// full: it is never less than 59 % full once it has grown, growing moves one 256th of the table,
// and what belongs to a bucket of the digest (digest.hpp) lies together.
//
// Limits: key 0 is not allowed; 2^32 entries in a bucket.
#pragma once

#include "runtime/base/check.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace gossamer::directory {

inline constexpr std::size_t bucket_count = 256;

[[nodiscard]] inline std::size_t bucket_of(std::uint64_t key) {
  return static_cast<std::size_t>(key >> 56U);
}

template <class Value>
class bucket_table {
 public:
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t size(std::size_t bucket) const { return buckets_[bucket].size; }

  /// Pointers are valid until the next insert or erase.
  [[nodiscard]] Value* find(std::uint64_t key) {
    return const_cast<Value*>(std::as_const(*this).find(key));
  }
  [[nodiscard]] const Value* find(std::uint64_t key) const {
    const bucket& b = buckets_[bucket_of(key)];
    if (b.size == 0) return nullptr;
    for (std::uint32_t i = b.home(key);; i = b.after(i)) {
      if (b.entries[i].key == key) return &b.entries[i].value;
      if (b.entries[i].key == 0) return nullptr;
    }
  }

  /// The value under `key`, made if there is none.
  Value& insert(std::uint64_t key) {
    GOSSAMER_CHECK(key != 0);
    if (Value* known = find(key)) return *known;
    bucket& b = buckets_[bucket_of(key)];
    if (5ULL * (b.size + 1) > 4ULL * b.capacity) resize(b, b.capacity + b.capacity * 7 / 20 + 4);
    ++size_;
    return b.place(key).value;
  }

  void erase(std::uint64_t key) {
    bucket& b = buckets_[bucket_of(key)];
    if (b.size == 0) return;
    std::uint32_t i = b.home(key);
    for (; b.entries[i].key != key; i = b.after(i)) {
      if (b.entries[i].key == 0) return;
    }
    b.close_gap(i);
    --b.size;
    --size_;
    if (4ULL * b.size < b.capacity) resize(b, b.size == 0 ? 0 : b.size * 3 / 2 + 4);
  }

  /// Calls `visit(key, value&)` for all of one bucket; it must not insert or erase.
  template <class Visit>
  void for_each(std::size_t bucket_number, Visit&& visit) const {
    const bucket& b = buckets_[bucket_number];
    for (std::uint32_t i = 0; i < b.capacity; ++i) {
      if (b.entries[i].key != 0) visit(b.entries[i].key, b.entries[i].value);
    }
  }

  /// Calls `keep(key, value&)` for all of one bucket and drops those for which it is false.
  template <class Keep>
  void retain(std::size_t bucket_number, Keep&& keep) {
    bucket& b = buckets_[bucket_number];
    bucket kept;
    for (std::uint32_t i = 0; i < b.capacity; ++i) {
      entry& e = b.entries[i];
      if (e.key != 0 && !keep(e.key, e.value)) e.key = 0;
      if (e.key != 0) ++kept.size;
    }
    if (kept.size == b.size) return;
    size_ -= b.size - kept.size;
    b.size = kept.size;
    resize(b, b.size == 0 ? 0 : b.size * 3 / 2 + 4);
  }

 private:
  struct entry {
    std::uint64_t key = 0;
    Value value{};
  };

  struct bucket {
    std::unique_ptr<entry[]> entries;
    std::uint32_t capacity = 0;
    std::uint32_t size = 0;

    [[nodiscard]] std::uint32_t home(std::uint64_t key) const {
      return static_cast<std::uint32_t>(((key & 0xffffffffU) * capacity) >> 32U);
    }
    [[nodiscard]] std::uint32_t after(std::uint32_t i) const {
      return i + 1 == capacity ? 0 : i + 1;
    }
    entry& place(std::uint64_t key) {
      std::uint32_t i = home(key);
      while (entries[i].key != 0) i = after(i);
      entries[i].key = key;
      ++size;
      return entries[i];
    }
    /// Moves back what follows `gap` and could have been there.
    void close_gap(std::uint32_t gap) {
      for (std::uint32_t i = after(gap); entries[i].key != 0; i = after(i)) {
        const std::uint32_t wanted = home(entries[i].key);
        const bool between = gap < i ? gap < wanted && wanted <= i : gap < wanted || wanted <= i;
        if (between) continue;
        entries[gap] = std::move(entries[i]);
        gap = i;
      }
      entries[gap] = entry{};
    }
  };

  static void resize(bucket& b, std::uint32_t capacity) {
    bucket larger;
    larger.capacity = capacity;
    if (capacity != 0) larger.entries = std::make_unique<entry[]>(capacity);
    for (std::uint32_t i = 0; i < b.capacity; ++i) {
      if (b.entries[i].key == 0) continue;
      larger.place(b.entries[i].key).value = std::move(b.entries[i].value);
    }
    b = std::move(larger);
  }

  bucket buckets_[bucket_count];
  std::size_t size_ = 0;
};

}  // namespace gossamer::directory
