// Rooms of one namespace: who is a member, sharded by lane.
//
//     room_table  name -> room          (one mutex; every look-up takes a counted pointer)
//     room        shard[lane] -> vector of members     (each shard touched by its own lane only)
//     member      memberships -> (room, place in shard) (touched by the member's lane only)
//     guest_list  members that are no sockets, of one room (changed by the room's home lane only)
//
// A room and its members point at each other by index, so that joining and leaving is O(1) and a
// fan-out is a loop over a plain vector. A room lives as long as somebody refers to it: a member, a
// handle, a delivery that will join or reach it. The last reference is given up under the table's
// lock, which look-up takes too, so a room that is emptied and re-created by two threads is never
// seen half gone.
#pragma once

#include "runtime/base/ids.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace gossamer::rooms {

class room;
class room_table;

/// Members that are no sockets: actors of any kind. The list of one room, made when the first one
/// comes; whoever makes it keeps the room alive. Guests count as interest of the room's home lane
/// and nowhere else.
class guest_list {
 public:
  guest_list() = default;
  guest_list(const guest_list&) = delete;
  guest_list& operator=(const guest_list&) = delete;
  virtual ~guest_list() = default;
  [[nodiscard]] virtual bool has(const void* who) const = 0;
};

/// A counted pointer to a room. Any thread.
class room_ptr {
 public:
  room_ptr() = default;
  room_ptr(const room_ptr& other) noexcept;
  room_ptr(room_ptr&& other) noexcept : room_(std::exchange(other.room_, nullptr)) {}
  room_ptr& operator=(room_ptr other) noexcept {
    std::swap(room_, other.room_);
    return *this;
  }
  ~room_ptr();

  [[nodiscard]] room* get() const { return room_; }
  room* operator->() const { return room_; }
  room& operator*() const { return *room_; }
  explicit operator bool() const { return room_ != nullptr; }

 private:
  friend class room;
  friend class room_table;
  explicit room_ptr(room* counted) : room_(counted) {}
  room* room_ = nullptr;
};

/// A member's place in one room.
struct membership {
  room_ptr where;
  std::uint32_t place = 0;  // index in the room's shard
};

/// What a join or leave changed. As a bool: anything?
struct membership_change {
  bool done = false;
  bool edge = false;  // the room had no members before, or has none now
  explicit operator bool() const { return done; }
};

/// What can be a member: the base of the socket actor. Runs on: its lane.
class member {
 public:
  /// Rooms of this member, in no order.
  [[nodiscard]] const std::vector<membership>& memberships() const { return memberships_; }
  [[nodiscard]] bool in(const room& where) const { return find(where) != memberships_.size(); }

  /// Set by a fan-out to visit each member once; unique per lane and fan-out.
  std::uint64_t fan_out_mark = 0;

 protected:
  member() = default;
  ~member() = default;
  member(const member&) = delete;
  member& operator=(const member&) = delete;

 private:
  friend class room;
  using place_index = std::unordered_map<const room*, std::size_t>;
  static constexpr std::size_t linear_max = 32;  // more rooms than this are found by hash

  [[nodiscard]] std::size_t find(const room& where) const;
  void index_add(const room& where, std::size_t at);
  void index_remove(const room& where);

  std::vector<membership> memberships_;
  std::unique_ptr<place_index> index_;
};

/// One room. Created by its table only.
class room {
 public:
  [[nodiscard]] std::string_view name() const { return name_; }
  /// Members on all lanes. Any thread; O(1).
  [[nodiscard]] std::size_t member_count() const {
    return members_.load(std::memory_order_relaxed);
  }
  /// May a fan-out skip this lane? False if it has members or somebody promised one. Any thread.
  [[nodiscard]] bool idle_on(lane_index lane) const {
    return shard_of(lane).interest.load(std::memory_order_acquire) == 0;
  }
  /// Says that a delivery on its way to `lane` will join members: fan-outs sent after it must
  /// follow it there. Give it back with `withdraw` when that delivery has run. Any thread.
  void promise(lane_index lane);
  void withdraw(lane_index lane);

  /// The lane that keeps this room's guests; the name decides.
  [[nodiscard]] lane_index home() const { return home_; }
  /// Null if there are none. Runs on: the home lane.
  [[nodiscard]] const guest_list* guests() const { return guests_.get(); }
  /// Any thread.
  [[nodiscard]] bool has_guest(const void* who) const;
  /// Calls `edit(std::unique_ptr<guest_list>&)` under the table's lock: it must let go of no room
  /// and no actor. Runs on: the home lane.
  template <class Edit>
  void change_guests(Edit&& edit);

  /// Makes `who` a member. False if it is one already. Runs on: the member's lane.
  membership_change join(lane_index lane, member& who);
  /// False if `who` was no member. Runs on: the member's lane.
  membership_change leave(lane_index lane, member& who);
  /// Ends all memberships of `who`. Runs on: its lane.
  static void leave_all(lane_index lane, member& who);

  /// Calls `visit(member&)` for the members on this lane. `visit` must not join or leave.
  template <class Visit>
  void each(lane_index lane, Visit&& visit) const {
    const auto& entries = shard_of(lane).entries;
    for (std::size_t i = 0, n = entries.size(); i < n; ++i) {
      if (i + 8 < n) __builtin_prefetch(entries[i + 8].who);
      visit(*entries[i].who);
    }
  }
  [[nodiscard]] std::size_t member_count(lane_index lane) const {
    return shard_of(lane).entries.size();
  }

 private:
  friend class room_ptr;
  friend class room_table;
  struct entry {
    member* who = nullptr;
    std::uint32_t place = 0;  // index in the member's memberships
  };
  struct alignas(64) shard {
    std::atomic<std::uint32_t> interest{0};  // members and promises
    std::vector<entry> entries;
  };

  room(room_table& table, std::string name, std::size_t lanes);
  [[nodiscard]] shard& shard_of(lane_index lane) const {
    return shards_[static_cast<std::size_t>(lane)];
  }
  bool remove_at(lane_index lane, member& who, std::size_t at);  // true: it was the last one

  room_table& table_;
  const std::string name_;
  const lane_index home_;
  std::atomic<std::uint32_t> references_{0};
  std::atomic<std::size_t> members_{0};
  const std::unique_ptr<shard[]> shards_;
  std::unique_ptr<guest_list> guests_;  // changed by the home lane, under the table's lock
};

/// The rooms of one namespace by name. Any thread. Outlives its rooms.
class room_table {
 public:
  explicit room_table(std::size_t lane_count) : lanes_(lane_count) {}
  ~room_table();
  room_table(const room_table&) = delete;
  room_table& operator=(const room_table&) = delete;

  /// Empty if there is no such room.
  [[nodiscard]] room_ptr find(std::string_view name) const;
  [[nodiscard]] room_ptr find_or_create(std::string_view name);
  /// Rooms alive, those with handles but without members included. O(1).
  [[nodiscard]] std::size_t size() const { return size_.load(std::memory_order_relaxed); }
  /// Rooms with at least one member; guests do not count. O(1).
  [[nodiscard]] std::size_t populated() const { return populated_.load(std::memory_order_relaxed); }
  /// Rooms with members are counted there too. `sum` outlives this; only before the first room.
  void count_also_in(std::atomic<std::size_t>& sum) { sum_ = &sum; }
  /// Rooms alive. O(rooms).
  [[nodiscard]] std::vector<room_ptr> all() const;
  /// Rooms with at least one member. O(rooms).
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  friend class room;
  friend class room_ptr;
  /// Gives up the last reference of a room, if it still is the last.
  void release_last(room* leaving);
  void first_member();
  void last_member();

  const std::size_t lanes_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string_view, room*> rooms_;  // keys point into the rooms
  std::atomic<std::size_t> size_{0};
  std::atomic<std::size_t> populated_{0};
  std::atomic<std::size_t>* sum_ = nullptr;
};

template <class Edit>
void room::change_guests(Edit&& edit) {
  const std::lock_guard lock(table_.mutex_);
  edit(guests_);
}

}  // namespace gossamer::rooms
