// A TCP, TLS or Unix stream connection of a client.
//
// Runs on: its lane. Owned by its lane's connection_registry, which frees it at the end of a turn,
// never inside one of its own calls. Owns: the file descriptor, the protocol, the frames still to
// be sent, and a TLS filter if there is one.
//
// An idle connection is this object and nothing else: bytes are read into the lane's buffer when
// epoll says so, the queue is empty, the TLS filter keeps no buffers.
//
//     open --close_after_flush--> flushing --all sent--> lingering --FIN or time--> closed
//      |                              |  deadline                                     ^
//      +---- abort, peer gone --------+-----------------------------------------------+
//
// Limits: the queue has none of its own. Who sends looks at queued_bytes() (architecture 3: budget
// of a socket); HTTP stops reading requests.
#pragma once

#include "gateway/http/errc.hpp"
#include "gateway/http/peer_address.hpp"
#include "gateway/http/protocol.hpp"
#include "gateway/http/send_queue.hpp"
#include "runtime/base/shared_frame.hpp"
#include "runtime/base/time.hpp"
#include "runtime/lanes/lane.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace gossamer::http {

class connection_registry;
class tls_filter;

/// A connection between two lanes: its descriptor and what was read but not consumed. Owns the
/// descriptor; closes it if nobody adopts it.
struct detached_connection {
  int fd = -1;
  peer_address peer;
  std::string unread;

  detached_connection() = default;
  detached_connection(detached_connection&& other) noexcept;
  detached_connection& operator=(detached_connection&& other) noexcept;
  ~detached_connection();
};

class connection final : public pollable, private timer, public flushable {
 public:
  /// Made by connection_registry::adopt.
  connection(connection_registry& owner, int fd, peer_address peer,
             std::unique_ptr<tls_filter> tls);
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection();

  [[nodiscard]] lane& home() const;
  [[nodiscard]] connection_registry& registry() const { return *owner_; }
  [[nodiscard]] const peer_address& peer() const { return peer_; }
  [[nodiscard]] bool secure() const { return tls_ != nullptr; }
  /// Until close_after_flush, abort or the end of the stream: only then is anything sent or read.
  [[nodiscard]] bool open() const { return state_ == state::open; }

  /// From now on `next` consumes what arrives. The old protocol is destroyed at the end of the
  /// turn and gets no more calls.
  void become(std::unique_ptr<protocol> next);
  /// Gives bytes that the old protocol did not consume to whatever protocol is there at the end of
  /// the turn. Nothing that arrives later overtakes them.
  void unread(std::span<const char> data);

  /// Queues the frame's wire(); everything queued in one turn leaves with one system call at its
  /// end. Nothing if not open().
  void send(const shared_frame& frame);
  [[nodiscard]] std::size_t queued_bytes() const { return queue_.bytes() + tls_backlog_bytes(); }
  /// True if bytes of an earlier turn are still not with the kernel: volatile frames are dropped.
  [[nodiscard]] bool unsent_from_earlier_turn() const { return blocked_; }
  /// When the kernel last took a byte, or the queue was last empty when something was sent.
  [[nodiscard]] time_point last_progress() const { return last_progress_; }

  /// Sends what is queued, then ends the stream so that the client sees it rather than a reset:
  /// shuts down, drains a bounded amount for a bounded time. on_bytes is not called any more.
  void close_after_flush(milliseconds at_most, errc why = errc::closed_by_us);
  /// Ends the connection now; what is queued is lost. The descriptor is closed at once, on_closed
  /// follows at the end of the turn.
  void abort(error_code why = errc::aborted);

  /// Tells the protocol that the server closes.
  void stopping();

  /// Stops and starts reading; what the kernel holds stays there. Calls do not nest.
  void pause_reading();
  void resume_reading();
  [[nodiscard]] bool reading() const { return reading_; }

  /// Calls protocol::on_timer once at that time; a later call replaces an earlier one.
  void wake_at(time_point when);
  void cancel_wake();

  /// Takes the connection off this lane: its protocol gets no more calls and is destroyed at the
  /// end of the turn. Only for an open connection without TLS and with an empty queue, else the
  /// result's fd is -1 and nothing changes.
  [[nodiscard]] detached_connection detach();

  /// \name For the lane
  void on_ready(std::uint32_t epoll_events) override;
  void on_failed() noexcept override;
  void flush() override;

 private:
  friend class connection_registry;
  enum class state : std::uint8_t { open, flushing, lingering, closed };

  void on_timer(time_point now) override;
  void read_some();
  void read_tls(std::span<char> sealed);
  void drain_some();
  void deliver(std::span<char> data);
  void deliver_unread();
  void end_of_stream();
  void write_some();
  [[nodiscard]] bool write_plain();
  [[nodiscard]] bool write_tls();
  [[nodiscard]] bool push_backlog();
  void progressed(std::size_t taken);
  void all_sent();
  void begin_linger();
  void set_blocked(bool blocked);
  void update_interest();
  void finish(error_code why, bool tell = true);
  [[nodiscard]] std::size_t tls_backlog_bytes() const;

  int fd_;
  peer_address peer_;
  state state_ = state::open;
  errc end_reason_ = errc::closed_by_us;
  bool reading_ : 1 = true;
  bool blocked_ : 1 = false;       // waits for EPOLLOUT
  bool drain_wanted_ : 1 = false;  // on_drained is due when the queue empties
  bool peer_done_ : 1 = false;     // the client's FIN came
  bool has_unread_ : 1 = false;    // the registry holds bytes that come before what the kernel has
  bool watches_in_ : 1 = false;    // what the lane watches the descriptor for
  bool watches_out_ : 1 = false;
  std::uint8_t linger_reads_ = 0;
  std::uint32_t index_ = 0;  // in the registry
  connection_registry* owner_;
  std::unique_ptr<protocol> protocol_;
  std::unique_ptr<tls_filter> tls_;
  send_queue queue_;
  time_point last_progress_{};
};
static_assert(sizeof(connection) <= 168, "an idle client costs this much");

}  // namespace gossamer::http
