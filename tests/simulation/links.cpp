// The links of the world: ordered streams between two machines.
#include "tests/simulation/world.hpp"

#include <algorithm>

namespace gossamer::simulation {

world::stream& world::stream_of(std::size_t from, std::size_t to) {
  return streams_[(static_cast<std::uint64_t>(from) << 32U) | to];
}

void world::post_link(std::size_t from, const address& to, std::string bytes) {
  ++traffic_.link_messages;
  traffic_.link_bytes += bytes.size() + 40;
  const std::size_t target = machine_at(to);
  if (target == machines_.size() || target == from) return;
  stream& s = stream_of(from, target);
  if (s.queue.size() >= link_queue_max) {
    break_link(from, target, true);
    return;
  }
  if (s.queue.empty()) s.head_since = now_;
  s.queue.push_back(std::move(bytes));
  if (!s.busy) pump(from, target);
}

/// Sends what waits, message by message, until one is lost; that one is tried again later.
void world::pump(std::size_t from, std::size_t to) {
  stream& s = stream_of(from, to);
  s.busy = false;
  while (!s.queue.empty()) {
    const bool refused = network_.reaches(from, to) && network_.reaches(to, from) && !is_up(to);
    if (refused || now_ - s.head_since > link_patience) {
      break_link(from, to, true);
      return;
    }
    const bool through = network_.reaches(from, to) && network_.reaches(to, from) &&
                         !network_.chance(network_.now.loss) && !network_.chance(network_.now.loss);
    if (!through) {
      const auto backoff = milliseconds(200) * (1 << std::min<std::size_t>(s.attempts++, 4));
      s.busy = true;
      at(now_ + backoff, [this, from, to, generation = s.generation] {
        if (stream_of(from, to).generation == generation) pump(from, to);
      });
      return;
    }
    s.attempts = 0;
    const duration slow = is_up(to) ? network_.latency() : duration{};
    s.last_arrival = std::max(s.last_arrival, now_ + slow);
    at(s.last_arrival,
       [this, from, to, generation = s.generation, bytes = std::move(s.queue.front())]() mutable {
         if (stream_of(from, to).generation == generation) {
           arrive(to, {from, parcel_kind::over_link, std::move(bytes)});
         }
       });
    s.queue.pop_front();
    s.head_since = now_;
  }
}

/// Both directions break together; each end that runs hears of it.
void world::break_link(std::size_t from, std::size_t to, bool tell_sender) {
  for (const auto& [a, b] : {std::pair{from, to}, std::pair{to, from}}) {
    stream& s = stream_of(a, b);
    const std::uint64_t generation = s.generation + 1;
    s = stream{};
    s.generation = generation;
  }
  if (tell_sender) lose(from, to);
  lose(to, from);
}

void world::break_links_of(std::size_t index) {
  std::vector<std::size_t> peers;
  for (const auto& [key, s] : streams_) {
    if (key >> 32U == index) peers.push_back(key & 0xffffffffU);
    if ((key & 0xffffffffU) == index) peers.push_back(key >> 32U);
  }
  std::sort(peers.begin(), peers.end());
  peers.erase(std::unique(peers.begin(), peers.end()), peers.end());
  for (const std::size_t peer : peers) break_link(index, peer, false);
}

/// At once, but not within the call that broke it.
void world::lose(std::size_t at_machine, std::size_t peer) {
  at(now_, [this, at_machine, peer, boot = boot_of(at_machine)] {
    if (boot_of(at_machine) == boot) arrive(at_machine, {peer, parcel_kind::link_lost, {}});
  });
}

}  // namespace gossamer::simulation
