// One entry of a lane's delivery queue.
//
// Everything that feeds a socket from another lane, actor or thread is a delivery, so that there is
// one road and one order.
//
// Runs on: made on any thread, run and destroyed on the lane that took it; destroyed on the
// posting thread if it was refused.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gossamer {

class lane;

/// How a delivery is treated when the queue is at its bound.
enum class post_kind : std::uint8_t {
  control,        // join, leave, close, replies: always accepted
  data,           // lanes are slowed down, others are told `full`
  volatile_data,  // dropped and counted
};
inline constexpr std::size_t post_kinds = 3;

enum class post_result : std::uint8_t {
  accepted,
  full,    // not queued: the queue is at its bound
  closed,  // not queued: the lane does not run any more
};

/// Derive from it, or let `lane::post` wrap a function.
class delivery {
 public:
  delivery() = default;
  delivery(const delivery&) = delete;
  delivery& operator=(const delivery&) = delete;
  virtual ~delivery() = default;

  /// Carries out the delivery. Exceptions are its own business.
  virtual void run(lane& here) noexcept = 0;

  /// What it counts against the queue's bound. The queue adds nothing: include sizeof(*this).
  std::size_t cost_bytes = 64;

 private:
  friend class inbox;
  friend class delivery_list;
  delivery* next_ = nullptr;
  post_kind kind_ = post_kind::control;
};

}  // namespace gossamer
