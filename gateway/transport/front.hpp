// The front's side of an engine on one lane: requests of this lane's connections, until they are
// answered.
//
//     request -> middlewares -> checks without a session -+-> has a sid: to the session's owner
//                                                         +-> handshake: allow_request -> session
//
// Runs on: its lane. Owns: the exchanges that wait for an answer. A connection never leaves its
// lane, but for a plain WebSocket that joins a session of another lane.
#pragma once

#include "gateway/http/compression.hpp"
#include "gateway/http/exchange.hpp"
#include "gateway/http/handler.hpp"
#include "gateway/transport/counters.hpp"
#include "gateway/transport/lane_sessions.hpp"
#include "gateway/transport/messages.hpp"
#include "gateway/transport/options.hpp"
#include "gateway/transport/session_owner.hpp"
#include "runtime/base/result.hpp"
#include "runtime/lanes/lane.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

namespace gossamer::transport {

class engine;

class front {
 public:
  front(engine& owner, lane& home, lane_sessions& sessions, session_owner& owners,
        lane_counters& counters);
  front(const front&) = delete;
  front& operator=(const front&) = delete;
  ~front();

  /// A complete request, other than a POST with a sid.
  void on_request(std::shared_ptr<http::exchange> incoming);

  /// The head of a POST with a sid: its session is told at once, so that a WebSocket cannot
  /// overtake it. The result takes the body.
  [[nodiscard]] std::shared_ptr<http::request_handler> post_begins(const http::request& head);

  /// The owner's answer. Does nothing if the request is not there any more.
  void answer(std::uint64_t number, http::response&& content);
  /// The application's answer to allow_request.
  void decided(std::uint64_t number, bool allowed, const std::string& refusal_text);
  /// What a middleware has decided.
  void resume(std::uint64_t number, middleware_outcome&& outcome);
  /// Answers 503 to everything that waits for a decision of the application.
  void stop_undecided();

 private:
  class waiting;
  class post_in_flight;
  friend class waiting;
  friend class post_in_flight;
  using waiting_map = std::unordered_map<std::uint64_t, std::unique_ptr<waiting>>;

  waiting& add(std::shared_ptr<http::exchange> incoming, const engineio::request& asked);
  void post_body(std::uint64_t number, std::shared_ptr<http::exchange> incoming);
  void aborted(std::uint64_t number);
  void to_owner(waiting& asks, session_request::kind what);
  void drop_body(std::uint64_t number, const engineio::request& wants);
  void tell_aborted(std::uint64_t number, const engineio::request& wants);
  [[nodiscard]] const middleware_list::version* middlewares() const;
  [[nodiscard]] bool passes(waiting& asks);
  [[nodiscard]] std::optional<middleware_outcome> outcome_of(const middleware& one, waiting& asks);
  [[nodiscard]] std::optional<middleware_outcome> ask_later(const middleware& one, waiting& asks);
  [[nodiscard]] bool takes(waiting& asks, middleware_outcome&& outcome);
  void go_on(waiting& asks);
  void announce_post(waiting& asks);
  void deliver_body(waiting& asks);
  [[nodiscard]] http::coding coding_for(const http::request& head) const;
  void add_headers(const http::request& head, waiting& asks);
  [[nodiscard]] result<void> accept_extensions(const http::request& head,
                                               std::string& answer) const;
  void handshake(waiting& asks);
  void finish_handshake(waiting& asks);
  void open_websocket(waiting& asks);
  [[nodiscard]] std::optional<session_id> new_id(waiting& asks, transport_kind transport);
  void join_websocket(waiting& asks);
  [[nodiscard]] std::optional<websocket_request> websocket_request_of(waiting& asks);
  void refuse(waiting& asks, engineio::errc why, std::string_view text = {});
  void answer(waiting& asks, http::response&& content);

  engine& engine_;
  lane& home_;
  lane_sessions& sessions_;
  session_owner& owners_;
  lane_counters& counters_;
  waiting_map waiting_;
  std::uint64_t last_number_ = 0;
};

}  // namespace gossamer::transport
