// What a socket has asked actors, and the answers, which come as messages to its own actor.
//
// Runs on: the socket's lane.
// Limits: acks_per_socket_max at a time; one more is told so at once.
#pragma once

#include "actors/include/gossamer/actors.hpp"
#include "actors/socket_core.hpp"
#include "actors/socketio/ack_table.hpp"
#include "runtime/lanes/timer_wheel.hpp"

#include <caf/mailbox_element.hpp>

namespace gossamer::detail {

class socket_requests final : public pending_requests, private timer {
 public:
  explicit socket_requests(socket_core& socket) : socket_(socket) {}

  [[nodiscard]] error_code send(const caf::strong_actor_ptr& to, caf::message what,
                                milliseconds timeout, answer_handler done);
  void take(caf::mailbox_element& answer);
  void end_all() override;

 private:
  void on_timer(time_point now) override;
  void rearm();
  void call(answer_handler& done, actor_answer got);

  socket_core& socket_;
  socketio::ack_table<answer_handler> waiting_;
};

/// A response has come to the socket's actor. Late ones, and unknown ones, are ignored.
void take_answer(const socket_core& to, caf::mailbox_element& answer);

}  // namespace gossamer::detail
