// Time as every part of gossamer sees it: steady, passed in as an argument.
//
// Pure parts never read a clock. The wall clock serves only log lines, HTTP dates and the boot
// epoch.
#pragma once

#include <chrono>

namespace gossamer {

using clock = std::chrono::steady_clock;
using time_point = clock::time_point;
using duration = clock::duration;
using milliseconds = std::chrono::milliseconds;
using seconds = std::chrono::seconds;

}  // namespace gossamer
