// Where operators' numbers come from. Everything in it may be called on any thread.
#pragma once

#include "actors/server_core.hpp"
#include "gateway/http/server.hpp"
#include "gateway/transport/counters.hpp"
#include "runtime/base/time.hpp"
#include "runtime/lanes/lane_group.hpp"

#include <functional>

namespace gossamer::ops {

struct sources {
  lane_group& lanes;
  const detail::server_core& sockets;
  std::function<http::server_stats()> http;
  std::function<transport::engine_stats()> engines;  // all of them together
  std::function<bool()> draining;
  milliseconds lane_hangs_after{5'000};
};

}  // namespace gossamer::ops
