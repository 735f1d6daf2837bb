#include "actors/socketio/broadcast_ack.hpp"

namespace gossamer::socketio {

void broadcast_ack::expect(const key& who) {
  if (!done()) waiting_.insert(who);
}

bool broadcast_ack::answer(const key& who, args given) {
  if (done() || waiting_.erase(who) == 0) return false;
  responses_.push_back({who.socket, std::move(given)});
  finish_if_complete();
  return true;
}

void broadcast_ack::left(const key& who) {
  if (done() || waiting_.erase(who) == 0) return;
  ++left_count_;
  finish_if_complete();
}

void broadcast_ack::seal() {
  sealed_ = true;
  finish_if_complete();
}

void broadcast_ack::expire(time_point now) {
  if (!done() && deadline_ && *deadline_ <= now) status_ = status::timed_out;
}

std::vector<socket_id> broadcast_ack::missing() const {
  std::vector<socket_id> sockets;
  sockets.reserve(waiting_.size());
  for (const auto& who : waiting_) sockets.push_back(who.socket);
  return sockets;
}

void broadcast_ack::finish_if_complete() {
  if (!done() && sealed_ && waiting_.empty()) status_ = status::complete;
}

}  // namespace gossamer::socketio
