// A set of up to 128 nodes, by slot number.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace gossamer::directory {

inline constexpr std::size_t slots_max = 128;

struct node_set {
  std::uint64_t low = 0;
  std::uint64_t high = 0;

  bool operator==(const node_set&) const = default;
  [[nodiscard]] bool empty() const { return (low | high) == 0; }
  [[nodiscard]] bool has(std::size_t slot) const { return ((*this & only(slot)).empty()) == false; }
  void add(std::size_t slot) { *this = *this | only(slot); }
  void remove(std::size_t slot) { *this = without(only(slot)); }
  [[nodiscard]] node_set without(const node_set& other) const {
    return {low & ~other.low, high & ~other.high};
  }
  [[nodiscard]] std::size_t size() const {
    const int bits = std::popcount(low) + std::popcount(high);
    return static_cast<std::size_t>(bits);
  }

  friend node_set operator|(const node_set& a, const node_set& b) {
    return {a.low | b.low, a.high | b.high};
  }
  friend node_set operator&(const node_set& a, const node_set& b) {
    return {a.low & b.low, a.high & b.high};
  }

  [[nodiscard]] static node_set only(std::size_t slot) {
    const std::uint64_t bit = 1ULL << (slot % 64);
    return slot < 64 ? node_set{bit, 0} : node_set{0, bit};
  }

  /// Calls `visit(slot)` for each, in order.
  template <class Visit>
  void for_each(Visit&& visit) const {
    for (std::uint64_t rest = low; rest != 0; rest &= rest - 1) {
      visit(static_cast<std::size_t>(std::countr_zero(rest)));
    }
    for (std::uint64_t rest = high; rest != 0; rest &= rest - 1) {
      visit(static_cast<std::size_t>(std::countr_zero(rest)) + 64);
    }
  }
};

}  // namespace gossamer::directory
