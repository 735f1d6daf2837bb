// An actor runtime for tests, and an actor that tells what it sees.
#pragma once

#include "runtime/lanes/actor_runtime_caf.hpp"
#include "runtime/lanes/actors_caf.hpp"
#include "tests/unit/lanes/waiting.hpp"

#include <caf/event_based_actor.hpp>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <future>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace gossamer {

struct numbered {
  int from = 0;
  int number = 0;
};
struct unknown_to_all {};

}  // namespace gossamer

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gossamer::numbered)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(gossamer::unknown_to_all)

namespace gossamer::testing {

/// Empty if the stop was clean, else what was left.
inline std::string left_by(const actors_stopped& report) {
  if (report.clean()) return {};
  return fmt::format("actors={} lean={} pinned={} stuck={} dropped={} system_left={}",
                     report.actors_alive, report.lean_alive, report.pinned_alive.size(),
                     report.lanes.stuck.size(), report.lanes.dropped, report.system_left);
}

struct runtime_of {
  explicit runtime_of(lane_options options) : runtime(std::move(options)) {}
  explicit runtime_of(std::size_t lanes) : runtime(lane_options{.lanes = lanes}) {}
  ~runtime_of() { finish(); }
  /// Ends the runtime. At the end of a test, before the locals that lanes use are gone.
  void finish() {
    if (std::exchange(stopped, true)) return;
    EXPECT_EQ(left_by(runtime.stop(std::chrono::seconds(30))), "");
  }
  lane& operator[](std::size_t i) { return runtime.lanes().at(i); }
  actor_runtime runtime;
  bool stopped = false;
};

/// An ordinary actor from a function. The unused argument keeps CAF 0.17.6 from binding a reference
/// to nothing, which UBSan rightly reports (init_fun_factory.hpp).
template <caf::spawn_options Options = caf::no_spawn_options, class F>
caf::actor spawn_plain(runtime_of& run, F f) {
  return run.runtime.system().spawn<Options>(
      [f](caf::event_based_actor* self, int) { return f(self); }, 0);
}

/// What a probe tells the test; outlives the actor.
struct seen {
  std::atomic<int> messages{0};
  std::atomic<int> inversions{0};
  std::atomic<int> off_lane{0};
  std::atomic<int> exits{0};
  std::atomic<bool> destroyed{false};
  caf::error last_exit;
  std::promise<void> down;
  std::optional<countdown> expected;
};

class probe : public lean_actor {
 public:
  probe(caf::actor_config& config, seen* report) : lean_actor(config), report_(report) {}
  ~probe() override { report_->destroyed = true; }

 protected:
  void on_message(caf::mailbox_element& message) override {
    if (!home().is_current()) ++report_->off_lane;
    ++report_->messages;
    auto& content = message.content();
    if (content.match_elements<numbered>()) {
      const auto& got = content.get_as<numbered>(0);
      if (got.number != next_[static_cast<std::size_t>(got.from)]++) ++report_->inversions;
      if (report_->expected) report_->expected->arrive();
    } else if (content.match_elements<int>()) {
      reply(message, caf::make_message(content.get_as<int>(0) + 1));
    } else if (content.match_elements<std::string>()) {
      throw std::runtime_error(content.get_as<std::string>(0));
    } else {
      drop_unknown(message);
    }
  }
  void on_exit_message(caf::error reason) override {
    if (!home().is_current()) ++report_->off_lane;
    ++report_->exits;
    report_->last_exit = reason;
    terminate(std::move(reason));
  }
  void on_down_message(caf::down_msg&) override { report_->down.set_value(); }

 private:
  seen* report_;
  std::array<int, 8> next_{};
};

struct counter_actor final : pinned_actor {
  counter_actor(caf::actor_config& config, std::atomic<int>* off_lane)
      : pinned_actor(config), wrong(off_lane) {}
  caf::behavior make_behavior() override {
    return {[this](int x) {
              if (!home().is_current()) ++*wrong;
              return x * 2;
            },
            [](const std::string& text) -> int { throw std::runtime_error(text); }};
  }
  [[nodiscard]] const char* name() const override { return "counter"; }
  std::atomic<int>* wrong;
};

}  // namespace gossamer::testing
