// Ports of HTTP: who chooses the handler of a request, and who handles it.
//
// The choice is made as soon as the head is there, so that each route has its own body limit: a
// larger body is refused with 413 before it is read.
#pragma once

#include <cstddef>
#include <memory>

namespace gossamer::http {

class exchange;
struct request;

/// Handles complete requests. Runs on: the lane of the connection, so several lanes at once.
class request_handler {
 public:
  virtual ~request_handler() = default;
  /// The request with its body. Answer with exchange::respond, now or later; keep the pointer as
  /// long as needed. Dropping the last pointer without an answer answers 500.
  virtual void on_request(std::shared_ptr<exchange> incoming) = 0;
};

/// Which handler gets a request, and how large its body may be.
struct route_choice {
  std::shared_ptr<request_handler> handler;  // never null
  std::size_t body_bytes_max = 0;
};

/// Chooses. Any thread; several at once.
class route_table {
 public:
  virtual ~route_table() = default;
  /// `head` is complete but for its body.
  [[nodiscard]] virtual route_choice choose(const request& head) = 0;
};

}  // namespace gossamer::http
