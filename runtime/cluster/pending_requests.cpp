#include "runtime/cluster/pending_requests.hpp"

#include "runtime/base/check.hpp"

#include <iterator>

namespace gossamer::cluster {

error_code pending_requests::start(request_id id, std::span<const member> asked, duration timeout,
                                   time_point now) {
  if (open_.size() >= limits_.requests_max) return errc::too_many_requests;
  const auto [at, fresh] = open_.try_emplace(id);
  GOSSAMER_CHECK(fresh);
  request& r = at->second;
  r.deadline = now + timeout;
  for (const member& m : asked) r.members.try_emplace(m.id, asked_member{m, state::waiting, {}});
  r.waiting_count = r.members.size();
  deadlines_.emplace(r.deadline, id);
  if (r.waiting_count == 0) finish(at, false);
  return {};
}

bool pending_requests::keep(request& r, std::size_t size_bytes) {
  if (size_bytes > limits_.bytes_max - kept_bytes_) return false;
  r.kept_bytes += size_bytes;
  kept_bytes_ += size_bytes;
  return true;
}

void pending_requests::answer(request_id id, const node_id& from, std::uint32_t part, bool last,
                              message what, std::size_t size_bytes) {
  const auto at = open_.find(id);
  if (at == open_.end()) {
    ++counters_.late;
    return;
  }
  const auto found = at->second.members.find(from);
  if (found == at->second.members.end()) {
    ++counters_.strangers;
    return;
  }
  asked_member& m = found->second;
  if (m.now != state::waiting || part < m.parts.size()) {
    ++counters_.duplicates;
    return;
  }
  if (part > m.parts.size()) {
    ++counters_.gaps;
    return settle(at, m, state::missing);
  }
  if (!keep(at->second, size_bytes + sizeof(message))) {
    ++counters_.too_large;
    return settle(at, m, state::missing);
  }
  m.parts.push_back(std::move(what));
  if (last) settle(at, m, state::answered);
}

bool pending_requests::refuse(request_id id, const node_id& from) {
  const auto at = open_.find(id);
  if (at == open_.end()) return false;
  const auto found = at->second.members.find(from);
  if (found == at->second.members.end() || found->second.now != state::waiting) return false;
  settle(at, found->second, state::missing);
  return true;
}

void pending_requests::member_gone(const node_id& who) {
  for (auto at = open_.begin(); at != open_.end();) {
    const auto next = std::next(at);
    const auto found = at->second.members.find(who);
    if (found != at->second.members.end() && found->second.now == state::waiting) {
      settle(at, found->second, state::gone);
    }
    at = next;
  }
}

void pending_requests::expire(time_point now) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    finish(open_.find(deadlines_.begin()->second), true);
  }
}

void pending_requests::cancel(request_id id) {
  const auto at = open_.find(id);
  if (at != open_.end()) forget(at);
}

time_point pending_requests::deadline() const {
  return deadlines_.empty() ? time_point::max() : deadlines_.begin()->first;
}

void pending_requests::settle(open_map::iterator at, asked_member& m, state as) {
  m.now = as;
  if (--at->second.waiting_count == 0) finish(at, false);
}

void pending_requests::finish(open_map::iterator at, bool timed_out) {
  request_outcome outcome;
  outcome.id = at->first;
  outcome.timed_out = timed_out;
  for (auto& [id, m] : at->second.members) {
    switch (m.now) {
      case state::gone: outcome.gone.push_back(m.who); break;
      case state::waiting:
      case state::missing: outcome.missing.push_back(m.who); break;
      case state::answered: break;
    }
    // Parts that did come are part of the partial result.
    if (!m.parts.empty()) outcome.answers.push_back({std::move(m.who), std::move(m.parts)});
  }
  outcome.complete = outcome.missing.empty();
  forget(at);
  finished_.push_back(std::move(outcome));
}

void pending_requests::forget(open_map::iterator at) {
  kept_bytes_ -= at->second.kept_bytes;
  deadlines_.erase({at->second.deadline, at->first});
  open_.erase(at);
}

}  // namespace gossamer::cluster
