// Everyone a node knows: the living (alive and suspect), and a bounded memory of the gone.
//
// Lookups by id and by address. An address belongs to the newest boot that claimed it, also after
// that boot is gone, so that rumours about older boots can be told apart.
//
// Limits: `members_max` living members; the memory of the gone is bounded by count and age.
#pragma once

#include "runtime/base/random.hpp"
#include "runtime/membership/record.hpp"
#include "runtime/membership/suspicion.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

namespace gossamer::membership {

struct member {
  member_record record;
  status state = status::alive;
  time_point since;                         // when it took this state
  std::optional<suspicion> suspected;       // only while `state` is suspect
  std::optional<time_point> link_heard_at;  // the last bytes of its hub
  std::size_t live_slot = 0;

  [[nodiscard]] bool is_live() const { return state == status::alive || state == status::suspect; }
};

class member_table {
 public:
  static constexpr std::size_t members_max = 4096;

  [[nodiscard]] member* find(const node_id& id);
  [[nodiscard]] const member* find(const node_id& id) const;
  /// The newest boot that claimed this address.
  [[nodiscard]] member* holder(const address& at);

  /// A new living member; nothing if the table is full. Its id must be unknown.
  member* insert(const member_record& record, time_point now);
  /// A newer statement of a known member.
  void update(member& m, const member_record& record);
  void set_state(member& m, status state, time_point now);
  /// Forgets the gone: the oldest over `count_max`, and all older than `age_max`.
  void forget(time_point now, duration age_max, std::size_t count_max);

  [[nodiscard]] std::span<member* const> live() const { return live_; }
  [[nodiscard]] std::size_t gone_count() const { return gone_.size(); }
  /// Dead or left, the oldest first.
  [[nodiscard]] const std::deque<node_id>& gone() const { return gone_; }

  /// Up to `count` different living members that `wanted` accepts, drawn by shuffling, so that an
  /// eligible one is never missed.
  [[nodiscard]] std::vector<member*> pick(random_source& random, std::size_t count,
                                          const std::function<bool(const member&)>& wanted);

  /// Equal on two nodes that believe in the same living members at the same incarnations (apart
  /// from themselves: see `digest_of`).
  [[nodiscard]] std::uint64_t digest() const { return digest_; }
  [[nodiscard]] static std::uint64_t digest_of(const member_record& record);

 private:
  void enter_live(member& m);
  void leave_live(member& m);

  boost::unordered_flat_map<node_id, std::unique_ptr<member>, node_id_hash> members_;
  std::unordered_map<address, member*, address_hash> holders_;
  std::vector<member*> live_;
  std::deque<node_id> gone_;
  std::uint64_t digest_ = 0;
};

}  // namespace gossamer::membership
