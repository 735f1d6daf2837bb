// Encoded messages that wait for a link, and how they become blobs: in order, many at once.
//
// Pure. A batch is due when it has `batch_bytes`, or when its first message has waited for
// `batch_delay` (0: at the end of the caller's turn). A message larger than a batch goes alone.
#pragma once

#include "runtime/base/bytes.hpp"
#include "runtime/base/time.hpp"

#include <cstddef>
#include <deque>
#include <vector>

namespace gossamer::cluster {

class batch_queue {
 public:
  batch_queue(std::size_t batch_bytes, duration batch_delay)
      : batch_bytes_(batch_bytes), batch_delay_(batch_delay) {}

  void push(bytes record, time_point now);
  [[nodiscard]] bool empty() const { return waiting_.empty(); }
  [[nodiscard]] std::size_t count() const { return waiting_.size(); }
  [[nodiscard]] std::size_t size_bytes() const { return bytes_; }
  /// When a batch is due; `time_point::max()` if nothing waits.
  [[nodiscard]] time_point due() const;
  /// The size that `take` would have.
  [[nodiscard]] std::size_t next_bytes() const { return measure().bytes; }
  /// The messages of the next batch.
  [[nodiscard]] std::vector<bytes> take();
  /// Throws away what waits; how many that were.
  std::size_t clear();

 private:
  struct extent {
    std::size_t count = 0;
    std::size_t bytes = 0;
  };
  struct waiting {
    bytes record;
    time_point since;
  };
  [[nodiscard]] extent measure() const;

  std::size_t batch_bytes_;
  duration batch_delay_;
  std::deque<waiting> waiting_;
  std::size_t bytes_ = 0;
};

}  // namespace gossamer::cluster
