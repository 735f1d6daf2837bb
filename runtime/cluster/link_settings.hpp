// The bounds and times of the link between two nodes.
#pragma once

#include "runtime/base/time.hpp"

#include <cstddef>
#include <cstdint>

namespace gossamer::cluster {

struct link_settings {
  /// Bytes and blobs that may be sent and not yet consumed. One blob larger than the window may go
  /// when nothing else is under way. The receiver refuses twice as much.
  std::size_t window_bytes = 8U << 20U;
  std::size_t window_blobs = 1024;
  /// What may wait for the window. Over it a message is not taken (`errc::link_full`) and the peer
  /// is degraded until half of the queue is free.
  std::size_t queue_bytes_max = 8U << 20U;
  std::size_t queue_messages_max = 65'536;
  /// So much more is left to messages of the cluster itself (interest, answers, leaves).
  std::size_t reserve_bytes = 1U << 20U;
  std::size_t reserve_messages = 4096;
  std::size_t batch_bytes = 64U << 10U;
  duration batch_delay{};
  /// A sender that has heard of no progress for so long asks for credit.
  duration query_after = seconds(1);
  /// A receiver reports consumption after a quarter of the window, or after so long.
  duration report_after = milliseconds(100);
};

/// What happens to a message when the link is behind.
enum class importance : std::uint8_t {
  optional,  // dropped as soon as something waits for the window (`errc::dropped`)
  data,      // refused at the bound
  control,   // refused at the bound and its reserve
};

}  // namespace gossamer::cluster
