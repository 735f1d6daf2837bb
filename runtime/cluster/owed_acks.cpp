#include "runtime/cluster/owed_acks.hpp"

#include <iterator>

namespace gossamer::cluster {

bool owed_acks::open(const key& k, const node_id& origin, const broadcast_ack& m, time_point now) {
  if (open_.size() >= limits_.entries_max) return false;
  const auto [at, fresh] = open_.try_emplace(k);
  if (!fresh) return false;
  at->second.origin = origin;
  at->second.request = m.request;
  at->second.deadline = now + m.timeout;
  deadlines_.emplace(at->second.deadline, k);
  return true;
}

bool owed_acks::expect(const key& k, const socket_id& socket) {
  const auto at = open_.find(k);
  if (at == open_.end() || at->second.closed) return false;
  if (sockets_ >= limits_.sockets_max) {
    drop(at);
    return false;
  }
  if (!at->second.waiting.insert(socket).second) return true;
  ++at->second.count;
  ++sockets_;
  return true;
}

std::optional<owed_acks::reply> owed_acks::close(const key& k) {
  const auto at = open_.find(k);
  if (at == open_.end() || at->second.closed) return std::nullopt;
  at->second.closed = true;
  const reply said{at->second.origin, ack_expect{at->second.request, at->second.count}};
  if (at->second.waiting.empty()) drop(at);
  return said;
}

std::optional<owed_acks::reply> owed_acks::answer(const key& k, const socket_id& socket, bytes json,
                                                  std::vector<bytes> attachments) {
  const auto to = settle(k, socket);
  if (!to) return std::nullopt;
  return reply{to->first, ack_answer{to->second, socket, std::move(json), std::move(attachments)}};
}

std::optional<owed_acks::reply> owed_acks::left(const key& k, const socket_id& socket) {
  const auto to = settle(k, socket);
  if (!to) return std::nullopt;
  return reply{to->first, ack_left{to->second, socket}};
}

std::optional<std::pair<node_id, request_id>> owed_acks::settle(const key& k,
                                                                const socket_id& socket) {
  const auto at = open_.find(k);
  if (at == open_.end() || at->second.waiting.erase(socket) == 0) {
    ++unasked_;
    return std::nullopt;
  }
  --sockets_;
  const std::pair to{at->second.origin, at->second.request};
  if (at->second.closed && at->second.waiting.empty()) drop(at);
  return to;
}

void owed_acks::origin_gone(const node_id& origin) {
  for (auto at = open_.begin(); at != open_.end();) {
    const auto next = std::next(at);
    if (at->second.origin == origin) drop(at);
    at = next;
  }
}

void owed_acks::expire(time_point now) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    drop(open_.find(deadlines_.begin()->second));
  }
}

time_point owed_acks::deadline() const {
  return deadlines_.empty() ? time_point::max() : deadlines_.begin()->first;
}

void owed_acks::drop(open_map::iterator at) {
  sockets_ -= at->second.waiting.size();
  deadlines_.erase({at->second.deadline, at->first});
  open_.erase(at);
}

}  // namespace gossamer::cluster
