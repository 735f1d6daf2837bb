// Timers of one lane: a hierarchical wheel, O(1) to arm and to cancel.
//
// Pure: the caller passes the time in and runs what has expired. Resolution is one tick (10 ms): a
// timer never fires early and at most one tick late (plus the caller's own delay).
//
//     level 0: 64 slots of 1 tick      (0.64 s)
//     level 1: 64 slots of 64 ticks    (41 s)
//     ...
//     level 5: 64 slots of 64^5 ticks  (22 years; longer times are cut to that)
//
// A timer stands on the level of the highest 6-bit digit in which its tick differs from the current
// one, so a timer moves down at most 5 times in its life.
#pragma once

#include "runtime/base/time.hpp"
#include "runtime/lanes/intrusive_link.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace gossamer {

class random_source;

/// Something that wants to be called at a time. Intrusive, 32 bytes; the destructor cancels.
/// Runs on: the thread of its wheel (its lane).
class timer : private detail::intrusive_link {
 public:
  timer() = default;
  timer(const timer&) = delete;
  timer& operator=(const timer&) = delete;

  /// The time has come; the timer is not armed any more. May arm, cancel and destroy any timer,
  /// itself included.
  virtual void on_timer(time_point now) = 0;

  [[nodiscard]] bool armed() const { return linked(); }
  /// Does nothing if the timer is not armed.
  void cancel() noexcept { unlink(); }

 protected:
  virtual ~timer() { cancel(); }

 private:
  friend class timer_wheel;
  std::uint64_t tick_ = 0;
};

class timer_wheel {
 public:
  static constexpr milliseconds tick{10};

  explicit timer_wheel(time_point start);
  timer_wheel(const timer_wheel&) = delete;
  timer_wheel& operator=(const timer_wheel&) = delete;
  /// Timers that are still armed are cancelled.
  ~timer_wheel() = default;

  /// Calls `t` at `when` or up to one tick later; a time in the past means the next call of
  /// `pop_expired`. An armed timer is moved.
  void arm(timer& t, time_point when) noexcept;

  /// The next timer that is due at `now`, already disarmed, or nullptr. Timers come in the order of
  /// their ticks. Call until nullptr, or go on in the next turn.
  [[nodiscard]] timer* pop_expired(time_point now) noexcept;

  /// When `pop_expired` should be called next, or nothing if no timer is armed. May be earlier than
  /// the earliest timer (its slot has to be spread), never later.
  [[nodiscard]] std::optional<time_point> next_due() noexcept;

 private:
  static constexpr unsigned level_bits = 6;
  static constexpr unsigned slots = 1U << level_bits;
  static constexpr unsigned levels = 6;
  static constexpr std::uint64_t tick_max = (std::uint64_t{1} << (level_bits * levels)) - 1;

  struct next_slot {
    unsigned level;
    unsigned slot;
    std::uint64_t tick;
  };
  [[nodiscard]] std::uint64_t tick_of(time_point when) const noexcept;
  [[nodiscard]] time_point time_of(std::uint64_t ticks) const noexcept;
  [[nodiscard]] std::optional<next_slot> first_occupied() noexcept;
  void place(timer& t) noexcept;
  void enter(const next_slot& at) noexcept;

  time_point start_;
  std::uint64_t current_ = 0;  // every armed timer outside `expired_` is due after this tick
  std::array<std::uint64_t, levels> occupied_{};  // may name a slot whose timers were cancelled
  std::array<std::array<detail::intrusive_list, slots>, levels> lists_;
  detail::intrusive_list expired_;
};

/// `base` times a uniform factor in [1 - fraction, 1 + fraction]: keeps clients that connected
/// together from being pinged together. `fraction` is cut to [0, 1].
[[nodiscard]] duration jittered(duration base, double fraction, random_source& random);

}  // namespace gossamer
