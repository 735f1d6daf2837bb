// What parts of a server see of its inside: polling and the in-memory clients of gossamer::testing.
#pragma once

#include "gateway/include/gossamer/options.hpp"
#include "runtime/lanes/lane_group.hpp"

namespace gossamer {

namespace transport {
class engine;
}

namespace detail {

/// Null when the lanes have ended.
struct server_inside {
  lane_group* lanes = nullptr;
  transport::engine* engine = nullptr;
  int wake_fd = -1;  // an event descriptor: `stop` was called, or a signal came
};

/// What the options say of lanes.
[[nodiscard]] lane_options lane_settings(const options& from);

}  // namespace detail
}  // namespace gossamer
