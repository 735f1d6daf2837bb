#include "tests/simulation/membership_node.hpp"

#include "runtime/base/wire.hpp"
#include "runtime/membership/codec.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace gossamer::simulation {

using membership::actions;
using membership::channel;
using membership::notice;
using membership::notice_kind;

namespace {

constexpr char membership_bytes = 'm';
constexpr char greeting_bytes = 'h';

membership::settings settings_of(const environment& env, const boot_info& boot,
                                 const membership_options& options) {
  membership::settings s;
  s.name = fmt::format("n{}", boot.machine);
  s.at = boot.at;
  s.wall_microseconds = env.wall_microseconds();
  s.epoch = membership::next_epoch(boot.persisted_epoch, s.wall_microseconds);
  s.timing = options.timing;
  s.seeds = options.seeds;
  s.link_pings = options.link_pings;
  s.tag = options.tag;
  s.metadata = fmt::format("boot={}", boot.boot);
  if (options.next_version) s.versions = {1, 2, 2};
  return s;
}

std::string greeting_of(const node_id& id) {
  std::string out(1, greeting_bytes);
  wire::put_fixed(out, id.high, 8);
  wire::put_fixed(out, id.low, 8);
  return out;
}

}  // namespace

membership::aead_key membership_node::key(std::uint8_t number) {
  membership::aead_key made;
  made.fill(number);
  return made;
}

membership_node::membership_node(environment& env, const boot_info& boot,
                                 membership_options options, time_point now, listener on_notice)
    : env_(env),
      boot_(boot),
      options_(std::move(options)),
      on_notice_(std::move(on_notice)),
      envelope_(options_.label, options_.encryption, membership::key_ring(key(1)), cipher_,
                env.random()),
      swim_(settings_of(env, boot, options_), env.random(), now) {}

void membership_node::start(time_point now) {
  if (options_.greeting > duration{}) greet_at_ = now + options_.greeting;
  carry_out(swim_.start(now), now);
}

void membership_node::datagram(time_point now, const address& from, std::string_view bytes) {
  const auto payload = envelope_.open(bytes);
  if (payload) carry_out(swim_.receive(now, from, *payload, channel::datagram), now);
}

void membership_node::link_message(time_point now, const address& from, std::string_view bytes) {
  if (bytes.empty()) return;
  if (bytes[0] == membership_bytes) {
    carry_out(swim_.receive(now, from, bytes.substr(1), channel::link), now);
    return;
  }
  wire::reader in(bytes.substr(1));
  const std::uint64_t high = in.fixed(8);
  carry_out(swim_.link_heard(now, {high, in.fixed(8)}), now);
}

void membership_node::tick(time_point now) {
  if (now >= greet_at_) greet(now);
  if (now >= wake_) carry_out(swim_.tick(now), now);
}

void membership_node::greet(time_point now) {
  greet_at_ = now + options_.greeting;
  for (const auto* m : swim_.live()) env_.send_link(m->record.at, greeting_of(swim_.self().id));
}

void membership_node::leave(time_point now) {
  if (on_leave) on_leave(swim_.self().id);
  carry_out(swim_.leave(now), now);
}

void membership_node::learn(time_point now, std::string_view whole_view, const address& from) {
  carry_out(swim_.receive(now, from, whole_view, channel::link), now);
}

/// A node of the next version says more than this version understands.
std::string membership_node::dressed(std::string payload) const {
  if (!options_.next_version || payload.size() + 8 > membership::datagram_payload_max) {
    return payload;
  }
  return payload.append("\xc8\x05later", 7);
}

void membership_node::carry_out(actions todo, time_point now) {
  wake_ = todo.wake;
  for (auto& d : todo.datagrams) {
    env_.send_datagram(d.to, envelope_.seal(dressed(std::move(d.payload))));
  }
  for (auto& r : todo.reliables) {
    env_.send_link(r.to, std::string(1, membership_bytes) + dressed(std::move(r.payload)));
  }
  for (const notice& n : todo.notices) {
    if (n.kind == notice_kind::left_cluster) stopped_ = true;
    if (on_notice_) on_notice_(*this, n);
  }
  if (stopped_) wake_ = greet_at_ = time_point::max();
  (void)now;
}

void introduce_all(world& w) {
  std::vector<membership_node*> all;
  for (std::size_t i = 0; i < w.size(); ++i) {
    if (w.is_up(i)) all.push_back(static_cast<membership_node*>(w.process(i)));
  }
  if (all.size() < 2) return;
  membership::sync_state view;
  for (const membership_node* n : all) {
    view.entries.push_back({membership::status::alive, seconds(0), n->swim().self()});
  }
  // Each hears it from another: the first from the last.
  const auto told_by = [&view](const membership_node& source) {
    view.source = source.swim().self().id;
    return membership::begin_packet(1) + membership::encode(view);
  };
  const std::string by_first = told_by(*all.front());
  const std::string by_last = told_by(*all.back());
  for (membership_node* const n : all) {
    const bool first = n == all.front();
    const address& from = (first ? all.back() : all.front())->boot().at;
    w.visit(n->boot().machine, [&](node&) { n->learn(w.now(), first ? by_last : by_first, from); });
  }
}

}  // namespace gossamer::simulation
