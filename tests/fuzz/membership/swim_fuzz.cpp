// One membership object under a stream of packets and ticks: no sequence of bytes from members
// trips a check or breaks a bound.
//
// The input is read as steps: how much time passes, from whom, over which channel, how many bytes.
#include "runtime/base/check.hpp"
#include "runtime/membership/swim.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace gossamer;
using namespace gossamer::membership;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  seeded_random random(1);
  time_point now{std::chrono::hours(1000)};
  settings s;
  s.name = "fuzzed";
  s.at = address::v4(0x0a000001, 7946);
  s.epoch = s.wall_microseconds = 1'000'000;
  s.seeds = {address::v4(0x0a000002, 7946)};
  swim node(s, random, now);
  time_point wake = node.start(now).wake;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  while (rest.size() >= 4) {
    const auto wait = static_cast<std::uint8_t>(rest[0]);
    const auto from = static_cast<std::uint8_t>(rest[1]);
    const auto length = static_cast<std::size_t>(static_cast<std::uint8_t>(rest[3]));
    const channel via = (rest[2] & 1) != 0 ? channel::link : channel::datagram;
    rest.remove_prefix(4);
    const std::string_view payload = rest.substr(0, length);
    rest.remove_prefix(payload.size());
    const time_point until = now + milliseconds(wait * wait);
    for (int ticks = 0; wake <= until && ticks < 100; ++ticks) {
      now = std::max(now, wake);
      wake = node.tick(now).wake;
    }
    now = until;
    wake = node.receive(now, address::v4(0x0a000000U + from, 7946), payload, via).wake;
  }
  GOSSAMER_CHECK(node.rumour_count() <= rumours::rumours_max);
  GOSSAMER_CHECK(node.relay_count() <= swim::relays_max);
  GOSSAMER_CHECK(node.size() <= member_table::members_max + 1);
  return 0;
}
