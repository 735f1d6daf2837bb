// Is the server well? ok, draining (it stops and takes no more clients), or a lane hangs.
#pragma once

#include "runtime/lanes/lane_group.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace gossamer::ops {

struct sources;

struct health {
  bool draining = false;
  std::vector<stuck_lane> hanging;

  /// 200, or 503 if no clients should be sent here.
  [[nodiscard]] unsigned http_status() const { return draining || !hanging.empty() ? 503 : 200; }
  /// `{"status":"ok"}`, `{"status":"draining"}` or, whether it drains or not,
  /// `{"status":"hanging","lanes":[{"lane":0,"handler":"save","held_ms":5300}]}`.
  [[nodiscard]] std::string json() const;
};

/// Any thread.
[[nodiscard]] health check_health(const sources& of);

}  // namespace gossamer::ops
