// What travels between the lane of a connection (the front) and the lane of a session (the owner).
//
//     front                                   owner
//       | --- session_request: poll ----------> |
//       | --- session_request: post_begins ---> |   as soon as the head is there
//       | --- session_request: post_body -----> |
//       | --- session_request: aborted -------> |   the client gave the request up
//       | <-- session_answer ------------------ |   the front's exchange answers with it
//
// Requests of one connection may belong to many sessions, and the connection stays where it is.
// Plain data: both also describe a request that goes to another node.
#pragma once

#include "gateway/engineio/request.hpp"
#include "gateway/http/response.hpp"
#include "runtime/base/ids.hpp"

#include <cstdint>
#include <string>

namespace gossamer::transport {

/// Names a request that waits at its front. Never used twice; 0 is none.
struct request_key {
  std::uint64_t number = 0;
  lane_index front{};
  bool operator==(const request_key&) const = default;
  [[nodiscard]] bool none() const { return number == 0; }
};

struct session_request {
  enum class kind : std::uint8_t { poll, post_begins, post_body, other_method, aborted };
  kind what = kind::poll;
  bool octet_stream = false;
  request_key from;
  engineio::request asked;  // with a sid
  std::string body;
};

struct session_answer {
  request_key to;
  http::response content;
};

}  // namespace gossamer::transport
