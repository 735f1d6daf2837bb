#include "runtime/cluster/pending_requests.hpp"

namespace gossamer::cluster {

error_code pending_requests::start(request_id id, std::span<const member> asked, duration timeout,
                                   time_point now) {
  const auto opened = open_.open(id, now + timeout);
  if (!opened) return opened.error();
  request& r = (*opened)->second;
  for (const member& m : asked) r.members.try_emplace(m.id, asked_member{m, state::waiting, {}});
  r.waiting_count = r.members.size();
  if (r.waiting_count == 0) finish(*opened, false);
  return {};
}

void pending_requests::answer(request_id id, const node_id& from, std::uint32_t part, bool last,
                              message what, std::size_t size_bytes) {
  const auto at = open_.find(id);
  if (!at) {
    ++counters_.late;
    return;
  }
  auto& members = (*at)->second.members;
  const auto found = members.find(from);
  if (found == members.end()) {
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
    return settle(*at, m, state::missing);
  }
  if (!open_.keep(*at, size_bytes + sizeof(message))) {
    ++counters_.too_large;
    return settle(*at, m, state::missing);
  }
  m.parts.push_back(std::move(what));
  if (last) settle(*at, m, state::answered);
}

bool pending_requests::refuse(request_id id, const node_id& from) {
  const auto at = open_.find(id);
  if (!at) return false;
  auto& members = (*at)->second.members;
  const auto found = members.find(from);
  if (found == members.end() || found->second.now != state::waiting) return false;
  settle(*at, found->second, state::missing);
  return true;
}

void pending_requests::member_gone(const node_id& who) {
  open_.for_each([&](open_set::place at) {
    const auto found = at->second.members.find(who);
    if (found != at->second.members.end() && found->second.now == state::waiting) {
      settle(at, found->second, state::gone);
    }
  });
}

void pending_requests::expire(time_point now) {
  while (const auto at = open_.overdue(now)) finish(*at, true);
}

void pending_requests::cancel(request_id id) {
  const auto at = open_.find(id);
  if (at) open_.forget(*at);
}

void pending_requests::settle(open_set::place at, asked_member& m, state as) {
  m.now = as;
  if (--at->second.waiting_count == 0) finish(at, false);
}

void pending_requests::finish(open_set::place at, bool timed_out) {
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
  open_.finish(at, std::move(outcome));
}

}  // namespace gossamer::cluster
