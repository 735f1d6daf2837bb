// The bounds of every queue and every input, in one place, with what happens at the bound.
//
// Sizes are bytes, counts are counts. Values that an operator may change are options of the server;
// what stands here is the default or the fixed limit.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gossamer::limits {

// Lanes. A lane's delivery queue: at the bound the lanes that feed it stop reading from their
// clients, volatile deliveries are dropped and counted, other senders get `errc::lane_full`.
inline constexpr std::size_t lane_inbox_bytes_max = 64U << 20U;

// HTTP. A request line and header fields: over it, 431 and close.
inline constexpr std::size_t http_head_bytes_max = 16U << 10U;
inline constexpr std::size_t http_header_fields_max = 100;
// Requests that wait on one keep-alive connection behind the one being served: over it, reading
// stops.
inline constexpr std::size_t http_pipeline_max = 16;
// Time for a whole head, and then for a whole body, to arrive: over it, 408 and close.
inline constexpr std::uint32_t http_head_ms_max = 10'000;
inline constexpr std::uint32_t http_body_ms_max = 30'000;
// An idle keep-alive connection is closed after this time.
inline constexpr std::uint32_t http_idle_ms_max = 75'000;

// Engine.IO. Packets in one polling payload: over it, the session is closed with `parse error`.
inline constexpr std::size_t payload_packets_max = 10'000;
// A closed polling session waits this long for the GET that fetches its close packet.
inline constexpr std::uint32_t polling_close_ms = 30'000;
// While an upgrade is probed, a waiting poll is ended with a noop at this pace.
inline constexpr std::uint32_t upgrade_noop_ms = 100;

// WebSocket. Frames in one message: over it, close 1009.
inline constexpr std::size_t websocket_fragments_max = 16'384;

// Socket.IO.
inline constexpr std::size_t attachments_max = 10;              // over it, the connection is closed
inline constexpr std::size_t json_depth_max = 512;              // over it, the connection is closed
inline constexpr std::size_t event_name_bytes_max = 4096;       // over it, the connection is closed
inline constexpr std::size_t namespace_bytes_max = 512;         // over it, the connection is closed
inline constexpr std::size_t namespaces_per_client_max = 1024;  // over it, CONNECT_ERROR
inline constexpr std::size_t acks_per_socket_max = 65'536;      // over it, the emit fails

// Outgoing bytes of one client: over the soft limit volatile is dropped; over the hard limit the
// client is closed if it took no byte for `stall_ms`, and at the absolute cap at once. One message
// larger than the limit is allowed on an empty queue.
inline constexpr std::size_t send_soft_bytes = 256U << 10U;
inline constexpr std::size_t send_hard_bytes = 4U << 20U;
inline constexpr std::size_t send_cap_bytes = 64U << 20U;
inline constexpr std::uint32_t send_stall_ms = 5'000;

}  // namespace gossamer::limits
