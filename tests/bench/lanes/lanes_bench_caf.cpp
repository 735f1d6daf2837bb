// What a lane costs: a delivery from lane to lane, a timer armed and cancelled, a message to a lean
// actor, naming a handler.
#include "runtime/base/random.hpp"
#include "runtime/lanes/actor_runtime_caf.hpp"
#include "runtime/lanes/actors_caf.hpp"

#include <caf/send.hpp>

#include <benchmark/benchmark.h>
#include <deque>
#include <future>

namespace gossamer {
namespace {

constexpr std::size_t batch = 1000;

/// Runs `f` on the lane and waits for it.
template <class F>
void on_lane(lane& where, F f) {
  std::promise<void> done;
  if (where.post([&] {
        f();
        done.set_value();
      }) != post_result::accepted) {
    std::abort();
  }
  done.get_future().wait();
}

// Time of a batch, from the first post on one lane until the last delivery has run on the other.
void post_lane_to_lane(benchmark::State& state) {
  lane_group group(lane_options{.lanes = 2});
  group.start();
  lane& from = group.at(std::size_t{0});
  lane& to = group.at(std::size_t{1});
  for ([[maybe_unused]] auto each : state) {
    std::promise<void> done;
    std::size_t got = 0;
    on_lane(from, [&] {
      for (std::size_t i = 0; i < batch; ++i) {
        static_cast<void>(to.post([&] {
          if (++got == batch) done.set_value();
        }));
      }
    });
    done.get_future().wait();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * batch));
  group.stop(seconds(10));
}
BENCHMARK(post_lane_to_lane)->UseRealTime();

void post_to_own_lane(benchmark::State& state) {
  lane_group group(lane_options{.lanes = 1});
  group.start();
  lane& here = group.at(std::size_t{0});
  for ([[maybe_unused]] auto each : state) {
    std::promise<void> done;
    std::size_t got = 0;
    static_cast<void>(here.post([&] {
      for (std::size_t i = 0; i < batch; ++i) {
        static_cast<void>(here.post([&] {
          if (++got == batch) done.set_value();
        }));
      }
    }));
    done.get_future().wait();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * batch));
  group.stop(seconds(10));
}
BENCHMARK(post_to_own_lane)->UseRealTime();

struct silent_timer final : timer {
  void on_timer(time_point) override {}
};

void arm_and_cancel_timer(benchmark::State& state) {
  seeded_random random(1);
  const time_point start{seconds(100)};
  timer_wheel wheel(start);
  std::deque<silent_timer> timers(10'000);
  std::size_t next = 0;
  for ([[maybe_unused]] auto each : state) {
    auto& t = timers[next++ % timers.size()];
    wheel.arm(t, start + milliseconds(20'000 + random.next() % 10'000));
    t.cancel();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(arm_and_cancel_timer);

void name_a_handler(benchmark::State& state) {
  lane_group group(lane_options{.lanes = 1});
  group.start();
  on_lane(group.at(std::size_t{0}), [&] {
    lane& here = *lane::current();
    for ([[maybe_unused]] auto each : state) const handler_scope scope(here, "order");
  });
  state.SetItemsProcessed(state.iterations());
  group.stop(seconds(10));
}
BENCHMARK(name_a_handler);

struct counting_actor final : lean_actor {
  counting_actor(caf::actor_config& config, std::promise<void>** notify)
      : lean_actor(config), done(notify) {}
  void on_message(caf::mailbox_element&) override {
    if (++got % batch == 0) (*done)->set_value();
  }
  std::promise<void>** done;
  std::size_t got = 0;
};

void send_to_lean_actor(benchmark::State& state) {
  actor_runtime runtime(lane_options{.lanes = 1});
  lane& home = runtime.lanes().at(std::size_t{0});
  std::promise<void>* done = nullptr;
  auto actor = spawn_on<counting_actor>(home, &done);
  for ([[maybe_unused]] auto each : state) {
    std::promise<void> finished;
    done = &finished;
    static_cast<void>(home.post([&] {
      for (std::size_t i = 0; i < batch; ++i) caf::anon_send(actor, 1);
    }));
    finished.get_future().wait();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * batch));
  runtime.stop(seconds(10));
}
BENCHMARK(send_to_lean_actor)->UseRealTime();

}  // namespace
}  // namespace gossamer

BENCHMARK_MAIN();
