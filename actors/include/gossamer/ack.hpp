// What a handler holds of the outside: the answer that a client waits for, and leave to go on.
#pragma once

#include "actors/include/gossamer/detail.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace gossamer {

/// The answer to one event. A cheap value; any thread. Only the first call sends; after a
/// disconnect, when the server is gone, or if the client asked for no answer, calls do nothing.
class ack {
 public:
  ack() = default;
  ack(const detail::socket_ref& to, socketio::ack_id id)
      : state_(std::make_shared<state>(to, id)) {}

  /// Does the client wait for an answer?
  [[nodiscard]] bool wanted() const { return state_ != nullptr; }
  explicit operator bool() const { return wanted(); }

  /// Answers with these values.
  template <class... Ts>
  error_code operator()(const Ts&... values) const {
    if (!wanted() || state_->used.exchange(true)) return {};
    const detail::nsp_use in(state_->to);
    if (!in) return errc::disconnected;
    return detail::answer(state_->to, socketio::encode_ack(detail::address_of(*state_->to.nsp),
                                                           state_->id, values...));
  }
  /// Answers with a failure, as a handler does that returns it: by the error mapper.
  void fail(const failure& why) const {
    if (!wanted() || state_->used.exchange(true)) return;
    detail::answer_failure(state_->to, state_->id, "ack", why);
  }
  void fail(const error_code& why) const {
    fail(failure{std::string(why.category().name()) + ":" + std::to_string(why.value()),
                 why.message()});
  }

 private:
  struct state {
    state(const detail::socket_ref& to_socket, socketio::ack_id with_id)
        : to(to_socket), id(with_id) {}
    detail::socket_ref to;
    socketio::ack_id id;
    std::atomic<bool> used{false};
  };
  std::shared_ptr<state> state_;
};

/// Lets a middleware say that the client, or the event, may go on. A cheap value; any thread; only
/// the first call counts, and none when the socket or the server is gone.
class next {
 public:
  using done_handler = std::function<void(admission)>;
  explicit next(done_handler done) : state_(std::make_shared<state>(std::move(done))) {}

  void operator()() const { call(admit()); }
  void operator()(admission decision) const { call(std::move(decision)); }
  void operator()(refusal why) const { call(admission(std::move(why))); }

 private:
  struct state {
    explicit state(done_handler handler) : done(std::move(handler)) {}
    done_handler done;
    std::atomic<bool> used{false};
  };
  void call(admission decision) const {
    if (!state_->used.exchange(true)) std::exchange(state_->done, nullptr)(std::move(decision));
  }
  std::shared_ptr<state> state_;
};

}  // namespace gossamer
