// Time of a deflated broadcast for each recipient: deflated once and shared by all, as the server
// does it, and deflated for each connection by itself, as a server with context takeover has to.
#include "gateway/websocket/deflater.hpp"
#include "gateway/websocket/inflate.hpp"

#include <benchmark/benchmark.h>
#include <string>

namespace gossamer::websocket {
namespace {

constexpr int recipients = 1000;

// An event as applications send them.
std::string event_of(std::size_t bytes) {
  std::string text = "42[\"quotes\",[";
  for (unsigned i = 0; text.size() < bytes; ++i) {
    text += "{\"symbol\":\"S" + std::to_string(i % 97) +
            "\",\"bid\":" + std::to_string(i * 2654435761U % 100'000U) + "},";
  }
  text.back() = ']';
  return text + ']';
}

void for_each_delivery(benchmark::State& state, double each_round) {
  state.counters["per_delivery"] =
      benchmark::Counter(each_round * static_cast<double>(state.iterations()),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void broadcast_deflated_once(benchmark::State& state) {
  const auto text = event_of(static_cast<std::size_t>(state.range(0)));
  deflater makes({});
  for (auto _ : state) {
    const auto frame = shared_frame::make(frame_kind::text, {text});
    for (int i = 0; i < recipients; ++i) benchmark::DoNotOptimize(makes.form_of(frame));
  }
  for_each_delivery(state, recipients);
}

void broadcast_deflated_for_each(benchmark::State& state) {
  const auto text = event_of(static_cast<std::size_t>(state.range(0)));
  deflater makes({});
  for (auto _ : state) {
    const auto frame = shared_frame::make(frame_kind::text, {text});
    benchmark::DoNotOptimize(makes.form_of(frame));
  }
  for_each_delivery(state, 1);
}

void inflate_one(benchmark::State& state) {
  deflater makes({});
  const auto frame =
      shared_frame::make(frame_kind::text, {event_of(static_cast<std::size_t>(state.range(0)))});
  const auto form = makes.form_of(frame);
  const auto payload = form.wire().substr(form.wire().size() < 128 ? 2 : 4);
  std::vector<char> out;
  for (auto _ : state) {
    if (inflate_message(payload, 1'000'000, out) != errc::none) state.SkipWithError("not inflated");
  }
  for_each_delivery(state, 1);
}

BENCHMARK(broadcast_deflated_once)->Arg(2'000)->Arg(20'000);
BENCHMARK(broadcast_deflated_for_each)->Arg(2'000)->Arg(20'000);
BENCHMARK(inflate_one)->Arg(2'000)->Arg(20'000);

}  // namespace
}  // namespace gossamer::websocket
