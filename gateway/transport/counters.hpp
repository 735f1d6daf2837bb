// What is counted: written by one lane, read from any thread.
#pragma once

#include "gateway/engineio/close_cause.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace gossamer::transport {

inline constexpr std::size_t refusal_codes = 6;  // Engine.IO's error codes 0 to 5

/// A snapshot of all lanes together.
struct engine_stats {
  std::uint64_t polling = 0;    // open sessions on that transport
  std::uint64_t websocket = 0;  // the same
  std::uint64_t opened = 0;
  std::uint64_t upgraded = 0;
  std::uint64_t upgrades_failed = 0;
  std::uint64_t forwarded = 0;         // requests that went to another lane
  std::uint64_t websockets_moved = 0;  // connections that moved to their session's lane
  std::uint64_t websockets_relayed = 0;
  std::uint64_t packets_received = 0;   // of Engine.IO, but for those of refused requests
  std::uint64_t packets_sent = 0;       // queued for a client; not what only ends a poll
  std::uint64_t outbox_bytes = 0;       // waiting for polls now
  std::uint64_t slow_client_bytes = 0;  // thrown away with clients over their budget
  std::array<std::uint64_t, refusal_codes> refused{};               // by error code
  std::array<std::uint64_t, engineio::close_cause_count> closed{};  // by close_cause
  [[nodiscard]] std::uint64_t sessions() const { return polling + websocket; }
};

/// One number with one writer.
class counter {
 public:
  void add(std::uint64_t n = 1) noexcept { set(read() + n); }
  void subtract(std::uint64_t n = 1) noexcept { set(read() - n); }
  [[nodiscard]] std::uint64_t read() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }

 private:
  void set(std::uint64_t n) noexcept { value_.store(n, std::memory_order_relaxed); }
  std::atomic<std::uint64_t> value_{0};
};

struct lane_counters {
  counter polling, websocket, opened, upgraded, upgrades_failed, forwarded, websockets_moved,
      websockets_relayed, packets_received, packets_sent, outbox_bytes, slow_client_bytes;
  std::array<counter, refusal_codes> refused;
  std::array<counter, engineio::close_cause_count> closed;

  void add_to(engine_stats& sum) const {
    sum.polling += polling.read();
    sum.websocket += websocket.read();
    sum.opened += opened.read();
    sum.upgraded += upgraded.read();
    sum.upgrades_failed += upgrades_failed.read();
    sum.forwarded += forwarded.read();
    sum.websockets_moved += websockets_moved.read();
    sum.websockets_relayed += websockets_relayed.read();
    sum.packets_received += packets_received.read();
    sum.packets_sent += packets_sent.read();
    sum.outbox_bytes += outbox_bytes.read();
    sum.slow_client_bytes += slow_client_bytes.read();
    for (std::size_t i = 0; i < refused.size(); ++i) sum.refused[i] += refused[i].read();
    for (std::size_t i = 0; i < closed.size(); ++i) sum.closed[i] += closed[i].read();
  }
};

}  // namespace gossamer::transport
