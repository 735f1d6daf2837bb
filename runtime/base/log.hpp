// Log lines: one line per change of state, key=value, to a sink that the program chooses.
//
// gossamer has no global logger: each server is given one. Type and size of a payload may be
// logged, its content never.
#pragma once

#include <atomic>
#include <cstdint>
#include <fmt/format.h>
#include <functional>
#include <string_view>
#include <utility>

namespace gossamer {

enum class log_level : std::uint8_t { debug, info, warn, error, off };

/// Takes one finished line. Called from any thread, perhaps from several at once; must not block
/// for long.
using log_sink = std::function<void(log_level, std::string_view line)>;

/// A level and a sink. Any thread, but `set` only before the server starts.
class logger {
 public:
  logger() = default;
  logger(log_level level, log_sink sink) : level_(level), sink_(std::move(sink)) {}

  [[nodiscard]] bool enabled(log_level level) const { return sink_ && level >= level_; }

  template <class... Args>
  void write(log_level level, fmt::format_string<Args...> format, Args&&... args) const {
    if (!enabled(level)) return;
    fmt::memory_buffer line;
    fmt::format_to(std::back_inserter(line), format, std::forward<Args>(args)...);
    sink_(level, {line.data(), line.size()});
  }
  template <class... Args>
  void debug(fmt::format_string<Args...> format, Args&&... args) const {
    write(log_level::debug, format, std::forward<Args>(args)...);
  }
  template <class... Args>
  void info(fmt::format_string<Args...> format, Args&&... args) const {
    write(log_level::info, format, std::forward<Args>(args)...);
  }
  template <class... Args>
  void warn(fmt::format_string<Args...> format, Args&&... args) const {
    write(log_level::warn, format, std::forward<Args>(args)...);
  }
  template <class... Args>
  void error(fmt::format_string<Args...> format, Args&&... args) const {
    write(log_level::error, format, std::forward<Args>(args)...);
  }

 private:
  log_level level_ = log_level::off;
  log_sink sink_;
};

/// A sink that writes `LEVEL line` to stderr.
[[nodiscard]] log_sink stderr_sink();

}  // namespace gossamer
