// The acks that one socket still owes us: id, what to do with the answer, and until when.
//
// Pure: time is an argument, handlers are handed out and never called here, so a handler may use
// the table freely. Empty it is one pointer.
//
// Limits: limits::acks_per_socket_max. Errors: errc::too_many_acks, errc::ack_id_in_use.
#pragma once

#include "actors/socketio/errc.hpp"
#include "runtime/base/limits.hpp"
#include "runtime/base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace gossamer::socketio {

/// `Handler` is movable; it gets the answer, or the news that there will be none.
template <class Handler>
class ack_table {
 public:
  /// Waits for the ack `id`, for ever if there is no deadline.
  result<void> add(std::uint64_t id, Handler handler, std::optional<time_point> deadline = {},
                   std::size_t max = limits::acks_per_socket_max) {
    if (size() >= max) return make_error_code(errc::too_many_acks);
    if (state_ == nullptr) state_ = std::make_unique<state>();
    const auto [at, added] = state_->waiting.try_emplace(id, std::move(handler), deadline);
    if (!added) return make_error_code(errc::ack_id_in_use);
    if (deadline) state_->deadlines.emplace(*deadline, id);
    return {};
  }

  /// The handler of `id`, which is no longer waited for; empty for an unknown or repeated ack.
  [[nodiscard]] std::optional<Handler> complete(std::uint64_t id) {
    if (state_ == nullptr) return {};
    const auto at = state_->waiting.find(id);
    if (at == state_->waiting.end()) return {};
    std::optional<Handler> handler(std::move(at->second.handler));
    if (at->second.deadline) state_->deadlines.erase({*at->second.deadline, id});
    state_->waiting.erase(at);
    free_if_empty();
    return handler;
  }

  /// The handlers whose deadline is not after `now`, earliest first.
  [[nodiscard]] std::vector<Handler> expire(time_point now) {
    std::vector<Handler> expired;
    while (state_ != nullptr && !state_->deadlines.empty()) {
      const auto [deadline, id] = *state_->deadlines.begin();
      if (deadline > now) break;
      expired.push_back(std::move(*complete(id)));
    }
    return expired;
  }

  /// All handlers by id, when the socket is gone.
  [[nodiscard]] std::vector<Handler> drain() {
    std::vector<Handler> rest;
    if (state_ == nullptr) return rest;
    const auto old = std::move(state_);
    rest.reserve(old->waiting.size());
    for (auto& [id, entry] : old->waiting) rest.push_back(std::move(entry.handler));
    return rest;
  }

  [[nodiscard]] std::optional<time_point> next_deadline() const {
    if (state_ == nullptr || state_->deadlines.empty()) return {};
    return state_->deadlines.begin()->first;
  }
  [[nodiscard]] std::size_t size() const { return state_ == nullptr ? 0 : state_->waiting.size(); }
  [[nodiscard]] bool empty() const { return size() == 0; }

 private:
  struct entry {
    entry(Handler given, std::optional<time_point> until)
        : handler(std::move(given)), deadline(until) {}
    Handler handler;
    std::optional<time_point> deadline;
  };
  struct state {
    std::map<std::uint64_t, entry> waiting;
    std::set<std::pair<time_point, std::uint64_t>> deadlines;
  };
  void free_if_empty() {
    if (state_->waiting.empty()) state_.reset();
  }

  std::unique_ptr<state> state_;
};

}  // namespace gossamer::socketio
