// The directory at 1,000,000 remote rooms: what a broadcast asks of it, what its memory is, what
// changes cost.
#include "runtime/directory/room_directory.hpp"

#include <benchmark/benchmark.h>
#include <malloc.h>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace gossamer;
using namespace gossamer::directory;

constexpr std::size_t peers = 10;
constexpr time_point t0{std::chrono::hours(1000)};

std::size_t allocated() {
  const auto info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

member who(std::uint64_t i) {
  return {{i, i}, i, {node_tag{static_cast<std::uint32_t>(i)}}};
}

/// A directory that was told of `rooms` rooms, each by one of ten peers or by two.
struct filled {
  explicit filled(std::size_t rooms) : core({}, who(1), random, t0) {
    const std::size_t before = allocated();
    for (std::uint64_t i = 2; i < 2 + peers; ++i) {
      (void)core.member_changed(t0, member_change::up, who(i));
      const std::uint32_t round = core.find(who(i).id)->reads.round;
      (void)core.receive(t0, who(i).id, encode(update{i, round, 1, false, false, {}}));
    }
    std::vector<std::uint64_t> next(peers, 1);
    for (std::size_t r = 0; r < rooms; ++r) {
      keys.push_back({random.next() | 1U, {}});
      tell(r % peers, next);
      if (r % 4 == 0) tell((r + 1) % peers, next);
    }
    bytes = allocated() - before - keys.capacity() * sizeof(room_key);
  }

  void tell(std::size_t peer, std::vector<std::uint64_t>& next) {
    const op on{keys.back().hash, 0, op_kind::room_on};
    const std::uint64_t id = 2 + peer;
    (void)core.receive(t0, who(id).id, encode(update{id, 0, next[peer]++, false, false, {on}}));
  }

  seeded_random random{1};
  room_directory core;
  std::vector<room_key> keys;
  std::size_t bytes = 0;
};

filled& directory_of(std::size_t rooms) {
  static std::unique_ptr<filled> made;
  if (!made || made->keys.size() != rooms) {
    made.reset();
    made = std::make_unique<filled>(rooms);
  }
  return *made;
}

void targets(benchmark::State& state) {
  filled& d = directory_of(static_cast<std::size_t>(state.range(0)));
  const auto rooms = static_cast<std::size_t>(state.range(1));
  std::vector<node_id> out;
  std::size_t at = 0;
  for (auto _ : state) {
    at = (at + 7919) % (d.keys.size() - rooms);
    d.core.targets({&d.keys[at], rooms}, out);
    benchmark::DoNotOptimize(out.data());
  }
  state.counters["bytes_per_room"] =
      static_cast<double>(d.bytes) / static_cast<double>(d.keys.size());
}
BENCHMARK(targets)->Args({10'000, 1})->Args({1'000'000, 1})->Args({1'000'000, 4});

void join_and_leave(benchmark::State& state) {
  seeded_random random(1);
  room_directory core({}, who(1), random, t0);
  const key_maker keys{key_secret{}};
  std::vector<room_key> rooms;
  for (int i = 0; i < 100'000; ++i) rooms.push_back(keys.room("/", std::to_string(i)));
  std::size_t at = 0;
  for (auto _ : state) {
    at = (at + 7919) % rooms.size();
    benchmark::DoNotOptimize(core.join(t0, rooms[at], joiner::socket));
    benchmark::DoNotOptimize(core.leave(t0, rooms[at], joiner::socket));
  }
}
BENCHMARK(join_and_leave);

void make_key(benchmark::State& state) {
  const key_maker keys{key_secret{}};
  for (auto _ : state) benchmark::DoNotOptimize(keys.room("/chat", "a room of twenty-odd"));
}
BENCHMARK(make_key);

void apply_update(benchmark::State& state) {
  filled& d = directory_of(1'000'000);
  const auto size = static_cast<std::size_t>(state.range(0));
  update on{2, 0, 0, false, false, {}};
  std::uint64_t next = d.core.find(who(2).id)->reads.applied + 1;
  std::size_t at = 0;
  for (auto _ : state) {
    on.first = next;
    on.ops.clear();
    for (std::size_t i = 0; i < size; ++i) {
      at = (at + 7919) % d.keys.size();
      on.ops.push_back(
          {d.keys[at].hash, 0, (next + i) % 2 == 0 ? op_kind::room_on : op_kind::room_off});
    }
    next += size;
    benchmark::DoNotOptimize(d.core.receive(t0, who(2).id, encode(on)));
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * size));
}
BENCHMARK(apply_update)->Arg(1000);

}  // namespace

BENCHMARK_MAIN();
