// Waits until no lane has anything left to do.
#pragma once

#include "runtime/base/time.hpp"

#include <functional>
#include <memory>
#include <span>

namespace gossamer {

class lane;

/// True if all lanes are quiet: nothing queued, no actor job ready, nothing in flight between them.
/// False if the deadline came first. `drive` (may be empty: they have threads) lets lanes do
/// something for a moment. Runs on: a thread that is no lane.
bool drain_lanes(std::span<const std::shared_ptr<lane>> lanes, time_point deadline,
                 const std::function<void()>& drive);

}  // namespace gossamer
