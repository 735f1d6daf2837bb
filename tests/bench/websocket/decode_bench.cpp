// Time to decode masked text frames, as they lie one after the other in a read buffer.
//
// Each round works on a fresh copy of the buffer, because decoding unmasks in place; the copy alone
// is measured too.
#include "gateway/websocket/client_frames.hpp"
#include "gateway/websocket/frame_decoder.hpp"

#include <algorithm>
#include <benchmark/benchmark.h>
#include <string>

namespace gossamer::websocket {
namespace {

std::string frames_of(std::size_t payload_bytes, std::string_view letter, std::size_t count) {
  std::string payload;
  while (payload.size() < payload_bytes) payload += letter;
  std::string stream;
  for (std::size_t i = 0; i < count; ++i) {
    append_to(stream, {.payload = payload, .mask = static_cast<std::uint32_t>(i * 2654435761U)});
  }
  return stream;
}

void decode_all(benchmark::State& state, std::string_view letter, bool copy_only) {
  const auto payload_bytes = static_cast<std::size_t>(state.range(0));
  const std::size_t count = std::max<std::size_t>(1, 16'384 / payload_bytes);
  const std::string stream = frames_of(payload_bytes, letter, count);
  std::string buffer = stream;
  frame_decoder decoder(1U << 20U);
  std::size_t messages = 0;
  for (auto _ : state) {
    std::copy(stream.begin(), stream.end(), buffer.begin());
    benchmark::DoNotOptimize(buffer.data());
    benchmark::ClobberMemory();
    if (copy_only) continue;
    std::span<char> input(buffer);
    while (const auto event = decoder.next(input)) {
      benchmark::DoNotOptimize(event->payload.data());
      ++messages;
    }
  }
  if (!copy_only && messages != count * static_cast<std::size_t>(state.iterations())) {
    state.SkipWithError("not every frame became a message");
  }
  const auto frames = static_cast<double>(count) * static_cast<double>(state.iterations());
  state.counters["per_frame"] =
      benchmark::Counter(frames, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void copy_of_buffer(benchmark::State& state) {
  decode_all(state, "x", true);
}
void decode_ascii(benchmark::State& state) {
  decode_all(state, "x", false);
}
void decode_chinese(benchmark::State& state) {
  decode_all(state, "\xe7\xbd\x91", false);
}

BENCHMARK(copy_of_buffer)->Arg(64)->Arg(4096);
BENCHMARK(decode_ascii)->Arg(64)->Arg(4096);
BENCHMARK(decode_chinese)->Arg(64)->Arg(4096);

}  // namespace
}  // namespace gossamer::websocket

BENCHMARK_MAIN();
