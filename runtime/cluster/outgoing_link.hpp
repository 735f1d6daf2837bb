// One direction of the link to a peer, at its sender: queue, batches, credit.
//
// Pure. What `push` takes leaves in the order in which it was taken, and ends in one of three ways:
// consumed by the peer, reported lost (by the peer, `lost`), or reported unconfirmed when the
// connection broke (at most once: it is not sent again). What is refused is reported at once.
//
//     push -> [ queue, bounded ] -> window open? -> blob -> connection
//                                       ^                       |
//                                       +---- credit (position) +
//
// Credit names the newest position, so a lost or repeated one does no harm; a sender that hears
// nothing asks again.
//
// Limits: link_settings.hpp. Errors: errc::link_full, errc::dropped.
#pragma once

#include "runtime/base/bytes.hpp"
#include "runtime/base/time.hpp"
#include "runtime/cluster/batch_queue.hpp"
#include "runtime/cluster/errc.hpp"
#include "runtime/cluster/link_settings.hpp"
#include "runtime/cluster/message.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace gossamer::cluster {

struct outgoing_counters {
  std::uint64_t sent = 0;  // messages
  std::uint64_t blobs = 0;
  std::uint64_t refused = 0;      // link_full
  std::uint64_t dropped = 0;      // volatile
  std::uint64_t lost = 0;         // the peer says that they never came
  std::uint64_t unconfirmed = 0;  // the connection broke; perhaps they came
  std::uint64_t unsent = 0;       // waited when the peer went away
  std::uint64_t queries = 0;
  std::uint64_t odd_credits = 0;  // of another session, or for what was not sent
};

class outgoing_link {
 public:
  /// `session` is larger than that of every earlier link to this peer.
  outgoing_link(const link_settings& settings, std::uint8_t version, std::uint64_t session)
      : settings_(settings),
        version_(version),
        session_(session),
        queue_(settings.batch_bytes, settings.batch_delay) {}

  /// Takes an encoded message.
  [[nodiscard]] error_code push(bytes record, importance how, time_point now);
  /// Has the newest credit for the other direction ride on the next blob.
  void attach(const credit& c);
  /// The blobs to be sent now, in order.
  [[nodiscard]] std::vector<bytes> flush(time_point now);

  /// What the peer says of this direction; how many messages it has newly called lost.
  [[nodiscard]] std::uint64_t granted(const credit& c, time_point now);
  /// The connection is gone, the peer is not: what waits goes over the next one, in a new session.
  /// How many messages are unconfirmed.
  [[nodiscard]] std::uint64_t connection_lost(std::uint64_t new_session);
  /// The peer is gone: how many messages will not be sent.
  [[nodiscard]] std::uint64_t close();

  /// When `flush` has something to do.
  [[nodiscard]] time_point wake() const;
  [[nodiscard]] bool degraded() const { return degraded_; }
  [[nodiscard]] std::uint8_t version() const { return version_; }
  [[nodiscard]] std::uint64_t session() const { return session_; }
  [[nodiscard]] std::size_t queued_bytes() const { return queue_.size_bytes(); }
  [[nodiscard]] std::size_t queued_count() const { return queue_.count(); }
  [[nodiscard]] std::size_t flying_bytes() const { return flying_bytes_; }
  [[nodiscard]] std::size_t flying_blobs() const { return flying_.size(); }
  [[nodiscard]] const outgoing_counters& counters() const { return counters_; }

 private:
  struct flight {
    std::uint64_t end = 0;  // the number after its last message
    std::size_t size_bytes = 0;
  };
  [[nodiscard]] bool fits(std::size_t size, importance how) const;
  [[nodiscard]] bool window_open() const;
  [[nodiscard]] std::vector<bytes> link_records(time_point now);

  link_settings settings_;
  std::uint8_t version_;
  std::uint64_t session_;
  batch_queue queue_;
  std::uint64_t next_ = 0;       // number of the next message of the session
  std::uint64_t confirmed_ = 0;  // all before it are consumed or lost
  std::uint64_t lost_ = 0;       // of this session
  std::deque<flight> flying_;
  std::size_t flying_bytes_ = 0;
  std::optional<credit> attached_;
  time_point query_at_ = time_point::max();
  bool degraded_ = false;
  outgoing_counters counters_;
};

}  // namespace gossamer::cluster
