// Membership of one node: SWIM with Lifeguard's extensions, as one object.
//
// Pure: no socket, timer, clock or thread. Every entry takes the time and returns what to do; the
// caller carries it out and calls `tick` at `wake`. Feed all datagrams that wait before a `tick`
// that is late: after a pause the others' answers must be heard before anyone is judged.
//
//     receive --> rules (alive, suspect, dead) --> table, rumours, notices
//     tick    --> probe -> indirect -> suspicion -> dead
//                 gossip . sync . heal . join . leave
//
// Departures from the SWIM and Lifeguard papers and from memberlist: identity is an id per boot
// with an epoch; `left` is final; a sync begins with a digest and ends there if it is equal; what
// is learned by a node's first sync is not gossiped again; a fresh rumour is sent at once if the
// gossip interval allows it; an own live link vetoes suspicion.
//
// Limits: living members, memory of the gone, rumours, relays and answered syncs are bounded; what
// is over a bound is dropped and counted.
#pragma once

#include "runtime/base/random.hpp"
#include "runtime/membership/action.hpp"
#include "runtime/membership/health.hpp"
#include "runtime/membership/member_table.hpp"
#include "runtime/membership/message.hpp"
#include "runtime/membership/probe_order.hpp"
#include "runtime/membership/profile.hpp"
#include "runtime/membership/rumours.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gossamer::membership {

struct settings {
  std::string name;
  address at;
  /// From `next_epoch`; and the wall clock it came from, to judge the epochs of others.
  std::uint64_t epoch = 0;
  std::uint64_t wall_microseconds = 0;
  /// Drawn if absent.
  std::optional<node_tag> tag;
  std::string metadata;
  version_range versions = own_versions;
  profile timing;
  std::vector<address> seeds;
  /// Ping over the link, in parallel with the indirect pings.
  bool link_pings = true;
};

/// How bytes came in.
enum class channel : std::uint8_t { datagram, link };

class swim {
 public:
  static constexpr std::size_t relays_max = 512;
  static constexpr std::size_t offers_per_second_max = 64;
  static constexpr std::uint64_t incarnation_jump_max = 1U << 20U;
  static constexpr duration epoch_ahead_max = std::chrono::hours(1);

  /// `random` outlives the object and decides its id, so it must be the kernel's in a real node.
  swim(settings s, random_source& random, time_point now);

  [[nodiscard]] actions start(time_point now);
  [[nodiscard]] actions tick(time_point now);
  /// A datagram's payload from `from`, or a message of the link with the node at `from`.
  [[nodiscard]] actions receive(time_point now, const address& from, std::string_view payload,
                                channel via);
  /// Bytes came over the link from the hub of `id`: it lives.
  [[nodiscard]] actions link_heard(time_point now, const node_id& id);
  /// Addresses to join by, at any time; they replace the earlier ones.
  [[nodiscard]] actions seeds_resolved(time_point now, std::vector<address> seeds);

  /// At most `metadata_bytes_max` bytes; more is cut.
  [[nodiscard]] actions set_metadata(time_point now, std::string metadata);
  /// Others stop choosing this node as a relay; it stays a member.
  [[nodiscard]] actions drain(time_point now);
  /// Announces the end of this membership; `left_cluster` follows after `leave_linger`.
  [[nodiscard]] actions leave(time_point now);
  /// After a leave: joins again as a new boot, with a new id and epoch.
  [[nodiscard]] actions rejoin(time_point now);

  [[nodiscard]] const member_record& self() const { return self_; }
  /// The living others, in no order; and one of any state.
  [[nodiscard]] std::span<member* const> live() const { return table_.live(); }
  [[nodiscard]] const member* find(const node_id& id) const { return table_.find(id); }
  /// Who may have made an id with this tag: living members, this node included.
  [[nodiscard]] std::vector<node_id> with_tag(node_tag tag) const;
  [[nodiscard]] std::size_t size() const { return table_.live().size() + 1; }
  [[nodiscard]] std::uint64_t digest() const;

  [[nodiscard]] const counters& counted() const { return counters_; }
  [[nodiscard]] std::size_t health() const { return health_.score(); }
  [[nodiscard]] std::size_t rumour_count() const { return rumours_.size(); }
  [[nodiscard]] std::size_t gone_count() const { return table_.gone_count(); }
  [[nodiscard]] std::size_t relay_count() const { return relays_.size(); }

 private:
  static constexpr time_point never = time_point::max();

  struct probe {
    node_id target;
    std::uint32_t sequence = 0;
    time_point indirect_at;
    bool indirect_sent = false;
    bool acked = false;
    std::size_t nacks_missing = 0;
    std::size_t relays = 0;
  };
  struct relay {
    address origin;
    std::uint32_t origin_sequence = 0;
    std::uint8_t version = 1;
    node_id target;
    time_point nack_at;
    time_point forget_at;
    bool nacked = false;
  };
  struct arrival {  // where the message being handled came from
    address from;
    channel via = channel::datagram;
    std::uint8_t version = 1;
  };

  // swim.cpp: entries, timers, output
  [[nodiscard]] actions finish(time_point now);
  [[nodiscard]] time_point next_wake() const;
  [[nodiscard]] duration drawn_phase(duration interval);
  void judge_pause(time_point now);
  void handle(const message& m, const arrival& in, time_point now);
  void reply(const arrival& in, const std::string& encoded);
  void post(const address& to, std::string payload);
  void post_reliable(const address& to, std::uint8_t version, const message& m);
  void tell(notice_kind kind, const member_record& about);
  void tell_rarely(notice_kind kind, const member_record& about, time_point now);
  [[nodiscard]] std::uint8_t version_for(const member& m) const;
  [[nodiscard]] std::string packet_with_rumours(std::uint8_t version, std::string_view first);
  void spread_self();

  // swim_probe.cpp: failure detection
  void run_probe(time_point now);
  void end_probe(time_point now);
  void begin_probe(time_point now);
  void ask_relays();
  void run_relays(time_point now);
  void send_ping(const member& m, std::uint32_t sequence);
  void check_twin();
  void on(const ping& m, const arrival& in, time_point now);
  void on(const ping_request& m, const arrival& in, time_point now);
  void on(const ack& m, const arrival& in, time_point now);
  void on(const nack& m, const arrival& in, time_point now);
  void answer_stranger(const ping& m, const arrival& in, time_point now);

  // swim_rules.cpp: what is believed of others
  void on(const alive& m, const arrival& in, time_point now);
  void on(const suspect& m, const arrival& in, time_point now);
  void on(const dead& m, const arrival& in, time_point now);
  [[nodiscard]] bool acceptable(const member_record& r, time_point now);
  void hear_alive(const member_record& r, const arrival& in, time_point now);
  void meet(const member_record& r, const arrival& in, time_point now);
  void retire(member& m, time_point now);
  void renew_member(member& m, const member_record& r, time_point now);
  void accuse(member& m, std::uint64_t incarnation, const node_id& from, time_point now);
  void correct(const member& gone, std::uint64_t incarnation, const arrival& in);
  void run_suspicions(time_point now);
  void declare(member& m, status state, const node_id& from, time_point now);
  void change_state(member& m, status state, time_point now);
  [[nodiscard]] bool vetoed(const member& m, time_point now) const;
  [[nodiscard]] bool absurd_jump(std::uint64_t claimed, std::uint64_t known);

  // swim_self.cpp: what others believe of this node
  /// True if it was answered.
  bool accused(std::uint64_t incarnation, const arrival& in);
  void raise_incarnation(std::uint64_t above);
  void contest_address(const member_record& r, time_point now);
  void renew_self(time_point now);
  void settle_labels(const member& m, time_point now);
  void change_tag();
  [[nodiscard]] std::uint64_t wall_at(time_point now) const;
  void begin_leave(time_point now);
  void run_leave(time_point now);

  // swim_sync.cpp: whole views
  void run_sync(time_point now);
  void unsettle(time_point now);
  void run_heal(time_point now);
  void run_join(time_point now);
  void run_gossip(time_point now);
  void offer_to(const address& to, std::uint8_t version);
  void offer_to_random_seed();
  [[nodiscard]] sync_state whole_view(bool answer, time_point now) const;
  void on(const sync_offer& m, const arrival& in, time_point now);
  void on(const sync_state& m, const arrival& in, time_point now);
  void on(const sync_same& m, const arrival& in, time_point now);
  void merge(const sync_entry& e, const node_id& source, const arrival& in, time_point now);
  void set_joined();
  [[nodiscard]] bool may_answer_offer(time_point now);

  settings settings_;
  random_source& random_;
  time_point started_;
  member_record self_;
  member_table table_;
  rumours rumours_;
  local_health health_;
  probe_order order_;
  counters counters_;
  actions out_;

  std::optional<probe> probe_;
  std::map<std::uint32_t, relay> relays_;
  std::set<std::pair<time_point, node_id>> expiries_;  // of suspicions
  std::uint32_t sequence_ = 0;
  std::size_t link_only_in_a_row_ = 0;

  bool running_ = false;
  bool joined_ = false;
  bool leaving_ = false;
  bool quiet_ = false;  // what is learned now is not gossiped
  std::optional<node_id> twin_;
  std::uint32_t twin_sequence_ = 0;
  std::size_t heal_round_ = 0;
  std::size_t offers_answered_ = 0;
  time_point offers_since_;
  std::optional<time_point> renewed_at_;
  std::uint64_t contested_epoch_ = 0;  // of the latest boot that others knew at this address
  std::optional<time_point> stranger_at_;
  std::map<notice_kind, time_point> told_at_;

  time_point wake_ = never;
  time_point probe_at_ = never;
  time_point gossip_at_ = never;
  time_point last_gossip_;
  time_point sync_at_ = never;
  time_point unsettled_until_;
  time_point heal_at_ = never;
  time_point join_at_ = never;
  time_point leave_at_ = never;
};

}  // namespace gossamer::membership
