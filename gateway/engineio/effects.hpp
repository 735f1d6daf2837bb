// What a session wants done: a short list of orders, carried out in sequence by the driver.
#pragma once

#include "runtime/base/check.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace gossamer::engineio {

/// "The poll" is the GET that waits; "the outbox" is what the driver holds back for it.
enum class effect : std::uint8_t {
  deliver,            // hand the message that came in to the application
  send_ping,          // put `2` into the outbox, or send it over the WebSocket
  send_pong,          // the same with `3`
  answer_poll,        // with all of the outbox
  answer_poll_noop,   // with `6` alone; the outbox stays
  answer_poll_close,  // with all of the outbox, then `1`
  answer_late_close,  // the same, but an empty outbox becomes `6`: the GET after a close
  refuse_request,     // this request: 400 without a body
  accept_probe,       // the new WebSocket stays, as the probe of an upgrade
  refuse_websocket,   // the new WebSocket is accepted (101) and closed at once
  send_probe_pong,    // `3probe` over the probe
  close_probe,        // the session goes on without it
  adopt_probe,        // the probe is the transport from now on; send it the outbox
  hold_websocket,     // read nothing from the WebSocket: a POST of before the upgrade comes first
  release_websocket,  // read again
  close_websocket,    // a close frame behind what is queued
  closed,             // the end; `session::cause()` says why. Nothing follows
};

/// A list of effects without heap memory.
class effects {
 public:
  static constexpr std::size_t capacity = 7;

  effects() = default;
  effects(std::initializer_list<effect> list) {
    for (const effect e : list) add(e);
  }
  void add(effect e) {
    GOSSAMER_CHECK(count_ < capacity);
    list_[count_++] = e;
  }
  [[nodiscard]] const effect* begin() const { return list_.data(); }
  [[nodiscard]] const effect* end() const { return list_.data() + count_; }
  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] bool contains(effect e) const { return std::find(begin(), end(), e) != end(); }
  friend bool operator==(const effects& a, const effects& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  std::array<effect, capacity> list_{};
  std::uint8_t count_ = 0;
};

}  // namespace gossamer::engineio
