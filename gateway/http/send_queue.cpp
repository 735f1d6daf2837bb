#include "gateway/http/send_queue.hpp"

#include "runtime/base/check.hpp"

#include <utility>

namespace gossamer::http {

chunk_pool::~chunk_pool() {
  while (free_ != nullptr) delete std::exchange(free_, free_->next);
}

frame_chunk* chunk_pool::take() {
  if (free_ == nullptr) return new frame_chunk;
  frame_chunk* taken = std::exchange(free_, free_->next);
  --kept_;
  taken->next = nullptr;
  taken->last = taken;
  taken->begin = taken->end = 0;
  return taken;
}

void chunk_pool::give_back(frame_chunk* chunk) {
  if (kept_ >= kept_max) {
    delete chunk;
    return;
  }
  chunk->next = std::exchange(free_, chunk);
  ++kept_;
}

send_queue::~send_queue() {
  GOSSAMER_CHECK(empty());
}

void send_queue::push(const shared_frame& frame, chunk_pool& pool) {
  if (frame.size_bytes() == 0) return;
  bytes_ += frame.size_bytes();
  if (chunks_ == nullptr && inline_count_ < inline_capacity) {
    inline_[(inline_begin_ + inline_count_) % inline_capacity] = frame;
    ++inline_count_;
    return;
  }
  if (chunks_ == nullptr) chunks_ = pool.take();
  frame_chunk* tail = chunks_->last;
  if (tail->end == frame_chunk::capacity) {
    tail->next = pool.take();
    tail = chunks_->last = tail->next;
  }
  tail->slots[tail->end++] = frame;
  pool.queued(frame.size_bytes());
}

void send_queue::clear(chunk_pool& pool) {
  while (!empty()) pop(pool);
  bytes_ = 0;
  sent_of_first_ = 0;
}

std::size_t send_queue::gather(iovec* out, std::size_t capacity) const {
  std::size_t count = 0;
  std::size_t skip = sent_of_first_;
  const auto add = [&](const shared_frame& frame) {
    const auto rest = frame.wire().substr(skip);
    skip = 0;
    out[count++] = {const_cast<char*>(rest.data()), rest.size()};
  };
  for (std::uint8_t i = 0; i < inline_count_ && count < capacity; ++i) {
    add(inline_[(inline_begin_ + i) % inline_capacity]);
  }
  for (const frame_chunk* chunk = chunks_; chunk != nullptr; chunk = chunk->next) {
    for (std::uint16_t i = chunk->begin; i < chunk->end; ++i) {
      if (count == capacity) return count;
      add(chunk->slots[i]);
    }
  }
  return count;
}

void send_queue::consume(std::size_t count, chunk_pool& pool) {
  GOSSAMER_CHECK(count <= bytes_);
  bytes_ -= count;
  while (count != 0) {
    const std::size_t left = oldest().size_bytes() - sent_of_first_;
    if (count < left) {
      sent_of_first_ += static_cast<std::uint32_t>(count);
      return;
    }
    count -= left;
    pop(pool);
  }
}

std::string_view send_queue::front() const {
  return oldest().wire().substr(sent_of_first_);
}

const shared_frame& send_queue::oldest() const {
  return inline_count_ != 0 ? inline_[inline_begin_] : chunks_->slots[chunks_->begin];
}

void send_queue::pop(chunk_pool& pool) {
  sent_of_first_ = 0;
  if (inline_count_ != 0) {
    inline_[inline_begin_] = {};
    inline_begin_ = static_cast<std::uint8_t>((inline_begin_ + 1) % inline_capacity);
    --inline_count_;
    return;
  }
  shared_frame& gone = chunks_->slots[chunks_->begin++];
  pool.unqueued(gone.size_bytes());
  gone = {};
  if (chunks_->begin != chunks_->end) return;
  frame_chunk* emptied = chunks_;
  chunks_ = emptied->next;
  if (chunks_ != nullptr) chunks_->last = emptied->last;
  pool.give_back(emptied);
}

}  // namespace gossamer::http
