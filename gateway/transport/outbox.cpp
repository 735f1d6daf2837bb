#include "gateway/transport/outbox.hpp"

#include <utility>

namespace gossamer::transport {

std::unique_ptr<outbox> outbox_pool::take() {
  if (free_.empty()) return std::make_unique<outbox>();
  auto taken = std::move(free_.back());
  free_.pop_back();
  return taken;
}

void outbox_pool::give_back(std::unique_ptr<outbox> used) {
  if (used == nullptr || free_.size() >= kept_max || used->frames.capacity() > frames_kept_max) {
    return;
  }
  used->frames.clear();
  used->payload_bytes = 0;
  used->compressible = false;
  free_.push_back(std::move(used));
}

}  // namespace gossamer::transport
