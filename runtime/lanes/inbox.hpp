// The delivery queue of a lane: many producers, one consumer, bounded in bytes.
//
//     producers:  push -> [ newest -> ... -> oldest ]  lock-free stack
//     consumer:   take() turns the whole stack round into a list: FIFO per producer
//
// Instead of a pointer the stack's head may say `awake` (empty, the consumer will look before it
// sleeps), `asleep` (empty, who pushes must wake it) or `closed`. So a batch costs one wake.
//
// Limits: see lane.hpp. Cost is counted from push until `release`.
#pragma once

#include "runtime/lanes/delivery.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace gossamer {

/// Deliveries in order, owned.
class delivery_list {
 public:
  delivery_list() = default;
  delivery_list(delivery_list&& other) noexcept
      : first_(std::exchange(other.first_, nullptr)), last_(std::exchange(other.last_, nullptr)) {}
  delivery_list& operator=(delivery_list other) noexcept {
    std::swap(first_, other.first_);
    std::swap(last_, other.last_);
    return *this;
  }
  ~delivery_list();

  [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }
  [[nodiscard]] std::unique_ptr<delivery> pop_front() noexcept;
  void push_front(std::unique_ptr<delivery> what) noexcept;
  void append(delivery_list other) noexcept;
  [[nodiscard]] static post_kind kind_of(const delivery& what) noexcept { return what.kind_; }

 private:
  delivery* first_ = nullptr;
  delivery* last_ = nullptr;
};

class inbox {
 public:
  enum class sender : std::uint8_t { lane, other };
  struct pushed {
    post_result result;
    bool wake = false;       // the consumer sleeps: the caller must wake it
    bool congested = false;  // accepted from a lane, but at the bound: the lane should pause
  };
  using counts = std::array<std::uint64_t, post_kinds>;

  explicit inbox(std::size_t bytes_max) : bytes_max_(bytes_max) {}
  inbox(const inbox&) = delete;
  inbox& operator=(const inbox&) = delete;
  ~inbox();

  /// Any thread. Takes `what` only if the result is `accepted`.
  [[nodiscard]] pushed push(std::unique_ptr<delivery>& what, post_kind kind, sender from) noexcept;
  /// Any thread: true if the consumer slept and the caller must wake it.
  [[nodiscard]] bool interrupt() noexcept;
  /// Any thread: senders that are no lanes are refused from now on.
  void close_gate() noexcept { gate_closed_.store(true, std::memory_order_release); }

  /// Consumer: everything that is queued, in order. Awake afterwards.
  [[nodiscard]] delivery_list take() noexcept;
  /// Consumer: deliveries of that cost have been run or dropped. True if the queue is down to half
  /// of its bound or less.
  bool release(std::size_t cost_bytes) noexcept;
  /// Consumer: announces sleep; false if something is queued.
  [[nodiscard]] bool try_sleep() noexcept;
  /// Consumer: refuses everything from now on and returns what is still queued.
  [[nodiscard]] delivery_list close() noexcept;

  /// Any thread.
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_.load(); }
  [[nodiscard]] bool congested() const noexcept { return bytes() >= bytes_max_; }
  [[nodiscard]] bool relaxed() const noexcept { return bytes() <= bytes_max_ / 2; }
  [[nodiscard]] counts refused() const noexcept;

 private:
  enum class admission : std::uint8_t { yes, congested, no };
  [[nodiscard]] admission admission_at(std::size_t queued, post_kind kind,
                                       sender from) const noexcept;
  [[nodiscard]] admission admit(std::size_t cost_bytes, post_kind kind, sender from) noexcept;
  [[nodiscard]] static delivery_list turned_round(delivery* head) noexcept;

  const std::size_t bytes_max_;
  std::atomic<bool> gate_closed_{false};
  std::array<std::atomic<std::uint64_t>, post_kinds> refused_{};
  alignas(64) std::atomic<delivery*> head_{nullptr};
  std::atomic<std::size_t> bytes_{0};
};

}  // namespace gossamer
