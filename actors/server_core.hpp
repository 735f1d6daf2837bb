// The Socket.IO side of a server: its namespaces, and the sockets of each lane by slot.
//
// Any thread unless said otherwise. Owns the namespaces. Outlives all sessions.
//
// Limits: child_namespaces_max children of parent namespaces. At the bound those without sockets
// and rooms are ended, also without cleanup_empty_child_namespaces, at most once a second; if there
// are none, a client that asks for one more gets CONNECT_ERROR.
#pragma once

#include "actors/callback_scope.hpp"
#include "actors/counters.hpp"
#include "actors/include/gossamer/detail.hpp"
#include "actors/include/gossamer/recovery.hpp"
#include "actors/nsp_cell.hpp"
#include "actors/nsp_core.hpp"
#include "actors/ports/connection.hpp"
#include "actors/socketio/parser.hpp"
#include "actors/unfinished_packets.hpp"
#include "runtime/base/log.hpp"
#include "runtime/lanes/lane.hpp"
#include "runtime/lanes/lane_group.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gossamer::detail {

struct socketio_options {
  milliseconds connect_timeout{45'000};
  /// A child of a parent namespace ends with its last socket, if no room is left in it.
  bool cleanup_empty_child_namespaces = false;
  std::size_t child_namespaces_max = 10'000;
  std::size_t attachments_max = limits::attachments_max;
  /// Of packets whose attachments are not all there yet; each lane has an equal share.
  std::size_t unfinished_bytes_max = std::size_t{256} << 20U;
  /// False where sockets may have ids of the application's making.
  bool ids_name_lanes = true;
  /// Null: the default one, whose code is called directly.
  std::shared_ptr<const parser> packets{};
  /// Nothing: it is off, and costs nothing.
  std::optional<connection_state_recovery_options> recovery{};
};

class recovery;
class room_actors;

class server_core final : public session_acceptor {
 public:
  server_core(lane_group& lanes, socketio_options options, logger log);
  ~server_core();

  // -- namespaces -------------------------------------------------------------------------------

  /// The namespace of this name (a `/` in front is added), made if there is none.
  [[nodiscard]] nsp_core& of(std::string_view name);
  /// A parent namespace over all names that `matcher` accepts.
  [[nodiscard]] nsp_core& of(nsp_matcher matcher);
  /// Null if no namespace has this name.
  [[nodiscard]] nsp_core* find(std::string_view name) const;
  /// The same for a socket that is about to join: the namespace does not end before `leave`.
  [[nodiscard]] nsp_core* enter(std::string_view name);
  /// The parent namespaces, in the order in which they are asked.
  [[nodiscard]] std::vector<nsp_core*> parents() const;
  /// The child of this name, made if need be with the handlers of `parent`, for a socket that is
  /// about to join. Null: there are too many. Runs on: a lane.
  [[nodiscard]] nsp_core* enter_child(nsp_core& parent, std::string_view name);
  /// One more user of a namespace that has some: it does not end before `leave`.
  void hold(nsp_core& nsp);
  /// A socket is released; the namespace may end. Runs on: a lane.
  void leave(nsp_core& nsp);
  /// `handler(nsp_core&)` for each namespace that is made from now on, on the thread that makes it.
  using nsp_handler = std::function<void(nsp_core&)>;
  void on_new_namespace(nsp_handler handler);
  [[nodiscard]] std::vector<nsp_core*> children(const nsp_core& parent) const;
  /// All namespaces but the parents.
  [[nodiscard]] std::vector<nsp_core*> namespaces() const;
  /// Hands a new snapshot to each lane.
  void publish(nsp_core& nsp, const std::shared_ptr<const nsp_handlers>& handlers);
  /// From now on lanes run: snapshots travel by their queues.
  void started();
  /// While lanes still run: actors leave all rooms and are told to exit; groups do nothing from now
  /// on.
  void stopped();
  /// When the last session is gone: from now on handles mean nothing.
  void retire_all();
  /// When no lane runs any more, before they go: the same, and the end.
  void close();

  // -- sockets ----------------------------------------------------------------------------------

  [[nodiscard]] std::unique_ptr<gossamer::client> on_session(connection& session) override;

  /// Gives a socket its slot and id. Runs on: its lane.
  void enlist(socket_core& socket);
  /// From now on `find` does not know it. Runs on: its lane.
  void delist(socket_core& socket);
  /// Null if the socket is gone. Runs on: its lane.
  [[nodiscard]] socket_core* find(const socket_ref& ref) const;

  /// Does `act(socket_core&)` on the socket's lane: at once in a callback of that lane, else by its
  /// queue. Errors: disconnected (as far as it is known now), lane_full, server_stopped.
  template <class Act>
  error_code on_socket(const socket_ref& ref, std::size_t cost_bytes, post_kind kind, Act act) {
    lane& home = lanes_.at(ref.home);
    if (acting_lane() == &home) {
      auto* socket = find(ref);
      return socket == nullptr ? make_error_code(errc::disconnected) : act(*socket);
    }
    return to_error(home.post(
        [this, ref, act = std::move(act), &home]() mutable {
          const callback_scope scope(home);
          if (auto* socket = find(ref)) (void)act(*socket);
        },
        cost_bytes, kind));
  }

  /// `who` holds so many bytes of a packet that is not complete, of those that came on this lane.
  /// Closes clients while it is too much. Runs on: that lane.
  void hold_unfinished(lane_index lane, client_session& who, std::size_t bytes);

  // -- counting ---------------------------------------------------------------------------------

  /// Written by that lane, read from any thread.
  [[nodiscard]] lane_counts& counts(lane_index lane) const {
    return counts_[static_cast<std::size_t>(lane)];
  }
  /// The namespaces that the application has named and the parents, in the order in which they were
  /// made; `others` is the sum of those over `names_max`. O(namespaces
  /// of the application), whatever clients ask for.
  [[nodiscard]] std::vector<nsp_counts> count_namespaces(std::size_t names_max,
                                                         nsp_counts& others) const;
  /// How many children of parent namespaces there are.
  [[nodiscard]] std::size_t child_count() const;

  [[nodiscard]] static error_code to_error(post_result posted);
  [[nodiscard]] lane_group& lanes() const { return lanes_; }
  [[nodiscard]] const socketio_options& options() const { return options_; }
  /// Null: the default one.
  [[nodiscard]] const parser* packets() const { return options_.packets.get(); }
  /// Null: it is off.
  [[nodiscard]] recovery* kept() const { return recovery_.get(); }
  [[nodiscard]] const logger& log() const { return log_; }
  [[nodiscard]] turn_taking& turns() { return turns_; }
  /// Actors as members of rooms; null before `started`.
  [[nodiscard]] const std::shared_ptr<room_actors>& actors() const { return actors_; }

 private:
  struct slot {
    socket_core* socket = nullptr;
    std::uint32_t generation = 1;
  };
  struct alignas(64) lane_slots {
    std::deque<slot> slots;  // does not move when it grows
    std::vector<std::uint32_t> free;
    unfinished_packets unfinished;
  };

  [[nodiscard]] nsp_ptr make(std::string name);
  void announce(nsp_core* made);
  /// From now on nobody finds it. Under the mutex.
  void take_out(nsp_core& child);
  [[nodiscard]] bool is_unused(const nsp_core& child) const;
  void end_unused();
  void end_later(nsp_core& taken_out);
  void destroy(nsp_core& ended);
  struct grace;

  lane_group& lanes_;  // gone when closed
  const std::size_t lane_count_;
  const socketio_options options_;
  const logger log_;
  const std::unique_ptr<lane_slots[]> slots_;
  const std::unique_ptr<lane_counts[]> counts_;
  mutable std::mutex mutex_;
  text_map<nsp_ptr> namespaces_;
  std::vector<nsp_ptr> parents_;
  std::vector<nsp_core*> lasting_;  // all but children, oldest first
  std::vector<nsp_ptr> ending_;     // taken out; lanes may still be in them
  std::size_t child_count_ = 0;
  time_point swept_;  // when unused children were last ended for want of room
  bool closed_ = false;
  std::vector<std::shared_ptr<const nsp_handler>> new_namespace_;
  turn_taking turns_;
  std::atomic<bool> running_{false};
  std::shared_ptr<room_actors> actors_;
  std::unique_ptr<recovery> recovery_;
};

/// The counters of the socket's lane, which is the caller's.
[[nodiscard]] inline lane_counts& counts_of(const socket_core& socket) {
  return socket.nsp.server().counts(socket.home_lane);
}

/// The socket that a *lane* function is about, null if it is gone; checks that the caller is on its
/// lane.
[[nodiscard]] socket_core* on_lane(const socket_ref& who);

}  // namespace gossamer::detail
