#include "runtime/cluster/batch_queue.hpp"

#include "runtime/cluster/bounds.hpp"

#include <utility>

namespace gossamer::cluster {

void batch_queue::push(bytes record, time_point now) {
  bytes_ += record.size();
  waiting_.push_back({std::move(record), now});
}

time_point batch_queue::due() const {
  if (waiting_.empty()) return time_point::max();
  const time_point first = waiting_.front().since;
  return bytes_ >= batch_bytes_ ? first : first + batch_delay_;
}

batch_queue::extent batch_queue::measure() const {
  constexpr std::size_t count_max = bounds::blob_messages_max - 2;  // two of the link may join
  extent e;
  for (const waiting& w : waiting_) {
    if (e.count == count_max) break;
    if (e.count != 0 && e.bytes + w.record.size() > batch_bytes_) break;
    ++e.count;
    e.bytes += w.record.size();
    if (e.bytes >= batch_bytes_) break;
  }
  return e;
}

std::vector<bytes> batch_queue::take() {
  const extent e = measure();
  std::vector<bytes> taken;
  taken.reserve(e.count);
  for (std::size_t i = 0; i < e.count; ++i) {
    taken.push_back(std::move(waiting_.front().record));
    waiting_.pop_front();
  }
  bytes_ -= e.bytes;
  return taken;
}

std::size_t batch_queue::clear() {
  const std::size_t count = waiting_.size();
  waiting_.clear();
  bytes_ = 0;
  return count;
}

}  // namespace gossamer::cluster
