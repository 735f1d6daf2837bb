// One boot of a node that runs membership only: SWIM and the envelope, wired as a real node does.
#pragma once

#include "runtime/links/aead_openssl.hpp"
#include "runtime/membership/envelope.hpp"
#include "runtime/membership/swim.hpp"
#include "tests/simulation/world.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gossamer::simulation {

struct membership_options {
  membership::profile timing;
  std::vector<address> seeds;
  bool link_pings = true;
  /// A build of the next version: reads one version more, sends a message type and trailing bytes
  /// that this one does not know.
  bool next_version = false;
  membership::encryption encryption = membership::encryption::off;
  std::string label = "simulated";
  /// The tag of the first boots; drawn if absent.
  std::optional<node_tag> tag;
  /// Hubs greet each other at this pace, so that live links veto suspicion; 0: never.
  duration greeting{};
};

class membership_node final : public node {
 public:
  /// Hears every notice at once.
  using listener = std::function<void(const membership_node&, const membership::notice&)>;

  membership_node(environment& env, const boot_info& boot, membership_options options,
                  time_point now, listener on_notice);

  void start(time_point now) override;
  void datagram(time_point now, const address& from, std::string_view bytes) override;
  void link_message(time_point now, const address& from, std::string_view bytes) override;
  void link_lost(time_point, const address&) override {}
  void tick(time_point now) override;
  [[nodiscard]] time_point wake() const override { return std::min(wake_, greet_at_); }
  void leave(time_point now) override;
  [[nodiscard]] bool stopped() const override { return stopped_; }

  /// Skips joining: knows all of these at once, as after a first sync.
  void learn(time_point now, std::string_view whole_view, const address& from);
  /// Hears that this node begins to leave.
  std::function<void(const node_id&)> on_leave;
  /// One step of a key rotation.
  [[nodiscard]] membership::key_ring& keys() { return envelope_.keys(); }

  [[nodiscard]] const membership::swim& swim() const { return swim_; }
  [[nodiscard]] const boot_info& boot() const { return boot_; }

  [[nodiscard]] static membership::aead_key key(std::uint8_t number);

 private:
  void carry_out(membership::actions todo, time_point now);
  void greet(time_point now);
  [[nodiscard]] std::string dressed(std::string payload) const;

  environment& env_;
  boot_info boot_;
  membership_options options_;
  listener on_notice_;
  links::aead_openssl cipher_;
  membership::envelope envelope_;
  membership::swim swim_;
  time_point wake_ = time_point::max();
  time_point greet_at_ = time_point::max();
  bool stopped_ = false;
};

/// All running processes, which are membership nodes, know each other at once, as after their first
/// syncs.
void introduce_all(world& w);

}  // namespace gossamer::simulation
