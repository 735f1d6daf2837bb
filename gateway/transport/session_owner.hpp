// Port: how the lane of a connection reaches the owner of a session, on this node or another.
#pragma once

#include "gateway/transport/messages.hpp"

#include <cstdint>

namespace gossamer::transport {

enum class forward_result : std::uint8_t {
  sent,
  no_owner,  // nobody can have the session
  busy,      // the owner's queue is at its bound; never for a request without a body
};

/// Runs on: the lane of the connection. Requests given one after the other arrive in that order.
class session_owner {
 public:
  /// Brings the request to its session's owner; the answer comes back to `request.from`, also if
  /// the owner does not know the session.
  [[nodiscard]] virtual forward_result forward(session_request&& request) = 0;

 protected:
  ~session_owner() = default;
};

}  // namespace gossamer::transport
