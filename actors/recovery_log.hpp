// Connection state recovery, the part of one lane: what its sockets were sent, and the sessions of
// clients that are away.
//
// Pure: state and time in, what to do out. Everything belongs to one lane; several lanes agree by
// `stamp`s alone, see `recovery_log::leave`.
//
//     event for sockets of this lane ──> recovery_log::add ──> position
//        ├── each receiver's recovery_tail: + position
//        └── each away session that is meant: its tail: + position
//     client returns with (pid, offset) ──> take(pid) ──> since(tail, offset) ──> what it missed
//
// An event is kept once, whatever the number of receivers; what a receiver costs is one position.
//
// Limits: `age_max`, `bytes_max` of events (the oldest go first), `tail_max` events of one session,
// `sessions_max` (the one that has been away for longest goes first). Whatever was dropped is
// noticed when somebody asks for it: `since` gives nothing rather than a stream with a gap.
#pragma once

#include "actors/socketio/frame_set.hpp"
#include "runtime/base/ids.hpp"
#include "runtime/base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gossamer::detail {

struct recovery_limits {
  duration age_max = seconds(120);
  std::size_t bytes_max = std::size_t{64} << 20U;
  std::size_t sessions_max = 10'000;
  std::size_t tail_max = 10'000;
};

/// What the client sees as the last argument of an event and gives back: never twice on a server.
using recovery_offset = std::uint64_t;
[[nodiscard]] std::string to_text(recovery_offset offset);
/// Nothing for what `to_text` has not made.
[[nodiscard]] std::optional<recovery_offset> offset_of(std::string_view text);

/// What one session was sent, oldest first.
struct recovery_tail {
  std::vector<std::uint64_t> positions;
  std::size_t begin = 0;  // those before it are out
  /// Of the event before the first one, if a client that has it has missed nothing.
  std::optional<recovery_offset> base;
  bool cut = false;  // events are missing in front that are not named by `base`

  [[nodiscard]] std::size_t size() const { return positions.size() - begin; }
};

struct kept_event {
  recovery_offset offset = 0;
  std::uint64_t stamp = 0;
  socketio::frame_set frames;
};

/// A tail on its way to another lane.
struct carried_tail {
  std::vector<kept_event> events;
  std::optional<recovery_offset> base;
  bool cut = false;
};

/// A session without a client. Rooms and namespaces are opaque here.
struct away_session {
  session_id pid{};
  const void* nsp = nullptr;
  socket_id id{};
  std::vector<const void*> rooms{};
  recovery_tail tail{};
  time_point until{};
  /// What the lane keeps for it; destroyed with it.
  std::shared_ptr<void> holds{};
};

/// Whom an event is for: the union of `rooms` and `ids`, or all, but not those of `except*`.
struct recovery_selection {
  const void* nsp = nullptr;
  bool everybody = false;
  std::span<const void* const> rooms{};
  std::span<const socket_id> ids{};
  std::span<const void* const> except{};
  std::span<const socket_id> except_ids{};
};

class recovery_log {
 public:
  recovery_log(const recovery_limits& limits, lane_index lane);
  recovery_log(const recovery_log&) = delete;
  recovery_log& operator=(const recovery_log&) = delete;
  ~recovery_log();

  // -- events -----------------------------------------------------------------------------------

  [[nodiscard]] recovery_offset next_offset();
  /// Keeps an event and returns its position. `stamp` is the time of the emit as all lanes count
  /// it.
  std::uint64_t add(kept_event event, time_point now);
  /// One more event for this session.
  void record(recovery_tail& tail, std::uint64_t position);
  /// What came after `offset`, in order; nothing if that is not known or something was dropped.
  [[nodiscard]] std::optional<std::vector<kept_event>> since(const recovery_tail& tail,
                                                             recovery_offset offset) const;
  /// Would `since` give something? Copies nothing.
  [[nodiscard]] bool has_since(const recovery_tail& tail, recovery_offset offset) const;

  // -- sessions ---------------------------------------------------------------------------------

  /// A client has gone. Gives what had to go to make room, for the caller to destroy.
  [[nodiscard]] std::vector<away_session> put(away_session session, time_point now);
  [[nodiscard]] const away_session* find(const session_id& pid) const;
  /// At most once.
  [[nodiscard]] std::optional<away_session> take(const session_id& pid);
  /// Records the event for all away sessions that are meant. True: there was one.
  bool record_away(const recovery_selection& to, std::uint64_t position);
  /// Would `record_away` find one?
  [[nodiscard]] bool concerns_away(const recovery_selection& to) const;
  /// Forgets what is too old. Gives the sessions, for the caller to destroy.
  [[nodiscard]] std::vector<away_session> expire(time_point now);
  /// All of them: the lane ends.
  [[nodiscard]] std::vector<away_session> clear();
  /// When `expire` has something to do again, or never.
  [[nodiscard]] std::optional<time_point> next_expiry() const;

  // -- to another lane --------------------------------------------------------------------------

  /// The events of `tail` with a stamp below `end`: those from `end` on reach the other lane.
  [[nodiscard]] carried_tail leave(recovery_tail& tail, std::uint64_t end) const;
  /// `first` came before what `tail` has with a stamp of `end` or more: one tail of both.
  void arrive(carried_tail first, recovery_tail& tail, std::uint64_t end, time_point now);

  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] std::size_t event_count() const { return events_.size(); }
  [[nodiscard]] std::size_t session_count() const { return sessions_.size(); }
  /// Events that went because of `bytes_max`, not of age.
  [[nodiscard]] std::uint64_t events_dropped() const { return dropped_; }
  [[nodiscard]] std::uint64_t sessions_dropped() const { return evicted_; }

 private:
  struct entry {
    kept_event event;
    time_point at;
    std::size_t cost = 0;
  };
  struct session {
    away_session it;
    std::uint64_t order = 0;
    std::uint64_t mark = 0;
  };
  using session_list = std::vector<session*>;

  [[nodiscard]] const entry* at(std::uint64_t position) const;
  void pop_event();
  void trim();
  [[nodiscard]] std::optional<std::size_t> place_after(const recovery_tail& tail,
                                                       recovery_offset offset) const;
  void prune(recovery_tail& tail) const;
  void cut_front(recovery_tail& tail) const;
  template <class Visit>
  void each(const recovery_selection& to, Visit&& visit) const;
  [[nodiscard]] away_session remove(session& gone);

  const recovery_limits limits_;
  const lane_index lane_;
  std::uint64_t last_offset_ = 0;
  std::deque<entry> events_;
  std::uint64_t first_ = 0;  // position of events_.front()
  std::size_t bytes_ = 0;
  std::uint64_t dropped_ = 0;
  std::uint64_t evicted_ = 0;
  std::unordered_map<session_id, std::unique_ptr<session>, short_id_hash> sessions_;
  std::map<std::uint64_t, session*> by_age_;  // longest away first
  std::unordered_map<const void*, session_list> by_room_;
  std::unordered_map<const void*, session_list> by_nsp_;
  std::unordered_multimap<socket_id, session*, short_id_hash> by_id_;
  std::uint64_t last_order_ = 0;
  mutable std::uint64_t last_mark_ = 0;
};

}  // namespace gossamer::detail
