// Collects the acks of one broadcast.
//
// Pure. Sockets are announced with `expect` (each lane and node announces its own), answers are
// matched by (ack id, socket), and a socket that leaves will not answer. Complete once everybody
// who was to announce has done so (`seal`) and every socket has answered or left. When the time is
// over the answers so far are the result, and `missing` names who did not answer.
#pragma once

#include "actors/socketio/args.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_set>
#include <utility>
#include <vector>

namespace gossamer::socketio {

class broadcast_ack {
 public:
  /// A broadcast takes one ack id per node, so the id belongs to the key.
  struct key {
    std::uint64_t id = 0;
    socket_id socket;
    bool operator==(const key&) const = default;
  };
  struct response {
    socket_id socket;
    args answer;
  };
  enum class status : std::uint8_t { open, complete, timed_out };

  explicit broadcast_ack(std::optional<time_point> deadline = {}) : deadline_(deadline) {}

  /// This socket was sent the event. Nothing happens once the collection is over.
  void expect(const key& who);
  /// Its answer. False for a socket that is not waited for: unknown, repeated or too late.
  bool answer(const key& who, args given);
  /// It is gone and will not answer.
  void left(const key& who);
  /// Nobody will be announced any more.
  void seal();
  /// Ends the collection if its time is over.
  void expire(time_point now);

  [[nodiscard]] status state() const { return status_; }
  [[nodiscard]] bool done() const { return status_ != status::open; }
  [[nodiscard]] std::optional<time_point> deadline() const { return deadline_; }
  /// In the order in which they came.
  [[nodiscard]] const std::vector<response>& responses() const { return responses_; }
  [[nodiscard]] std::vector<response> take_responses() { return std::move(responses_); }
  /// Who was to answer and has neither answered nor left; no particular order.
  [[nodiscard]] std::vector<socket_id> missing() const;
  [[nodiscard]] std::size_t waiting_count() const { return waiting_.size(); }
  [[nodiscard]] std::size_t left_count() const { return left_count_; }

 private:
  struct key_hash {
    std::size_t operator()(const key& k) const noexcept {
      return short_id_hash()(k.socket) ^ static_cast<std::size_t>(k.id * 0x9e3779b97f4a7c15U);
    }
  };
  void finish_if_complete();

  std::unordered_set<key, key_hash> waiting_;
  std::vector<response> responses_;
  std::optional<time_point> deadline_;
  std::size_t left_count_ = 0;
  bool sealed_ = false;
  status status_ = status::open;
};

}  // namespace gossamer::socketio
