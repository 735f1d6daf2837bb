// The program's log: lines with time and level on stderr, as text or JSON.
//
//     2026-01-31T12:00:00.123Z info session closed sid=... reason=ping timeout
//     {"time":"2026-01-31T12:00:00.123Z","level":"info","message":"session closed sid=..."}
#pragma once

#include "gateway/config.hpp"
#include "runtime/base/log.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace gossamer::config {

/// One finished line without line feed. Pure. Control characters do not get through.
[[nodiscard]] std::string log_line(log_format format, std::chrono::system_clock::time_point when,
                                   log_level level, std::string_view message);

/// A sink that hands lines to a thread which writes them to stderr. Never blocks: if 8192 lines
/// wait, the oldest is dropped. Make one in a program, and keep what `flush_log` does for the end.
[[nodiscard]] log_sink stderr_log(log_format format);
/// Writes what waits and ends the thread.
void flush_log();

}  // namespace gossamer::config
