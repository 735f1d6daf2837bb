// Which nodes are interested in which rooms: one node's directory as one object.
//
// Pure: no socket, timer, clock or thread. Every entry takes the time and returns what to do; the
// caller sends the frames in order and calls `tick` at `wake`.
//
//     join, leave --> local_interest --> op_log --> update --> peers      (this node's stream)
//     update, part -> remote_interest --> targets()                       (theirs, read-only)
//     want, ack, digest                                                   (who lacks what)
//
// What must stay true:
// - Only a node itself changes what others believe of its interest, by one numbered stream per
// boot.
// - A peer whose stream is not known to be complete counts as interested in everything.
// - The frames of `flush` are sent on the link before the data that depends on them; and the data
//   says `head()`, which the receiver hands to `depends`.
//
// Limits: `settings` and 128 slots; see there what happens at each bound.
// Errors: bytes from others are dropped and counted, never an error.
#pragma once

#include "runtime/base/random.hpp"
#include "runtime/directory/action.hpp"
#include "runtime/directory/codec.hpp"
#include "runtime/directory/expected_interest.hpp"
#include "runtime/directory/key.hpp"
#include "runtime/directory/local_interest.hpp"
#include "runtime/directory/op_log.hpp"
#include "runtime/directory/own_counts.hpp"
#include "runtime/directory/peer.hpp"
#include "runtime/directory/remote_interest.hpp"
#include "runtime/directory/settings.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace gossamer::directory {

/// Who joins. `own_id`: the socket after whose id the room is named. Its room stays out of the
/// directory while others find it by the tag in the id.
enum class joiner : std::uint8_t { socket, actor, own_id };

class room_directory {
 public:
  /// `random` outlives the object.
  room_directory(const settings& s, const member& self, random_source& random, time_point now);

  // What this node itself does.
  [[nodiscard]] actions join(time_point now, const room_key& room, joiner who);
  /// Only after a `join` of the same kind.
  [[nodiscard]] actions leave(time_point now, const room_key& room, joiner who);
  /// Changes one of this node's counts: sockets of a namespace, a total.
  [[nodiscard]] actions adjust(time_point now, std::uint64_t key, std::int32_t by);
  /// From now on `count` knows the members of the room, after a moment.
  /// Errors: `errc::too_many_watches`.
  [[nodiscard]] result<actions> watch(time_point now, std::uint64_t room);
  [[nodiscard]] actions unwatch(time_point now, std::uint64_t room);
  /// Publishes what has changed, now. With `ask`, acks are wanted at once (`everybody_has`).
  [[nodiscard]] actions flush(time_point now, bool ask = false);
  /// This node has a further tag; ids with the former ones stay its own.
  void add_tag(node_tag tag) { own_tags_.insert(tag.value); }
  /// This node is a new boot for others: a new stream.
  [[nodiscard]] actions renew(time_point now, const node_id& id, std::uint64_t epoch);

  // What happens around it.
  [[nodiscard]] actions tick(time_point now);
  [[nodiscard]] actions receive(time_point now, const node_id& from, std::string_view frame);
  /// The connection broke, or a new one took its place: frames may be missing, both ways.
  [[nodiscard]] actions link_lost(time_point now, const node_id& peer);
  /// Frames of the peer never came, over a link that holds: its stream is asked for again.
  [[nodiscard]] actions frames_lost(time_point now, const node_id& peer);
  /// Data of `from` arrived that was sent when its `head()` was `seq`.
  [[nodiscard]] actions depends(time_point now, const node_id& from, std::uint64_t seq);
  [[nodiscard]] actions member_changed(time_point now, member_change change, const member& about);
  /// Every 30 s: who is not among the living any more is taken as dead, who is missing is added.
  [[nodiscard]] actions reconcile(time_point now, std::span<const member> living);

  /// `who` are being told to have sockets join `rooms`. Until they can say what became of it
  /// (`settings::expected_for`) they are targets of these rooms, so that a broadcast sent after the
  /// message gets there too.
  [[nodiscard]] actions expect(time_point now, std::span<const node_id> who,
                               std::span<const room_key> rooms);

  // Answers. Const: any number of readers at a time, as long as nobody changes the object.
  /// Replaces `out` by the others that must get a message to any of `rooms`: each once, in no
  /// order.
  void targets(std::span<const room_key> rooms, std::vector<node_id>& out) const;
  /// The sum over this node and the others that live; O(1).
  [[nodiscard]] std::uint64_t count(std::uint64_t key) const {
    return counts_.value(local_, key) + remote_.sum(key);
  }
  /// The newest published change.
  [[nodiscard]] std::uint64_t head() const { return log_.head(); }
  /// Have all living members acknowledged this node's changes up to `seq`?
  [[nodiscard]] bool everybody_has(std::uint64_t seq) const;

  [[nodiscard]] bool has_members(std::uint64_t hash) const { return local_.has_members(hash); }
  [[nodiscard]] bool published(std::uint64_t hash) const { return local_.published(hash); }
  [[nodiscard]] std::uint64_t root() const { return digests_.root(); }
  /// Null if this boot is not known.
  [[nodiscard]] const peer* find(const node_id& id) const;
  [[nodiscard]] bool synced(const node_id& id) const;
  /// Did the peer say that it is interested? False for one without a table.
  [[nodiscard]] bool said(const node_id& id, std::uint64_t hash) const;
  [[nodiscard]] std::uint64_t root_of(const node_id& id) const;
  [[nodiscard]] const std::map<node_id, peer>& peers() const { return peers_; }
  [[nodiscard]] std::size_t local_rooms() const { return local_.size(); }
  [[nodiscard]] std::size_t remote_rooms() const { return remote_.rooms(); }
  [[nodiscard]] std::size_t expectations() const { return expected_.size(); }
  [[nodiscard]] std::size_t log_size() const { return log_.size(); }
  [[nodiscard]] const counters& counted() const { return counters_; }
  [[nodiscard]] std::size_t unpublished_counts() const { return counts_.unpublished(); }
  [[nodiscard]] const node_id& self() const { return self_; }

 private:
  static constexpr time_point never = time_point::max();
  static constexpr std::size_t buckets_per_sweep = 16;
  using watch_changes = std::vector<remote_interest::watch_change>;

  // room_directory.cpp: entries, timers, output
  [[nodiscard]] actions finish(time_point now);
  [[nodiscard]] actions finish_local(time_point now);
  [[nodiscard]] bool enters(const room_key& room, joiner who, bool joins);
  void publish(time_point now);
  void plan_flush(time_point now);
  void plan_counts(time_point now);
  void heed(time_point now, const watch_changes& changes);
  void run_peer(peer& p, time_point now);
  void post(const peer& p, const message& m);
  void tell(notice_kind kind, const peer& p) { out_.notices.push_back({kind, p.about.id}); }

  // room_directory_members.cpp
  void meet(time_point now, const member& about);
  void come_back(time_point now, peer& p, const member& about);
  void lose(time_point now, peer& p);
  void purge(time_point now, const node_id& id);
  void forget_a_dead(time_point now);
  void place(time_point now, peer& p);
  void place_waiting(time_point now);
  void unplace(time_point now, peer& p);
  void refresh(peer& p);
  void set_tags(peer& p, const std::vector<node_tag>& tags);

  // room_directory_reader.cpp
  void ask(peer& p, time_point now);
  void on(const update& m, peer& p, time_point now);
  void on(const part& m, peer& p, time_point now);
  void on(const digest& m, peer& p, time_point now);
  void progressed(peer& p, time_point now, bool ack_now);
  void send_ack(peer& p);
  [[nodiscard]] bool take(peer& p, const op& o, time_point now);
  [[nodiscard]] bool take(peer& p, const section& s, time_point now);

  // room_directory_writer.cpp
  void on(const want& m, peer& p, time_point now);
  void on(const ack& m, peer& p, time_point now);
  void serve(peer& p);
  void send_updates(peer& p);
  void send_update(peer& p, std::size_t count, bool more);
  void send_parts(peer& p);
  void send_some_parts(peer& p, sync_job& job);
  void send_part(peer& p, sync_job& job, part& filled, bool last);
  void send_digest(peer& p, time_point now);
  [[nodiscard]] std::vector<op> content(std::uint32_t bucket) const;

  settings settings_;
  node_id self_;
  std::uint64_t epoch_;
  random_source& random_;

  local_interest local_;
  own_counts counts_;
  bucket_digests digests_;  // of what is published
  op_log log_;
  std::unordered_set<std::uint32_t> own_tags_;
  /// By tag: how many sockets' own rooms are in the directory, because the tag was not ours.
  std::unordered_map<std::uint32_t, std::uint32_t> foreign_;

  remote_interest remote_;
  expected_interest expected_;
  std::map<node_id, peer> peers_;
  std::array<peer*, slots_max> by_slot_{};
  node_set synced_;      // living, their tables hold
  node_set everything_;  // living, their tables do not hold
  std::vector<node_id> slotless_;
  std::unordered_map<std::uint32_t, node_set> by_tag_;

  counters counters_;
  actions out_;
  std::uint32_t next_round_;
  update last_update_;  // without round, and its bytes: most peers get the same
  bytes last_update_bytes_;
  time_point wake_ = never;
  time_point flush_at_ = never;
  time_point counts_at_ = never;
};

}  // namespace gossamer::directory
