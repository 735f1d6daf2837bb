#include "runtime/cluster/ack_gatherer.hpp"

namespace gossamer::cluster {

error_code ack_gatherer::start(request_id id, std::span<const member> asked, duration timeout,
                               time_point now) {
  const auto opened = open_.open(id, now + timeout);
  if (!opened) return opened.error();
  collection& c = (*opened)->second;
  c.result.id = id;
  for (const member& m : asked) c.nodes[m.id].who = m;
  c.open_nodes = c.nodes.size();
  if (c.open_nodes == 0) finish(*opened, false);
  return {};
}

/// The node, if this collection still waits for it; counts why not.
ack_gatherer::asked_node* ack_gatherer::waited(const place& at, const node_id& from) {
  if (!at) {
    ++counters_.late;
    return nullptr;
  }
  auto& nodes = (*at)->second.nodes;
  const auto found = nodes.find(from);
  if (found == nodes.end()) {
    ++counters_.strangers;
    return nullptr;
  }
  if (found->second.done()) {
    ++counters_.duplicates;
    return nullptr;
  }
  return &found->second;
}

/// Counts the socket once. A node that overflows our memory with sockets is no longer waited for.
bool ack_gatherer::settle(open_set::place at, asked_node& n, const socket_id& socket) {
  if (n.settled.contains(socket)) {
    ++counters_.duplicates;
    return false;
  }
  if (!open_.keep(at, bytes_per_socket)) {
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
  check_done(*at, *n);
}

void ack_gatherer::answer(ack_answer m, const node_id& from) {
  const auto at = open_.find(m.request);
  asked_node* n = waited(at, from);
  if (n == nullptr) return;
  if (settle(*at, *n, m.socket)) {
    std::size_t size = m.json.size();
    for (const bytes& one : m.attachments) size += one.size();
    if (open_.keep(*at, size)) {
      (*at)->second.result.answers.push_back(std::move(m));
    } else {
      ++counters_.too_large;
      ++(*at)->second.result.dropped_count;
    }
  }
  check_done(*at, *n);
}

void ack_gatherer::left(const ack_left& m, const node_id& from) {
  const auto at = open_.find(m.request);
  asked_node* n = waited(at, from);
  if (n == nullptr) return;
  if (settle(*at, *n, m.socket)) ++(*at)->second.result.left_count;
  check_done(*at, *n);
}

bool ack_gatherer::refuse(request_id id, const node_id& from) {
  const auto at = open_.find(id);
  if (!at) return false;
  auto& nodes = (*at)->second.nodes;
  const auto found = nodes.find(from);
  if (found == nodes.end() || found->second.done()) return false;
  found->second.refused = true;
  check_done(*at, found->second);
  return true;
}

void ack_gatherer::member_gone(const node_id& who) {
  open_.for_each([&](open_set::place at) {
    const auto found = at->second.nodes.find(who);
    if (found != at->second.nodes.end() && !found->second.done()) {
      found->second.gone = true;
      check_done(at, found->second);
    }
  });
}

void ack_gatherer::expire(time_point now) {
  while (const auto at = open_.overdue(now)) finish(*at, true);
}

/// `n` was not done before.
void ack_gatherer::check_done(open_set::place at, const asked_node& n) {
  if (n.done() && --at->second.open_nodes == 0) finish(at, false);
}

void ack_gatherer::finish(open_set::place at, bool timed_out) {
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
  ack_outcome ended = std::move(out);
  open_.finish(at, std::move(ended));
}

}  // namespace gossamer::cluster
