// Port: how the lane of a connection reaches the owner of a session, on this node or another.
#pragma once

#include "gateway/transport/messages.hpp"

namespace gossamer::transport {

/// Runs on: the lane of the connection. Requests given one after the other arrive in that order.
class session_owner {
 public:
  /// Brings the request to its session's owner; the answer comes back to `request.from`, also if
  /// the owner does not know the session. False: there is no owner, or it takes nothing more.
  [[nodiscard]] virtual bool forward(session_request&& request) = 0;

 protected:
  ~session_owner() = default;
};

}  // namespace gossamer::transport
