// Waits until no lane has anything left to do.
#pragma once

#include "runtime/base/time.hpp"

#include <memory>
#include <span>

namespace gossamer {

class lane;

/// True if all lanes are quiet: nothing queued, no actor job ready, nothing in flight between them.
/// False if the deadline came first. Runs on: a thread that is no lane.
bool drain_lanes(std::span<const std::shared_ptr<lane>> lanes, time_point deadline);

}  // namespace gossamer
