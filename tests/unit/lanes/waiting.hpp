// Waiting in tests: on events, with a generous limit, never for a time.
#pragma once

#include "runtime/lanes/lane.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace gossamer::testing {

inline constexpr std::chrono::seconds patience{60};

/// Counts down from any thread; `wait` is false if it does not get to 0 in time.
class countdown {
 public:
  explicit countdown(std::size_t count) : left_(count) {}
  void arrive() {
    const std::lock_guard lock(mutex_);
    if (left_ != 0 && --left_ == 0) changed_.notify_all();
  }
  [[nodiscard]] bool wait() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return left_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t left_;
};

/// Runs `f` on the lane and returns what it returned.
template <class F>
auto on_lane(lane& where, F f) {
  using value = std::invoke_result_t<F&>;
  // Shared: the lane may still be inside set_value when the caller has its answer.
  auto done = std::make_shared<std::promise<value>>();
  auto answer = done->get_future();
  const auto posted = where.post([&f, done] {
    if constexpr (std::is_void_v<value>) {
      f();
      done->set_value();
    } else {
      done->set_value(f());
    }
  });
  if (posted != post_result::accepted) throw std::runtime_error("the lane takes no delivery");
  if (answer.wait_for(patience) != std::future_status::ready) {
    std::fprintf(stderr, "a lane did not answer\n");
    std::abort();
  }
  return answer.get();
}

/// Keeps the lines of a logger, and lets a test wait for one.
class log_lines {
 public:
  [[nodiscard]] logger make() {
    return {log_level::debug, [this](log_level, std::string_view line) {
              const std::lock_guard lock(mutex_);
              lines_.emplace_back(line);
              changed_.notify_all();
            }};
  }
  /// The first line that contains `part`, or "" if none comes.
  [[nodiscard]] std::string wait_for(std::string_view part) {
    std::unique_lock lock(mutex_);
    std::string found;
    changed_.wait_for(lock, patience, [&] { return !(found = find(part)).empty(); });
    return found;
  }
  [[nodiscard]] std::string all() {
    const std::lock_guard lock(mutex_);
    std::string text;
    for (const auto& line : lines_) text += line + "\n";
    return text;
  }

 private:
  [[nodiscard]] std::string find(std::string_view part) const {
    for (const auto& line : lines_) {
      if (line.find(part) != std::string::npos) return line;
    }
    return {};
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
};

}  // namespace gossamer::testing
