// Who consumes what arrives on a connection: HTTP at first, WebSocket after an upgrade.
//
// Runs on: the connection's lane, all calls. None of them is made inside another call to the same
// protocol: a connection that is closed from within `on_bytes` reports it at the end of the turn.
#pragma once

#include "runtime/base/result.hpp"
#include "runtime/base/time.hpp"

#include <span>

namespace gossamer::http {

class protocol {
 public:
  protocol() = default;
  protocol(const protocol&) = delete;
  protocol& operator=(const protocol&) = delete;
  virtual ~protocol() = default;

  /// Bytes of the client, decrypted. Valid until the call returns; may be changed in place
  /// (unmasking). All of them are consumed. Not called after connection::become, close or abort.
  virtual void on_bytes(std::span<char> data) = 0;

  /// The connection is gone: the last call, exactly once, unless it was detached or replaced by
  /// become(). The connection object is still there, but sends nothing any more.
  virtual void on_closed(error_code why) = 0;

  /// Everything that was queued is now with the kernel (and at least one send was pending on it).
  virtual void on_drained() {}

  /// The time given to connection::wake_at has come.
  virtual void on_timer(time_point now) { static_cast<void>(now); }

  /// The client ended its side of the stream; what is queued will still be sent, then the
  /// connection closes and on_closed follows.
  virtual void on_half_closed() {}

  /// The server closes: end what is idle, finish what is under way, start nothing new.
  virtual void on_stopping() {}
};

}  // namespace gossamer::http
