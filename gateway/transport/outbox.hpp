// Frames that wait for a poll. Exists only while there are some; a lane keeps a few for re-use.
#pragma once

#include "runtime/base/shared_frame.hpp"
#include "runtime/base/time.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace gossamer::transport {

struct outbox {
  std::vector<shared_frame> frames;
  std::size_t payload_bytes = 0;  // what they take in a payload
  time_point since{};             // when it ceased to be empty
  bool compressible = false;      // the application wants some of them compressed
};

/// Limit: keeps `kept_max` outboxes, none with room for more than `frames_kept_max` frames.
class outbox_pool {
 public:
  static constexpr std::size_t kept_max = 256;
  static constexpr std::size_t frames_kept_max = 64;

  [[nodiscard]] std::unique_ptr<outbox> take();
  void give_back(std::unique_ptr<outbox> used);

 private:
  std::vector<std::unique_ptr<outbox>> free_;
};

}  // namespace gossamer::transport
