// The bytes a connection still has to send: pointers to shared frames, in order.
//
//     [ two inline slots ] -> [ chunk of 61 ] -> [ chunk of 61 ] ...
//
// Most queues never leave the inline slots; chunks come from a pool of the lane. Inline slots are
// always older than chunks: a frame goes inline only while there is no chunk. Pure.
#pragma once

#include "runtime/base/shared_frame.hpp"
#include "runtime/lanes/lane_counter.hpp"

#include <cstddef>
#include <cstdint>
#include <sys/uio.h>

namespace gossamer::http {

struct frame_chunk {
  static constexpr std::uint16_t capacity = 61;
  frame_chunk* next = nullptr;
  frame_chunk* last = this;  // of the chain; valid in its first chunk only
  std::uint16_t begin = 0, end = 0;
  shared_frame slots[capacity];
};

/// Empty chunks for re-use, and how many bytes wait in those in use. One per lane. Limit: keeps at
/// most `kept_max` chunks.
class chunk_pool {
 public:
  static constexpr std::size_t kept_max = 256;
  chunk_pool() = default;
  chunk_pool(const chunk_pool&) = delete;
  chunk_pool& operator=(const chunk_pool&) = delete;
  ~chunk_pool();
  [[nodiscard]] frame_chunk* take();
  void give_back(frame_chunk* chunk);

  /// \name For the queues
  void queued(std::size_t bytes) { waiting_.add(bytes); }
  void unqueued(std::size_t bytes) { waiting_.subtract(bytes); }
  /// Any thread.
  [[nodiscard]] std::uint64_t bytes_waiting() const { return waiting_.get(); }

 private:
  frame_chunk* free_ = nullptr;
  std::size_t kept_ = 0;
  lane_counter waiting_;
};

class send_queue {
 public:
  send_queue() = default;
  send_queue(const send_queue&) = delete;
  send_queue& operator=(const send_queue&) = delete;
  ~send_queue();  // clear() must have been called

  void push(const shared_frame& frame, chunk_pool& pool);
  void clear(chunk_pool& pool);
  [[nodiscard]] bool empty() const { return inline_count_ == 0 && chunks_ == nullptr; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

  /// Fills in up to `capacity` vectors with what is to be sent next; returns how many.
  [[nodiscard]] std::size_t gather(iovec* out, std::size_t capacity) const;
  /// Takes `count` sent bytes from the front.
  void consume(std::size_t count, chunk_pool& pool);
  /// The part of the oldest frame that is not yet sent. Not on an empty queue.
  [[nodiscard]] std::string_view front() const;

 private:
  [[nodiscard]] const shared_frame& oldest() const;
  void pop(chunk_pool& pool);

  static constexpr std::uint8_t inline_capacity = 2;
  shared_frame inline_[inline_capacity];
  frame_chunk* chunks_ = nullptr;
  std::size_t bytes_ = 0;
  std::uint32_t sent_of_first_ = 0;
  std::uint8_t inline_begin_ = 0, inline_count_ = 0;
};

}  // namespace gossamer::http
