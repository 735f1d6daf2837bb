// A request that waits at its front for an answer.
#pragma once

#include "actors/ports/connection.hpp"
#include "gateway/engineio/request.hpp"
#include "gateway/http/compression.hpp"
#include "gateway/http/exchange.hpp"
#include "gateway/transport/front.hpp"
#include "gateway/transport/middleware.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace gossamer::transport {

/// Runs on: its lane. Owned by its front. A POST has no exchange until its body is there.
class front::waiting final : private http::exchange_listener {
 public:
  waiting(front& owner, std::uint64_t number, const engineio::request& wants)
      : asked(wants), owner_(owner), number_(number) {}
  waiting(const waiting&) = delete;
  waiting& operator=(const waiting&) = delete;
  ~waiting() {
    if (exchange_ != nullptr) exchange_->listen(nullptr);
  }

  [[nodiscard]] std::uint64_t number() const { return number_; }
  void attach(std::shared_ptr<http::exchange> incoming) {
    exchange_ = std::move(incoming);
    exchange_->listen(this);
  }
  [[nodiscard]] bool attached() const { return exchange_ != nullptr; }
  [[nodiscard]] http::exchange& exchange() { return *exchange_; }
  [[nodiscard]] std::shared_ptr<http::exchange> release() {
    exchange_->listen(nullptr);
    return std::move(exchange_);
  }

  /// An answer that was given before the body was there. The first one counts.
  void keep(http::response&& early) {
    if (kept_ == nullptr) kept_ = std::make_unique<http::response>(std::move(early));
  }
  [[nodiscard]] std::unique_ptr<http::response> take_kept() { return std::move(kept_); }

  engineio::request asked;
  http::header_fields more;                         // goes out with the answer
  std::shared_ptr<const handshake_info> handshake;  // while allow_request decides
  http::coding coding = http::coding::identity;     // of an answer that may be compressed
  /// Until the session's owner has the request, while middlewares may need it.
  const http::request* head = nullptr;
  const middleware_list::version* middlewares = nullptr;  // null: there are none
  std::uint32_t middlewares_asked = 0;
  bool undecided = false;  // the last one that was asked decides later
  bool is_post = false;    // of a session: it begins before its body is there
  bool octet_stream = false;
  bool at_owner = false;

 private:
  void on_abort(http::exchange&) override { owner_.aborted(number_); }

  front& owner_;
  std::uint64_t number_;
  std::shared_ptr<http::exchange> exchange_;
  std::unique_ptr<http::response> kept_;
};

}  // namespace gossamer::transport
