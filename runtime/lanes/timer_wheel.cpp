#include "runtime/lanes/timer_wheel.hpp"

#include "runtime/base/random.hpp"

#include <algorithm>
#include <bit>

namespace gossamer {

timer_wheel::timer_wheel(time_point start) : start_(start) {}

std::uint64_t timer_wheel::tick_of(time_point when) const noexcept {
  if (when <= start_) return 0;
  // In this order the sum cannot overflow, also for time_point::max().
  const auto whole = static_cast<std::uint64_t>((when - start_) / tick);
  return std::min(whole, tick_max);
}

time_point timer_wheel::time_of(std::uint64_t ticks) const noexcept {
  return start_ + static_cast<milliseconds::rep>(ticks) * tick;
}

void timer_wheel::arm(timer& t, time_point when) noexcept {
  t.cancel();
  t.tick_ = tick_of(when);
  if (t.tick_ < tick_max && time_of(t.tick_) < when) ++t.tick_;  // round up: never early
  place(t);
}

void timer_wheel::place(timer& t) noexcept {
  if (t.tick_ <= current_) {
    expired_.push_back(t);
    return;
  }
  const auto highest_bit = static_cast<unsigned>(std::bit_width(t.tick_ ^ current_)) - 1;
  const unsigned level = highest_bit / level_bits;
  const unsigned slot = (t.tick_ >> (level * level_bits)) % slots;
  lists_[level][slot].push_back(t);
  occupied_[level] |= std::uint64_t{1} << slot;
}

// Slots of a lower level are all earlier than those of a higher one, and within a level the lower
// slot is earlier: see place().
std::optional<timer_wheel::next_slot> timer_wheel::first_occupied() noexcept {
  for (unsigned level = 0; level < levels; ++level) {
    while (occupied_[level] != 0) {
      const auto slot = static_cast<unsigned>(std::countr_zero(occupied_[level]));
      if (lists_[level][slot].empty()) {  // its timers were cancelled
        occupied_[level] &= occupied_[level] - 1;
        continue;
      }
      const unsigned shift = level * level_bits;
      const std::uint64_t above = current_ >> (shift + level_bits) << (shift + level_bits);
      return next_slot{level, slot, above | (std::uint64_t{slot} << shift)};
    }
  }
  return std::nullopt;
}

// Makes `at` the current tick; its timers expire or move to lower levels.
void timer_wheel::enter(const next_slot& at) noexcept {
  current_ = at.tick;
  occupied_[at.level] &= ~(std::uint64_t{1} << at.slot);
  detail::intrusive_list moved;
  moved.splice(lists_[at.level][at.slot]);
  while (auto* link = moved.pop_front()) place(static_cast<timer&>(*link));
}

timer* timer_wheel::pop_expired(time_point now) noexcept {
  for (;;) {
    if (auto* link = expired_.pop_front()) return static_cast<timer*>(link);
    const std::uint64_t target = tick_of(now);
    const auto next = first_occupied();
    if (!next || next->tick > target) {
      // Every occupied slot begins after `target`. So `target` has the digits of `current_` above
      // that slot's level and a smaller digit on it: all timers stay where they are.
      current_ = std::max(current_, target);
      return nullptr;
    }
    enter(*next);
  }
}

std::optional<time_point> timer_wheel::next_due() noexcept {
  if (!expired_.empty()) return time_of(current_);
  const auto next = first_occupied();
  if (!next) return std::nullopt;
  return time_of(next->tick);
}

duration jittered(duration base, double fraction, random_source& random) {
  const double spread = std::clamp(fraction, 0.0, 1.0);
  const double unit = static_cast<double>(random.next() >> 11U) * 0x1.0p-53;  // [0, 1)
  const double factor = 1.0 + spread * (2.0 * unit - 1.0);
  return duration(static_cast<duration::rep>(static_cast<double>(base.count()) * factor));
}

}  // namespace gossamer
