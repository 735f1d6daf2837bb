#include "runtime/cluster/incoming_link.hpp"

#include <algorithm>
#include <utility>

namespace gossamer::cluster {

/// Is this the session of now, perhaps one that begins with it? Old ones are over.
bool incoming_link::adopt(std::uint64_t session) {
  if (session < session_) return false;
  if (session == session_) return true;
  session_ = session;
  expected_ = lost_ = 0;
  outstanding_.clear();
  outstanding_bytes_ = unreported_bytes_ = unreported_blobs_ = 0;
  report_at_ = time_point::max();
  return true;
}

std::uint64_t incoming_link::advance_over(std::uint64_t position) {
  if (position <= expected_) return 0;
  const std::uint64_t missing = position - expected_;
  expected_ = position;
  lost_ += missing;
  counters_.lost += missing;
  return missing;
}

result<incoming_link::arrival> incoming_link::accept(blob b, time_point now) {
  arrival in;
  if (!adopt(b.head.session)) {
    counters_.duplicates += b.count;
    return in;
  }
  counters_.skipped += b.skipped_count;
  in.lost = advance_over(b.head.sequence);
  for (numbered& m : b.messages) {
    if (m.sequence < expected_) {
      ++counters_.duplicates;
      continue;
    }
    outstanding_.push_back({m.sequence, m.size_bytes, false});
    outstanding_bytes_ += m.size_bytes;
    in.messages.push_back(std::move(m));
  }
  const std::uint64_t end = b.head.sequence + b.count;
  if (end > expected_) {
    expected_ = end;
    ++unreported_blobs_;
    report_by(now + settings_.report_after);
  }
  counters_.received += in.messages.size();
  const bool alone = in.messages.size() == outstanding_.size();
  if (!alone && outstanding_bytes_ > 2 * settings_.window_bytes) return errc::over_window;
  return in;
}

std::uint64_t incoming_link::queried(const credit_query& q) {
  if (!adopt(q.session)) return 0;
  report_at_ = time_point::min();
  return advance_over(q.position);
}

void incoming_link::consumed(const message_place& place, time_point now) {
  if (place.session != session_) return;
  const auto at =
      std::lower_bound(outstanding_.begin(), outstanding_.end(), place.sequence,
                       [](const outstanding& o, std::uint64_t s) { return o.sequence < s; });
  if (at == outstanding_.end() || at->sequence != place.sequence || at->done) return;
  at->done = true;
  while (!outstanding_.empty() && outstanding_.front().done) {
    outstanding_bytes_ -= outstanding_.front().size_bytes;
    unreported_bytes_ += outstanding_.front().size_bytes;
    outstanding_.pop_front();
    report_by(now + settings_.report_after);
  }
}

std::uint64_t incoming_link::position() const {
  return outstanding_.empty() ? expected_ : outstanding_.front().sequence;
}

std::optional<credit> incoming_link::due(time_point now) {
  const bool much = unreported_bytes_ >= settings_.window_bytes / 4 ||
                    unreported_blobs_ >= std::max<std::size_t>(settings_.window_blobs / 4, 1);
  if (session_ == 0 || (!much && now < report_at_)) return std::nullopt;
  unreported_bytes_ = unreported_blobs_ = 0;
  report_at_ = time_point::max();
  return credit{session_, position(), lost_};
}

}  // namespace gossamer::cluster
