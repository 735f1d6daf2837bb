// A whole node's exchange: blobs from two members, built from the input, with time passing, deaths
// and returns between. Nothing crashes, and what is kept stays within its bounds.
#include "runtime/base/check.hpp"
#include "runtime/cluster/exchange.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

using namespace gossamer;
using namespace gossamer::cluster;

namespace {

const node_id self{1, 1};
const node_id others[] = {{2, 2}, {3, 3}};

void ask(exchange& node, time_point now) {
  (void)node.request(others, fetch_sockets{{}, "/", {}}, seconds(1), now);
  (void)node.request_acks(others, true, {{}, seconds(1), {}, {}, {}}, now);
  (void)node.send(others, server_emit{}, importance::data, now);
}

void check_bounds(const exchange& node, const exchange_settings& s) {
  GOSSAMER_CHECK(node.requests().kept_bytes() <= s.requests.bytes_max);
  GOSSAMER_CHECK(node.acks().kept_bytes() <= s.acks.bytes_max);
  for (const node_id& id : others) {
    const auto* out = node.outgoing(id);
    if (out == nullptr) continue;
    GOSSAMER_CHECK(out->queued_bytes() <= s.link.queue_bytes_max + s.link.reserve_bytes);
  }
}

}  // namespace

/// Input: records of an action byte, a size of two bytes, and that many bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  exchange_settings settings;
  settings.self = {self, "self"};
  settings.requests = settings.acks = {16, 4096};
  settings.link.window_bytes = settings.link.queue_bytes_max = 4096;
  settings.link.batch_bytes = 256;
  exchange node(settings);
  for (const node_id& id : others) node.member_up({id, "peer"}, 2);
  time_point now{};
  while (rest.size() >= 3) {
    const auto action = static_cast<std::uint8_t>(rest[0]);
    const std::size_t want =
        static_cast<std::uint8_t>(rest[1]) * 256U + static_cast<std::uint8_t>(rest[2]);
    const std::string_view body = rest.substr(3, want);
    rest.remove_prefix(3 + body.size());
    const node_id& peer = others[action & 1U];
    switch (action >> 1U & 7U) {
      case 0: node.member_gone(peer, (action & 0x80U) != 0); break;
      case 1: node.member_up({peer, "again"}, static_cast<std::uint8_t>(action >> 4U)); break;
      case 2: ask(node, now); break;
      case 3: now += milliseconds(action); break;
      case 4: node.connection_lost(peer); break;
      default: (void)node.receive(peer, body, now);
    }
    node.tick(now);
    for (const auto& d : node.take(now).deliveries) node.consumed(d.from, d.place, now);
    check_bounds(node, settings);
  }
  return 0;
}
