// What one lane knows of the HTTP server: its connections, counters and the text of the date.
//
// Runs on: its lane, but for the counters.
#pragma once

#include "gateway/http/connection_registry.hpp"
#include "gateway/http/errc.hpp"
#include "gateway/http/server.hpp"
#include "runtime/base/time.hpp"
#include "runtime/lanes/lane.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace gossamer::http {

class tls_filter;

class lane_server final : private timer {
 public:
  lane_server(server& owner, lane& home);
  ~lane_server();

  [[nodiscard]] server& owner() { return owner_; }
  [[nodiscard]] lane& home() { return connections_.home(); }
  [[nodiscard]] const server_options& options() const { return owner_.options(); }
  [[nodiscard]] connection_registry& connections() { return connections_; }

  /// Speaks HTTP on a new connection.
  void begin(detached_connection&& from, std::unique_ptr<tls_filter> tls);
  /// Answers a new connection 503 and closes it.
  void turn_away(detached_connection&& from);

  /// Closes connections as server::close_connections says; `done` is called when none is left.
  void stop(milliseconds at_most, std::function<void()> done);
  [[nodiscard]] bool stopping() const { return stopping_; }

  void count_request() { requests_.fetch_add(1, std::memory_order_relaxed); }
  void count_idle() { idle_closed_.fetch_add(1, std::memory_order_relaxed); }
  void count(refusal why) {
    refusals_[static_cast<std::size_t>(why)].fetch_add(1, std::memory_order_relaxed);
  }
  /// Adds this lane's counters. Any thread.
  void add_to(server_stats& sum) const;
  /// The date for answers of this second, or nothing if none is to be sent.
  [[nodiscard]] std::string_view date();

 private:
  void on_timer(time_point now) override;
  void stopped_if_empty();

  server& owner_;
  connection_registry connections_;
  std::atomic<std::uint64_t> requests_{0};
  std::atomic<std::uint64_t> idle_closed_{0};
  std::array<std::atomic<std::uint64_t>, refusal_count> refusals_{};
  std::string date_;
  time_point date_until_{};
  bool stopping_ = false;
  time_point stop_deadline_{};
  std::function<void()> stopped_;
};

}  // namespace gossamer::http
