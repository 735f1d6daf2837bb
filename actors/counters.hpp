// What is counted of Socket.IO: written by one lane, read from any thread.
#pragma once

#include "actors/include/gossamer/disconnect_reason.hpp"
#include "runtime/lanes/lane_counter.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace gossamer::detail {

inline constexpr std::size_t disconnect_reasons = 9;

/// Of one lane.
struct alignas(64) lane_counts {
  lane_counter events_received;
  lane_counter events_sent;        // each receiver of a broadcast is one
  lane_counter volatile_dropped;   // the receiver was not ready
  lane_counter ack_table_full;     // events with ack that were not sent
  lane_counter ordered_overflows;  // events of clients; the client was closed
  lane_counter unfinished_bytes;   // now, of packets whose attachments are missing
  lane_counter unfinished_closed;  // clients that had to go for them
  lane_counter sockets_admitted;
  lane_counter sockets_refused;  // CONNECT_ERROR
  lane_counter acks_expected, acks_answered, acks_expired, acks_abandoned;
  std::array<lane_counter, disconnect_reasons> disconnects;
};

/// A namespace in numbers. That of a parent stands for all its children.
struct nsp_counts {
  std::string name;
  std::size_t sockets = 0;
  std::size_t rooms = 0;  // with members; a socket's own is none of them
};

}  // namespace gossamer::detail
