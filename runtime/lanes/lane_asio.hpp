// Access to a lane's io_context, for those who bring Asio objects: listeners, links, gossip.
#pragma once

#include <boost/asio/io_context.hpp>

namespace gossamer {

class lane;

/// Runs handlers on the lane only; what they mark dirty is flushed at the end of the turn. Posting
/// to it is no delivery: it has no order with the lane's queue. Objects on it must be gone before
/// the lane is. Any thread, as Asio allows.
[[nodiscard]] boost::asio::io_context& context(lane& where) noexcept;

}  // namespace gossamer
