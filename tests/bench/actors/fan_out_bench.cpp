// What a broadcast costs per recipient, without the write: the loop over a room's members on one
// lane, each recipient's outgoing queue included. Also counts heap allocations, which must not grow
// with the recipients.
#include "actors/callback_scope.hpp"
#include "actors/include/gossamer/nsp.hpp"
#include "actors/runtime_side.hpp"
#include "actors/server_core.hpp"
#include "gateway/http/send_queue.hpp"

#include <atomic>
#include <benchmark/benchmark.h>
#include <cstdlib>
#include <future>
#include <memory>
#include <new>
#include <vector>

namespace {

std::atomic<std::uint64_t> allocations{0};

}  // namespace

void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* made = std::malloc(size)) return made;
  throw std::bad_alloc();
}
void operator delete(void* what) noexcept {
  std::free(what);
}
void operator delete(void* what, std::size_t) noexcept {
  std::free(what);
}

namespace gossamer {
namespace {

// A session whose frames go into the queue that real connections use, and never out.
class quiet_link final : public connection {
 public:
  explicit quiet_link(lane& home) : home_(home) {}
  [[nodiscard]] lane& home() const override { return home_; }
  [[nodiscard]] const session_id& id() const override { return id_; }
  [[nodiscard]] int revision() const override { return 4; }
  [[nodiscard]] transport_kind transport() const override { return transport_kind::websocket; }
  [[nodiscard]] std::shared_ptr<const handshake_info> handshake() const override { return nullptr; }
  send_status send(std::span<const shared_frame> frames) override {
    for (const auto& frame : frames) queue_.push(frame, pool());
    return send_status::queued;
  }
  [[nodiscard]] bool ready_for_volatile() const override { return true; }
  [[nodiscard]] std::size_t queued_bytes() const override { return 0; }
  void check_budget() override {}
  void close(close_reason) override {}
  void forget_queued() { queue_.clear(pool()); }
  std::unique_ptr<client> above;

 private:
  static http::chunk_pool& pool() {
    static thread_local http::chunk_pool of_the_lane;
    return of_the_lane;
  }
  lane& home_;
  session_id id_;
  http::send_queue queue_;
};

// A server on one lane with `count` sockets in one room.
class crowd {
 public:
  explicit crowd(std::size_t count, bool recovers = false) {
    lane_options options;
    options.lanes = 1;
    runtime_ = detail::own_runtime(options);
    detail::socketio_options how;
    if (recovers) how.recovery.emplace();
    core_ = std::make_unique<detail::server_core>(runtime_->lanes(), how, logger());
    core_->started();
    nsp(core_->of("/")).on_connection([](socket s) { s.join("room"); });
    run([&] {
      for (std::size_t i = 0; i < count; ++i) {
        links_.push_back(std::make_unique<quiet_link>(home()));
        links_.back()->above = core_->on_session(*links_.back());
        links_.back()->above->on_text("0");
        links_.back()->forget_queued();
      }
    });
  }
  ~crowd() {
    run([&] {
      for (const auto& link : links_) link->above->on_close(close_reason::transport_close);
      for (const auto& link : links_) link->above.reset();
    });
    core_->stopped();
    runtime_->stop(milliseconds(10'000), {});
  }
  crowd(const crowd&) = delete;
  crowd& operator=(const crowd&) = delete;

  lane& home() { return runtime_->lanes().at(std::size_t{0}); }
  nsp all() { return nsp(core_->of("/")); }
  void run(const std::function<void()>& what) {
    std::promise<void> done;
    (void)home().post([&] {
      const detail::callback_scope scope(home());
      what();
      done.set_value();
    });
    done.get_future().wait();
  }
  void forget_queued() {
    for (const auto& link : links_) link->forget_queued();
  }

 private:
  std::unique_ptr<detail::runtime_side> runtime_;
  std::unique_ptr<detail::server_core> core_;
  std::vector<std::unique_ptr<quiet_link>> links_;
};

void fan_out(benchmark::State& state, bool to_room, bool recovers = false) {
  crowd people(static_cast<std::size_t>(state.range(0)), recovers);
  const std::string text(64, 'x');
  std::uint64_t allocated = 0;
  for (auto _ : state) {
    double seconds = 0;
    people.run([&] {
      const auto before = allocations.load();
      const auto start = clock::now();
      (void)(to_room ? people.all().to("room").emit("said", text)
                     : people.all().emit("said", text));
      seconds = std::chrono::duration<double>(clock::now() - start).count();
      allocated = allocations.load() - before;
      people.forget_queued();
    });
    state.SetIterationTime(seconds);
  }
  const auto recipients = static_cast<double>(state.range(0));
  state.counters["ns_per_recipient"] =
      benchmark::Counter(recipients * 1e-9, benchmark::Counter::kIsIterationInvariantRate |
                                                benchmark::Counter::kInvert);
  state.counters["allocations"] = static_cast<double>(allocated);
}

BENCHMARK_CAPTURE(fan_out, to_a_room, true)->Arg(100)->Arg(1000)->Arg(10'000)->UseManualTime();
BENCHMARK_CAPTURE(fan_out, to_everybody, false)->Arg(100)->Arg(1000)->Arg(10'000)->UseManualTime();
// The same with connection state recovery: each event is kept, and noted for each receiver.
BENCHMARK_CAPTURE(fan_out, kept_to_a_room, true, true)
    ->Arg(100)
    ->Arg(1000)
    ->Arg(10'000)
    ->UseManualTime();

}  // namespace
}  // namespace gossamer

BENCHMARK_MAIN();
