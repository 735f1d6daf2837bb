// What nodes say to each other, as values; `docs/wire/cluster.md` gives their bytes.
//
// A message with a `request` is a question or part of an answer: the asker chooses the number,
// whoever is asked repeats it. All travel in order on the one link between two nodes.
#pragma once

#include "runtime/base/bytes.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"
#include "runtime/cluster/event_image.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace gossamer::cluster {

/// Unique for one boot of the asker.
enum class request_id : std::uint64_t {};

/// Sockets of a namespace: the members of any of `rooms` (all, if there are none) that are in none
/// of `except`. A socket's own id is one of its rooms.
struct selection {
  std::vector<std::string> rooms;
  std::vector<std::string> except;
  bool operator==(const selection&) const = default;
};

/// `from` is the id of the socket whose handler emitted it, for actors in the room; or empty.
struct broadcast {
  event_image image;
  selection to;
  std::string from;  // since version 2
  bool operator==(const broadcast&) const = default;
};

/// The same, and every client is asked for an answer: one ack_expect, and for each socket that it
/// counts one ack_answer or ack_left.
struct broadcast_ack {
  request_id request{};
  milliseconds timeout{};
  event_image image;
  selection to;
  std::string from;  // since version 2
  bool operator==(const broadcast_ack&) const = default;
};

/// So many sockets of the sender's node were asked. Answers may come before it.
struct ack_expect {
  request_id request{};
  std::uint32_t count = 0;
  bool operator==(const ack_expect&) const = default;
};

/// A client's answer: the JSON text of its arguments, an array.
struct ack_answer {
  request_id request{};
  socket_id socket;
  bytes json;
  std::vector<bytes> attachments;
  bool operator==(const ack_answer&) const = default;
};

/// The socket is gone, or its time is over: it will not answer.
struct ack_left {
  request_id request{};
  socket_id socket;
  bool operator==(const ack_left&) const = default;
};

struct sockets_join {
  std::string nsp;
  selection which;
  std::vector<std::string> rooms;
  bool operator==(const sockets_join&) const = default;
};

struct sockets_leave {
  std::string nsp;
  selection which;
  std::vector<std::string> rooms;
  bool operator==(const sockets_leave&) const = default;
};

struct sockets_disconnect {
  std::string nsp;
  selection which;
  bool close = false;
  bool operator==(const sockets_disconnect&) const = default;
};

struct fetch_sockets {
  request_id request{};
  std::string nsp;
  selection which;
  bool operator==(const fetch_sockets&) const = default;
};

/// A socket as another node sees it: a snapshot.
struct found_socket {
  socket_id id;
  std::vector<std::string> rooms;
  bytes data_json;
  bytes handshake_json;
  bool operator==(const found_socket&) const = default;
};

/// Part `part` (from 0) of the answer to fetch_sockets.
struct sockets_found {
  request_id request{};
  std::uint32_t part = 0;
  bool last = true;
  std::vector<found_socket> sockets;
  bool operator==(const sockets_found&) const = default;
};

/// An event for the namespace's server-side handlers.
struct server_emit {
  event_image image;
  bool operator==(const server_emit&) const = default;
};

struct server_emit_ack {
  request_id request{};
  milliseconds timeout{};
  event_image image;
  bool operator==(const server_emit_ack&) const = default;
};

/// What a handler of another node answered.
struct server_answer {
  request_id request{};
  bytes json;
  std::vector<bytes> attachments;
  bool operator==(const server_answer&) const = default;
};

struct count_sockets {
  request_id request{};
  std::string nsp;
  selection which;
  bool operator==(const count_sockets&) const = default;
};

struct socket_count {
  request_id request{};
  std::uint64_t count = 0;
  bool operator==(const socket_count&) const = default;
};

/// The node that was asked will not answer. It names the reason for the log.
struct refused {
  request_id request{};
  std::string reason;
  bool operator==(const refused&) const = default;
};

/// A client's request for a session of the receiver: head and body as they came. `stream` is
/// chosen by the sender and names the exchange in the messages that follow, in both directions.
struct forward_open {
  std::uint64_t stream = 0;
  session_id session;
  std::string remote_address;
  bytes head;
  bytes body;
  bool operator==(const forward_open&) const = default;
};

/// The response; status 101 opens a relayed WebSocket.
struct forward_answer {
  std::uint64_t stream = 0;
  std::uint16_t status = 0;
  bytes head;
  bytes body;
  bool operator==(const forward_answer&) const = default;
};

/// One WebSocket message of a relayed connection.
struct forward_data {
  std::uint64_t stream = 0;
  bool binary = false;
  bytes payload;
  bool operator==(const forward_data&) const = default;
};

/// The receiver of data has passed on this many bytes in all.
struct forward_credit {
  std::uint64_t stream = 0;
  std::uint64_t total_bytes = 0;
  bool operator==(const forward_credit&) const = default;
};

struct forward_close {
  std::uint64_t stream = 0;
  std::uint16_t code = 0;
  bool operator==(const forward_close&) const = default;
};

/// Bytes of another layer that must keep their place in the order of the link.
enum class layer : std::uint8_t { membership = 1, directory = 2, actors = 3 };
struct carried {
  layer whose = layer::directory;
  bytes payload;
  bool operator==(const carried&) const = default;
};

/// Of the link itself: everything before message number `position` of this session is consumed or
/// lost; `lost` of them never came. Repeats nothing but the newest state, so that a lost one does
/// no harm.
struct credit {
  std::uint64_t session = 0;
  std::uint64_t position = 0;
  std::uint64_t lost = 0;
  bool operator==(const credit&) const = default;
};

/// Of the link itself: the sender has sent messages up to `position` and waits for credit.
struct credit_query {
  std::uint64_t session = 0;
  std::uint64_t position = 0;
  bool operator==(const credit_query&) const = default;
};

using message =
    std::variant<broadcast, broadcast_ack, ack_expect, ack_answer, ack_left, sockets_join,
                 sockets_leave, sockets_disconnect, fetch_sockets, sockets_found, server_emit,
                 server_emit_ack, server_answer, count_sockets, socket_count, refused, forward_open,
                 forward_answer, forward_data, forward_credit, forward_close, carried, credit,
                 credit_query>;

}  // namespace gossamer::cluster
