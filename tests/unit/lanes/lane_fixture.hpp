// Lanes for tests, and file descriptors that stand for clients.
#pragma once

#include "runtime/lanes/lane_group.hpp"
#include "tests/unit/lanes/waiting.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <fcntl.h>
#include <functional>
#include <unistd.h>
#include <utility>

namespace gossamer::testing {

/// A group that is stopped at the end and must then be clean.
struct started_group {
  explicit started_group(lane_options options) : group(std::move(options)) { group.start(); }
  explicit started_group(std::size_t lanes) : started_group(lane_options{.lanes = lanes}) {}
  ~started_group() { finish(); }
  /// Ends the lanes. At the end of a test, before the locals that lanes use are gone.
  void finish() {
    if (std::exchange(finished, true)) return;
    EXPECT_TRUE(group.stop(std::chrono::seconds(30)).clean());
  }
  lane& operator[](std::size_t i) { return group.at(i); }
  lane_group group;
  bool finished = false;
};

struct pipe_fd {
  pipe_fd() { EXPECT_EQ(::pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC), 0); }
  ~pipe_fd() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  void fill() const { EXPECT_EQ(::write(ends[1], "x", 1), 1); }
  void empty() const {
    char c = 0;
    EXPECT_EQ(::read(ends[0], &c, 1), 1);
  }
  std::array<int, 2> ends{};
};

struct reader final : pollable {
  explicit reader(std::function<void(std::uint32_t)> f) : body(std::move(f)) {}
  void on_ready(std::uint32_t events) override { body(events); }
  void on_failed() noexcept override { ++failures; }
  std::function<void(std::uint32_t)> body;
  int failures = 0;
};

}  // namespace gossamer::testing
