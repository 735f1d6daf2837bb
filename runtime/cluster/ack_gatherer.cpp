#include "runtime/cluster/ack_gatherer.hpp"

#include "runtime/base/check.hpp"

#include <iterator>

namespace gossamer::cluster {

error_code ack_gatherer::start(request_id id, std::span<const member> asked, duration timeout,
                               time_point now) {
  if (open_.size() >= limits_.requests_max) return errc::too_many_requests;
  const auto [at, fresh] = open_.try_emplace(id);
  GOSSAMER_CHECK(fresh);
  collection& c = at->second;
  c.deadline = now + timeout;
  c.result.id = id;
  for (const member& m : asked) c.nodes[m.id].who = m;
  c.open_nodes = c.nodes.size();
  deadlines_.emplace(c.deadline, id);
  if (c.open_nodes == 0) finish(at, false);
  return {};
}

/// The node, if this collection still waits for it; counts why not.
ack_gatherer::asked_node* ack_gatherer::waited(open_map::iterator at, const node_id& from) {
  if (at == open_.end()) {
    ++counters_.late;
    return nullptr;
  }
  const auto found = at->second.nodes.find(from);
  if (found == at->second.nodes.end()) {
    ++counters_.strangers;
    return nullptr;
  }
  if (found->second.done()) {
    ++counters_.duplicates;
    return nullptr;
  }
  return &found->second;
}

bool ack_gatherer::keep(collection& c, std::size_t size_bytes) {
  if (size_bytes > limits_.bytes_max - kept_bytes_) return false;
  c.kept_bytes += size_bytes;
  kept_bytes_ += size_bytes;
  return true;
}

/// Counts the socket once. A node that overflows our memory with sockets is no longer waited for.
bool ack_gatherer::settle(open_map::iterator at, asked_node& n, const socket_id& socket) {
  if (n.settled.contains(socket)) {
    ++counters_.duplicates;
    return false;
  }
  if (!keep(at->second, bytes_per_socket)) {
    ++counters_.too_large;
    n.refused = true;
    return false;
  }
  n.settled.insert(socket);
  return true;
}

void ack_gatherer::expect(const ack_expect& m, const node_id& from) {
  const auto at = open_.find(m.request);
  asked_node* n = waited(at, from);
  if (n == nullptr) return;
  if (n->expected) {
    ++counters_.duplicates;
    return;
  }
  n->expected = m.count;
  check_done(at, *n);
}

void ack_gatherer::answer(ack_answer m, const node_id& from) {
  const auto at = open_.find(m.request);
  asked_node* n = waited(at, from);
  if (n == nullptr) return;
  if (settle(at, *n, m.socket)) {
    std::size_t size = m.json.size();
    for (const bytes& one : m.attachments) size += one.size();
    if (keep(at->second, size)) {
      at->second.result.answers.push_back(std::move(m));
    } else {
      ++counters_.too_large;
      ++at->second.result.dropped_count;
    }
  }
  check_done(at, *n);
}

void ack_gatherer::left(const ack_left& m, const node_id& from) {
  const auto at = open_.find(m.request);
  asked_node* n = waited(at, from);
  if (n == nullptr) return;
  if (settle(at, *n, m.socket)) ++at->second.result.left_count;
  check_done(at, *n);
}

bool ack_gatherer::refuse(request_id id, const node_id& from) {
  const auto at = open_.find(id);
  if (at == open_.end()) return false;
  const auto found = at->second.nodes.find(from);
  if (found == at->second.nodes.end() || found->second.done()) return false;
  found->second.refused = true;
  check_done(at, found->second);
  return true;
}

void ack_gatherer::member_gone(const node_id& who) {
  for (auto at = open_.begin(); at != open_.end();) {
    const auto next = std::next(at);
    const auto found = at->second.nodes.find(who);
    if (found != at->second.nodes.end() && !found->second.done()) {
      found->second.gone = true;
      check_done(at, found->second);
    }
    at = next;
  }
}

void ack_gatherer::expire(time_point now) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    finish(open_.find(deadlines_.begin()->second), true);
  }
}

time_point ack_gatherer::deadline() const {
  return deadlines_.empty() ? time_point::max() : deadlines_.begin()->first;
}

/// `n` was not done before.
void ack_gatherer::check_done(open_map::iterator at, const asked_node& n) {
  if (n.done() && --at->second.open_nodes == 0) finish(at, false);
}

void ack_gatherer::finish(open_map::iterator at, bool timed_out) {
  collection& c = at->second;
  ack_outcome& out = c.result;
  out.timed_out = timed_out;
  for (auto& [id, n] : c.nodes) {
    if (n.gone) {
      out.gone.push_back(std::move(n.who));
    } else if (n.refused || !n.done()) {
      std::optional<std::uint32_t> owed;
      if (n.expected) owed = *n.expected - static_cast<std::uint32_t>(n.settled.size());
      out.missing.push_back({std::move(n.who), owed});
    }
  }
  out.complete = out.missing.empty() && out.dropped_count == 0;
  finished_.push_back(std::move(out));
  kept_bytes_ -= c.kept_bytes;
  deadlines_.erase({c.deadline, at->first});
  open_.erase(at);
}

}  // namespace gossamer::cluster
