// What a lane runs now, written by the lane and read by the watchdog on another thread.
//
// The name is copied into words that are atomic one by one; a counter that is odd during a change
// tells the reader to try again (a sequence lock). So the reader never follows a pointer into a
// handler that may be gone.
#pragma once

#include "runtime/base/time.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gossamer {

/// A short name by value.
class handler_name {
 public:
  static constexpr std::size_t length_max = 47;

  handler_name() = default;
  explicit handler_name(std::string_view name) noexcept;
  [[nodiscard]] std::string_view text() const noexcept {
    return {reinterpret_cast<const char*>(words_.data()), size_};
  }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

 private:
  friend class handler_mark;
  std::array<std::uint64_t, 6> words_{};
  std::uint8_t size_ = 0;
};

class handler_mark {
 public:
  struct view {
    handler_name name;
    time_point since{};  // when the turn or handler began; the epoch if the lane sleeps
    bool busy = false;
  };

  /// Runs on: the lane.
  void set(const handler_name& name) noexcept;
  void set_busy_since(time_point since) noexcept {
    busy_since_.store(since.time_since_epoch().count(), std::memory_order_release);
  }
  void set_idle() noexcept { busy_since_.store(0, std::memory_order_release); }
  [[nodiscard]] bool busy() const noexcept {
    return busy_since_.load(std::memory_order_relaxed) != 0;
  }
  /// Has the lane been in one turn or handler since before that time? Any thread.
  [[nodiscard]] bool busy_since_before(time_point then) const noexcept {
    const auto since = busy_since_.load(std::memory_order_relaxed);
    return since != 0 && since < then.time_since_epoch().count();
  }
  /// Any thread.
  [[nodiscard]] view read() const noexcept;

 private:
  std::atomic<std::uint32_t> version_{0};
  std::array<std::atomic<std::uint64_t>, 6> words_{};
  std::atomic<std::uint8_t> size_{0};
  std::atomic<duration::rep> busy_since_{0};
};

}  // namespace gossamer
