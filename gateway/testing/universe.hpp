// Behind `world`: its clock, its servers and the connections of its clients.
//
// Runs on: the test's thread.
#pragma once

#include "runtime/base/time.hpp"
#include "runtime/lanes/lane_group.hpp"
#include "runtime/lanes/manual_clock.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace gossamer::testing::detail {

class wire;

class universe {
 public:
  /// The lanes of a server; null when they have ended.
  using lanes_of = std::function<lane_group*()>;

  [[nodiscard]] lane_options lanes(std::size_t count);
  [[nodiscard]] time_point now() const { return clock_->now(); }

  void add(const void* server, lanes_of lanes) { servers_.push_back({server, std::move(lanes)}); }
  /// The server has ended.
  void remove(const void* server);
  void add(std::shared_ptr<wire> connection) { wires_.push_back(std::move(connection)); }

  void run();
  void advance(duration by);

 private:
  struct known {
    const void* server;
    lanes_of lanes;
  };
  [[nodiscard]] std::vector<lane_group*> groups() const;
  [[nodiscard]] bool step();

  const std::shared_ptr<manual_clock> clock_ = std::make_shared<manual_clock>();
  std::vector<known> servers_;
  std::vector<std::shared_ptr<wire>> wires_;
  std::uint64_t last_seed_ = 0;
  bool running_ = false;
};

}  // namespace gossamer::testing::detail
