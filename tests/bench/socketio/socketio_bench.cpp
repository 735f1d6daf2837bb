// Decode, relay, convert and encode one small event.
#include "actors/socketio/decoder.hpp"
#include "actors/socketio/encode.hpp"
#include "actors/socketio/json_codec.hpp"
#include "actors/socketio/msgpack_decode.hpp"
#include "actors/socketio/msgpack_encode.hpp"

#include <boost/describe/class.hpp>

#include <benchmark/benchmark.h>
#include <optional>
#include <string>

namespace {

using namespace gossamer;
using namespace gossamer::socketio;

struct place_order {
  std::string symbol;
  int quantity = 0;
  std::optional<double> limit;
};
BOOST_DESCRIBE_STRUCT(place_order, (), (symbol, quantity, limit))

const std::string echo = R"(2["echo",")" + std::string(64, 'x') + R"("])";
const std::string order = R"(212["order",{"symbol":"ACME","quantity":300,"limit":12.5}])";

void decode_event(benchmark::State& state) {
  decoder d;
  for (auto _ : state) {
    auto got = d.on_text(echo);
    benchmark::DoNotOptimize(got);
  }
}
BENCHMARK(decode_event);

void decode_and_relay(benchmark::State& state) {
  decoder d;
  for (auto _ : state) {
    const auto got = d.on_text(echo);
    auto frames = encode_event("/", {}, (*got)->name(), (*got)->args);
    benchmark::DoNotOptimize(frames);
  }
}
BENCHMARK(decode_and_relay);

void decode_and_keep(benchmark::State& state) {
  decoder d;
  for (auto _ : state) {
    const auto got = d.on_text(echo);
    auto kept = (*got)->args.keep();
    benchmark::DoNotOptimize(kept);
  }
}
BENCHMARK(decode_and_keep);

void decode_and_convert(benchmark::State& state) {
  decoder d;
  for (auto _ : state) {
    const auto got = d.on_text(order);
    auto made = (*got)->args.get<place_order>(0);
    benchmark::DoNotOptimize(made);
  }
}
BENCHMARK(decode_and_convert);

void encode_struct(benchmark::State& state) {
  const place_order given{"ACME", 300, 12.5};
  for (auto _ : state) {
    auto frames = encode_event("/", {}, "order", given);
    benchmark::DoNotOptimize(frames);
  }
}
BENCHMARK(encode_struct);

// The same with the msgpack parser: what comes in becomes JSON text, what goes out was JSON text.
bytes packed(std::string_view event) {
  std::string out;
  encode_msgpack({packet_type::event, "/", {}, event, {}}, out);
  return bytes(std::string_view(out));
}

void msgpack_decode_event(benchmark::State& state) {
  const auto with = msgpack_parser();
  const bytes message = packed(echo.substr(1));
  parser_memory_ptr memory;
  for (auto _ : state) {
    auto got = decode_binary(*with, message, memory);
    benchmark::DoNotOptimize(got);
  }
}
BENCHMARK(msgpack_decode_event);

void msgpack_decode_and_relay(benchmark::State& state) {
  const auto with = msgpack_parser();
  const bytes message = packed(echo.substr(1));
  parser_memory_ptr memory;
  for (auto _ : state) {
    const auto got = decode_binary(*with, message, memory);
    auto frames = encode_event({"/", with.get()}, {}, (*got)->name(), (*got)->args);
    benchmark::DoNotOptimize(frames);
  }
}
BENCHMARK(msgpack_decode_and_relay);

void msgpack_decode_and_convert(benchmark::State& state) {
  const auto with = msgpack_parser();
  const bytes message = packed(order.substr(3));
  parser_memory_ptr memory;
  for (auto _ : state) {
    const auto got = decode_binary(*with, message, memory);
    auto made = (*got)->args.get<place_order>(0);
    benchmark::DoNotOptimize(made);
  }
}
BENCHMARK(msgpack_decode_and_convert);

void msgpack_encode_struct(benchmark::State& state) {
  const auto with = msgpack_parser();
  const place_order given{"ACME", 300, 12.5};
  for (auto _ : state) {
    auto frames = encode_event({"/", with.get()}, {}, "order", given);
    benchmark::DoNotOptimize(frames);
  }
}
BENCHMARK(msgpack_encode_struct);

void make_image(benchmark::State& state) {
  const std::string text(64, 'x');
  for (auto _ : state) {
    auto image = event_image::make("say", text);
    benchmark::DoNotOptimize(image);
  }
}
BENCHMARK(make_image);

}  // namespace

BENCHMARK_MAIN();
