// One direction of the link from a peer, at its receiver: order, duplicates, gaps, credit.
//
// Pure. Hands each message of a session on once and in order; counts what never came. The owner
// says which messages are consumed, in any order; credit follows the oldest one that is not, so
// that a slow consumer slows the sender.
//
// Errors: errc::over_window (the peer ignores its credit; close the connection).
#pragma once

#include "runtime/base/time.hpp"
#include "runtime/cluster/codec.hpp"
#include "runtime/cluster/errc.hpp"
#include "runtime/cluster/link_settings.hpp"
#include "runtime/cluster/message.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace gossamer::cluster {

struct incoming_counters {
  std::uint64_t received = 0;    // messages handed on
  std::uint64_t duplicates = 0;  // had been handed on before, or come from an old session
  std::uint64_t lost = 0;        // never came
  std::uint64_t skipped = 0;     // of unknown type
};

/// Names a message of a peer until it is consumed.
struct message_place {
  std::uint64_t session = 0;
  std::uint64_t sequence = 0;
  bool operator==(const message_place&) const = default;
};

class incoming_link {
 public:
  explicit incoming_link(const link_settings& settings) : settings_(settings) {}

  struct arrival {
    std::vector<numbered> messages;
    std::uint64_t lost = 0;  // missing before them
  };
  [[nodiscard]] result<arrival> accept(blob b, time_point now);
  /// The peer asks for credit and says how far it has sent; how many messages are newly missing.
  [[nodiscard]] std::uint64_t queried(const credit_query& q);
  /// The message has been dealt with.
  void consumed(const message_place& place, time_point now);

  /// The credit to send now, if it is time for one.
  [[nodiscard]] std::optional<credit> due(time_point now);
  [[nodiscard]] time_point wake() const { return report_at_; }
  [[nodiscard]] std::uint64_t session() const { return session_; }
  [[nodiscard]] std::size_t outstanding_bytes() const { return outstanding_bytes_; }
  [[nodiscard]] const incoming_counters& counters() const { return counters_; }

 private:
  struct outstanding {
    std::uint64_t sequence = 0;
    std::size_t size_bytes = 0;
    bool done = false;
  };
  [[nodiscard]] bool adopt(std::uint64_t session);
  [[nodiscard]] std::uint64_t advance_over(std::uint64_t position);
  [[nodiscard]] std::uint64_t position() const;
  void report_by(time_point when) { report_at_ = std::min(report_at_, when); }

  link_settings settings_;
  std::uint64_t session_ = 0;   // 0: none yet
  std::uint64_t expected_ = 0;  // number of the next message
  std::uint64_t lost_ = 0;      // of this session
  std::deque<outstanding> outstanding_;
  std::size_t outstanding_bytes_ = 0;
  std::size_t unreported_bytes_ = 0;
  std::size_t unreported_blobs_ = 0;
  time_point report_at_ = time_point::max();
  incoming_counters counters_;
};

}  // namespace gossamer::cluster
