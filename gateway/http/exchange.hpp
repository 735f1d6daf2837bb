// One request and its answer.
//
// Runs on: the lane of its connection, also where the last pointer is dropped; dropped without an
// answer, it answers 500. Owns: the request (until drop_request). An exchange that a handler keeps
// outlives its connection and then does nothing.
// Several exchanges of one connection may be open at once (pipelining); their answers go out in the
// order of the requests, whatever order they are given in.
#pragma once

#include "gateway/http/request.hpp"
#include "gateway/http/response.hpp"

#include <cstdint>
#include <memory>

namespace gossamer::http {

class connection;
class exchange;
class http_protocol;

/// Told when the client goes away before the answer was given. Must outlive the exchange or be
/// taken away by listen(nullptr).
class exchange_listener {
 public:
  virtual void on_abort(exchange& of) = 0;

 protected:
  ~exchange_listener() = default;
};

class exchange {
 public:
  exchange(http_protocol& owner, std::uint32_t number, std::unique_ptr<request> incoming);
  exchange(const exchange&) = delete;
  exchange& operator=(const exchange&) = delete;
  ~exchange();

  /// The request. Not after drop_request().
  [[nodiscard]] request& req() { return *request_; }
  [[nodiscard]] const request& req() const { return *request_; }
  /// Frees the request: a poll that waits for minutes is to be small.
  void drop_request() { request_.reset(); }
  [[nodiscard]] bool has_request() const { return request_ != nullptr; }

  /// Answers. Once: a second answer, and one after the client has gone, does nothing.
  void respond(response&& answer);
  /// At most one listener; nullptr takes it away.
  void listen(exchange_listener* listener) { listener_ = listener; }

  /// True until it is answered, hijacked or the client has gone.
  [[nodiscard]] bool open() const { return owner_ != nullptr; }
  [[nodiscard]] bool is_upgrade() const { return upgrade_; }
  /// Its connection; nullptr once it is answered, hijacked or the client has gone.
  [[nodiscard]] connection* connection_or_null() const;

  /// HTTP lets go of the connection: the caller sends what it likes (101 first), then calls
  /// connection.become(). Only for an open exchange with is_upgrade(); bytes that came after the
  /// request are delivered to the new protocol at the end of the turn.
  /// Returns nullptr if the client has gone or earlier answers are still due.
  [[nodiscard]] connection* hijack();

 private:
  friend class http_protocol;
  void client_gone(bool tell);

  http_protocol* owner_;  // nullptr once answered, hijacked or gone
  std::unique_ptr<request> request_;
  exchange_listener* listener_ = nullptr;
  std::uint32_t number_;  // which request of its connection this is
  bool upgrade_;
};

}  // namespace gossamer::http
