// A swim object between hand-made peers: each test feeds packets and reads what comes out.
#pragma once

#include "runtime/membership/codec.hpp"
#include "runtime/membership/swim.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gossamer::membership {

using namespace std::chrono_literals;

inline constexpr std::uint64_t wall0 = 1'700'000'000'000'000;
inline const time_point t0 = time_point(1000h);

inline address host(std::uint32_t n) {
  return address::v4(0x0a000000U + n, 7946);
}

/// What a peer with number `n` says about itself.
inline member_record peer(std::uint32_t n) {
  member_record r;
  r.id = {n, n};
  r.epoch = wall0;
  r.name = "peer" + std::to_string(n);
  r.at = host(n);
  r.tag = {n};
  return r;
}

inline member_record at_incarnation(member_record r, std::uint64_t incarnation) {
  r.incarnation = incarnation;
  return r;
}

/// Another boot at the same address.
inline member_record reboot(member_record r, std::uint64_t id, std::uint64_t epoch) {
  r.id = {id, id};
  r.epoch = epoch;
  return r;
}

inline settings settings_of(const std::string& name, std::uint32_t n, std::uint64_t epoch) {
  settings s;
  s.name = name;
  s.at = host(n);
  s.epoch = epoch;
  s.wall_microseconds = epoch;
  s.tag = node_tag{n};
  return s;
}

inline settings own_settings() {
  return settings_of("self", 200, wall0 + 1000);
}

/// All messages of one type that were sent, with where to.
template <class Message>
std::vector<std::pair<address, Message>> sent(const actions& a) {
  std::vector<std::pair<address, Message>> found;
  const auto read = [&](const address& to, const std::string& payload, std::size_t max) {
    const auto decoded = decode(payload, own_versions, max);
    ASSERT_TRUE(decoded.has_value());
    for (const message& m : decoded->messages) {
      if (const auto* wanted = std::get_if<Message>(&m)) found.emplace_back(to, *wanted);
    }
  };
  for (const auto& d : a.datagrams) read(d.to, d.payload, datagram_payload_max);
  for (const auto& r : a.reliables) read(r.to, r.payload, link_payload_max);
  return found;
}

inline bool told(const actions& a, notice_kind kind) {
  return std::any_of(a.notices.begin(), a.notices.end(),
                     [&](const notice& n) { return n.kind == kind; });
}

class SwimRules : public ::testing::Test {
 protected:
  SwimRules() { node.emplace(own_settings(), random, now); }

  void restart_with(settings s) { node.emplace(std::move(s), random, now); }
  actions start() { return collect(node->start(now)); }
  /// One message from a peer's address.
  template <class Message>
  actions hear(std::uint32_t from, const Message& m, channel via = channel::datagram) {
    return collect(node->receive(now, host(from), begin_packet(1) + encode(message(m)), via));
  }
  /// Runs every timer up to `until`; what came out of them, all together.
  actions run_until(time_point until) {
    actions all;
    while (wake <= until) {
      now = std::max(now, wake);
      actions one = collect(node->tick(now));
      std::move(one.datagrams.begin(), one.datagrams.end(), std::back_inserter(all.datagrams));
      std::move(one.reliables.begin(), one.reliables.end(), std::back_inserter(all.reliables));
      std::move(one.notices.begin(), one.notices.end(), std::back_inserter(all.notices));
    }
    now = until;
    return all;
  }
  actions run_for(duration d) { return run_until(now + d); }
  /// Runs timers until the first ping goes out.
  actions run_to_ping() {
    for (;;) {
      actions out = run_until(wake);
      if (!sent<ping>(out).empty()) return out;
    }
  }
  /// Knows peers 1 to `count`, with nothing left to gossip about them.
  void meet_peers(std::uint32_t count) {
    (void)start();
    sync_state view{peer(1).id, false, {}};
    for (std::uint32_t n = 1; n <= count; ++n) {
      view.entries.push_back({status::alive, seconds(0), peer(n)});
    }
    (void)hear(1, view, channel::link);
  }
  std::optional<status> state_of(const node_id& id) const {
    const member* m = node->find(id);
    return m == nullptr ? std::nullopt : std::optional(m->state);
  }
  actions collect(actions a) {
    wake = a.wake;
    return a;
  }

  seeded_random random{7};
  time_point now = t0;
  time_point wake = time_point::max();
  std::optional<swim> node;
};

}  // namespace gossamer::membership
