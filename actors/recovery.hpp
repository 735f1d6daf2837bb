// Connection state recovery of a server: drives one recovery_log for each lane.
//
//     socket ends ──> away session on its lane: stays interested in its rooms, events are kept
//     client back ──> claim(pid): at most one ──┬ same lane ────────────────────────────┐
//                                               └ other lane: fetch, see below ─────────┤
//     socket is admitted ──> resume: rooms, data, what was missed, then CONNECT <───────┘
//
// A session moves from lane A to lane B without gap and duplicate because each broadcast is stamped
// and sent off under a lock for reading, and the move takes the next stamp F and makes B interested
// under the same lock for writing. So a broadcast with a stamp below F was in A's queue before the
// move's fence is, and one from F on knows of B:
//
//     B: asks A ──> A: describes the session, goes on recording
//     B: F, interested, records for it ──> fence ──> A: hands over what it has with a stamp below F
//     B: puts that in front of its own
//
// Runs on: the lane that is named, unless said otherwise. Owns the sessions that are away. Limits:
// connection_state_recovery_options.
#pragma once

#include "actors/include/gossamer/disconnect_reason.hpp"
#include "actors/include/gossamer/recovery.hpp"
#include "actors/recovery_log.hpp"
#include "actors/selection_job.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gossamer::detail {

/// What a client says in CONNECT.
struct return_ticket {
  session_id pid;
  recovery_offset offset = 0;
};
/// Of the auth of a CONNECT: `{"pid":"...","offset":"..."}`.
[[nodiscard]] std::optional<return_ticket> ticket_of(const args& auth);

/// Since the start. Any thread.
struct recovery_counts {
  std::atomic<std::uint64_t> recovered{0};
  std::atomic<std::uint64_t> unknown{0};  // asked for a session that is not (or no more) away
  std::atomic<std::uint64_t> gaps{0};     // the session was there, some event was not
  std::atomic<std::uint64_t> sessions_dropped{0};  // for want of room
  std::atomic<std::uint64_t> events_dropped{0};    // for want of room
};

/// The same as numbers, and what is kept now.
struct recovery_totals {
  std::uint64_t recovered = 0, unknown = 0, gaps = 0, sessions_dropped = 0, events_dropped = 0;
  std::size_t sessions = 0;  // that are away
  std::size_t events = 0;
  std::size_t bytes = 0;
};

class recovery {
 public:
  recovery(server_core& server, const connection_state_recovery_options& options,
           std::size_t lanes);
  recovery(const recovery&) = delete;
  recovery& operator=(const recovery&) = delete;
  ~recovery();

  [[nodiscard]] bool skips_middlewares() const { return options_.skip_middlewares; }
  [[nodiscard]] const recovery_counts& counts() const { return counts_; }
  /// Any thread.
  [[nodiscard]] recovery_totals totals() const;
  /// Forgets everything. When no lane runs any more.
  void close();

  // -- sending; events without ack that are not volatile ----------------------------------------

  /// Stamps a broadcast and sends it off: `post(stamp)` with the lock held. Any thread.
  template <class Post>
  void stamped(Post&& post) {
    const std::shared_lock lock(mutex_);
    post(stamp_);
  }
  /// A lane has refused a broadcast. Any thread.
  void refused(lane_index lane);
  struct kept {
    socketio::frame_set frames;  // with the offset
    std::uint64_t position = 0;
  };
  [[nodiscard]] kept keep(const nsp_core& nsp, lane_index here, const socketio::frame_set& frames,
                          std::uint64_t stamp);
  /// `socket` was sent the event, or would have been.
  void record(const socket_core& socket, std::uint64_t position);
  /// What of it is for sessions that are away.
  [[nodiscard]] bool concerns_away(const selection_job& job, lane_index here) const;
  void record_away(const selection_job& job, lane_index here, std::uint64_t position);
  [[nodiscard]] bool is_away(const nsp_core& nsp, lane_index here, const socket_id& id) const;

  // -- sockets ----------------------------------------------------------------------------------

  /// A new session; gives its private id.
  void begin(const socket_core& socket);
  [[nodiscard]] const session_id& pid_of(const socket_core& socket) const;
  /// The socket ends. True: its session is away from now on, see keep_data.
  bool leave(const socket_core& socket, disconnect_reason reason);
  /// When its last handler has run.
  void keep_data(socket_core& socket, const session_id& pid);

  // -- coming back ------------------------------------------------------------------------------

  /// `done(true)` when the session of this ticket is on lane `here` and nothing is missing: at most
  /// one caller has it, until resume or give_up. At once if it is there already.
  void claim(const nsp_core& nsp, lane_index here, const return_ticket& ticket,
             std::function<void(bool)> done);
  /// The client did not make it: somebody else may claim the session.
  void give_up(lane_index here, const session_id& pid);
  /// The socket gets the session's id and data.
  void prepare(socket_core& socket, const session_id& pid);
  struct resumed {
    std::vector<kept_event> missed;
    std::vector<rooms::room_ptr> rooms;
    std::shared_ptr<void> holds;  // until the rooms are joined
  };
  /// The last step; nothing: the session is gone, or not whole.
  [[nodiscard]] std::optional<resumed> resume(const socket_core& socket,
                                              const return_ticket& ticket);

 private:
  struct live;
  struct holdings;
  struct lane_part;
  struct place {
    lane_index lane{};
    const nsp_core* nsp = nullptr;
  };
  struct move;

  [[nodiscard]] lane_part& part(lane_index lane) const;
  void put(lane_index here, away_session session);
  void drop(const std::vector<away_session>& gone);
  void list(const session_id& pid, const place& where);
  [[nodiscard]] std::optional<lane_index> unlist(const session_id& pid, const nsp_core& nsp);
  [[nodiscard]] bool is_whole(lane_index here, const return_ticket& ticket);
  [[nodiscard]] bool finish_claim(lane_index here, const return_ticket& ticket);
  [[nodiscard]] std::shared_ptr<holdings> hold(nsp_core& nsp, lane_index here,
                                               std::vector<rooms::room_ptr> rooms);
  void describe(const std::shared_ptr<move>& moving);
  void receive(const std::shared_ptr<move>& moving);
  void hand_over(const std::shared_ptr<move>& moving);
  void complete(const std::shared_ptr<move>& moving);
  void to_lane(lane_index lane, const std::shared_ptr<move>& moving,
               void (recovery::*step)(const std::shared_ptr<move>&));

  server_core& server_;
  const connection_state_recovery_options options_;
  std::vector<std::unique_ptr<lane_part>> parts_;
  mutable std::shared_mutex mutex_;
  std::uint64_t stamp_ = 1;
  std::mutex places_mutex_;
  std::unordered_map<session_id, place, short_id_hash> places_;
  recovery_counts counts_;
};

}  // namespace gossamer::detail
