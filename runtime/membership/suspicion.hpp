// One member under suspicion: who accuses it, and when it is declared dead.
//
// The more members accuse it independently, the sooner: from `max` with one accuser down to `min`
// once all expected confirmations are there.
#pragma once

#include "runtime/base/ids.hpp"
#include "runtime/membership/profile.hpp"

#include <boost/container/static_vector.hpp>

#include <cstddef>

namespace gossamer::membership {

class suspicion {
 public:
  /// More accusers than this shorten nothing, so they are not kept.
  static constexpr std::size_t confirmations_max = 4;

  suspicion(const node_id& originator, time_point now, suspicion_bounds bounds,
            std::size_t expected);

  /// True if `from` accuses for the first time and that still counts.
  [[nodiscard]] bool confirm(const node_id& from);
  [[nodiscard]] time_point deadline() const;
  [[nodiscard]] time_point started() const { return started_; }
  /// Not before `until`, whatever the confirmations say.
  void defer(time_point until);

 private:
  boost::container::static_vector<node_id, confirmations_max + 1> accusers_;
  time_point started_;
  time_point not_before_;
  suspicion_bounds bounds_;
  std::size_t expected_;
};

}  // namespace gossamer::membership
