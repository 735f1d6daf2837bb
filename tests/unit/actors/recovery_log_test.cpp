// What one lane keeps for clients that come back, against a model that keeps everything.
#include "actors/recovery_log.hpp"

#include "runtime/base/random.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

namespace gossamer::detail {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr lane_index lane0{0};
constexpr lane_index lane1{1};
const char nsp_key = 0;
const char room_keys[4] = {};

socketio::frame_set event_of(std::size_t size) {
  return socketio::frame_set(shared_frame::make(frame_kind::text, {std::string(size, 'x')}));
}

class recovery : public testing::Test {
 protected:
  session_id new_pid() { return {random, node_tag{}, lane0}; }
  away_session away(std::vector<const void*> rooms = {}) {
    away_session made;
    made.pid = new_pid();
    made.nsp = &nsp_key;
    made.id = socket_id(random, node_tag{}, lane0);
    made.rooms = std::move(rooms);
    made.until = now + limits.age_max;
    return made;
  }
  recovery_offset add(recovery_log& log, std::vector<recovery_tail*> to, std::size_t size = 10) {
    const auto offset = log.next_offset();
    const auto position = log.add({offset, 0, event_of(size)}, now);
    for (auto* one : to) log.record(*one, position);
    return offset;
  }
  static std::vector<recovery_offset> offsets(const std::vector<kept_event>& events) {
    std::vector<recovery_offset> all;
    for (const auto& one : events) all.push_back(one.offset);
    return all;
  }

  seeded_random random{1};
  time_point now = time_point() + seconds(1000);
  recovery_limits limits;
};

TEST_F(recovery, OffsetsAreTextThatComesBackAsItWas) {
  for (int i = 0; i < 1000; ++i) {
    const auto offset = random.next() >> random.below(64);
    EXPECT_EQ(offset_of(to_text(offset)), offset);
  }
  for (const auto* bad : {"", " 1", "-1", "+1", "01", "1 ", "A", "1.5", "zzzzzzzzzzzzzzzz"}) {
    EXPECT_EQ(offset_of(bad), std::nullopt) << bad;
  }
}

TEST_F(recovery, OffsetsOfLanesDiffer) {
  recovery_log a(limits, lane0);
  recovery_log b(limits, lane1);
  std::set<recovery_offset> seen;
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(seen.insert(a.next_offset()).second);
    EXPECT_TRUE(seen.insert(b.next_offset()).second);
  }
}

TEST_F(recovery, GivesWhatCameAfterAnEventAndNothingOfOthers) {
  recovery_log log(limits, lane0);
  recovery_tail tail;
  recovery_tail other;
  const auto one = add(log, {&tail});
  (void)add(log, {&other});
  const auto two = add(log, {&tail, &other});
  const auto three = add(log, {&tail});

  EXPECT_THAT(offsets(*log.since(tail, one)), ElementsAre(two, three));
  EXPECT_THAT(offsets(*log.since(tail, three)), IsEmpty());
  EXPECT_FALSE(log.since(other, one));
  EXPECT_FALSE(log.since(tail, 12345));
}

TEST_F(recovery, AnEventIsKeptOnceForAllReceivers) {
  recovery_log log(limits, lane0);
  recovery_tail tails[100];
  std::vector<recovery_tail*> all;
  for (auto& one : tails) all.push_back(&one);
  const auto first = add(log, all, 1000);
  (void)add(log, all, 1000);

  EXPECT_LT(log.bytes(), 3000U);
  const auto missed = log.since(tails[0], first);
  const auto also_missed = log.since(tails[99], first);
  EXPECT_EQ((*missed)[0].frames.frames()[0], (*also_missed)[0].frames.frames()[0]);
}

TEST_F(recovery, OverItsBytesTheOldestGoAndWhoNeedsThemIsTold) {
  limits.bytes_max = 10'000;
  recovery_log log(limits, lane0);
  recovery_tail tail;
  const auto first = add(log, {&tail}, 1000);
  recovery_offset last = 0;
  for (int i = 0; i < 20; ++i) last = add(log, {&tail}, 1000);

  EXPECT_LE(log.bytes(), limits.bytes_max);
  EXPECT_GT(log.events_dropped(), 0U);
  EXPECT_FALSE(log.since(tail, first));
  EXPECT_TRUE(log.since(tail, last));
}

TEST_F(recovery, AnEventThatIsLargerThanAllRoomIsMissed) {
  limits.bytes_max = 1000;
  recovery_log log(limits, lane0);
  recovery_tail tail;
  const auto before = add(log, {&tail});
  (void)add(log, {&tail}, 2000);
  EXPECT_FALSE(log.since(tail, before));
}

TEST_F(recovery, WhatIsTooOldIsForgotten) {
  recovery_log log(limits, lane0);
  recovery_tail tail;
  const auto first = add(log, {&tail});
  auto gone = away();
  const auto pid = gone.pid;
  EXPECT_THAT(log.put(std::move(gone), now), IsEmpty());

  now += limits.age_max - milliseconds(1);
  EXPECT_THAT(log.expire(now), IsEmpty());
  EXPECT_TRUE(log.since(tail, first));
  now += milliseconds(2);
  EXPECT_EQ(log.expire(now).size(), 1U);
  EXPECT_FALSE(log.since(tail, first));
  EXPECT_EQ(log.find(pid), nullptr);
  EXPECT_EQ(log.bytes(), 0U);
  EXPECT_EQ(log.next_expiry(), std::nullopt);
}

TEST_F(recovery, ATailIsBoundedAndStillExactAtItsFront) {
  limits.tail_max = 3;
  recovery_log log(limits, lane0);
  recovery_tail tail;
  std::vector<recovery_offset> sent;
  for (int i = 0; i < 5; ++i) sent.push_back(add(log, {&tail}));

  EXPECT_FALSE(log.since(tail, sent[0]));
  EXPECT_THAT(offsets(*log.since(tail, sent[1])), ElementsAre(sent[2], sent[3], sent[4]));
  EXPECT_THAT(offsets(*log.since(tail, sent[3])), ElementsAre(sent[4]));
}

// What the front of a tail stood for is of no use when an event behind it has gone.
TEST_F(recovery, ATailThatWasCutAndThenLostAnEventKnowsIt) {
  limits.tail_max = 2;
  limits.bytes_max = 1000;
  recovery_log log(limits, lane0);
  recovery_tail tail;
  const auto first = add(log, {&tail});
  (void)add(log, {&tail});
  (void)add(log, {&tail});
  EXPECT_EQ(log.since(tail, first)->size(), 2U);
  while (log.events_dropped() < 3) (void)add(log, {}, 200);
  const auto last = add(log, {&tail});
  EXPECT_FALSE(log.since(tail, first));
  EXPECT_TRUE(log.since(tail, last));
}

TEST_F(recovery, ASessionIsTakenOnce) {
  recovery_log log(limits, lane0);
  auto gone = away();
  const auto pid = gone.pid;
  (void)log.put(std::move(gone), now);
  EXPECT_TRUE(log.take(pid));
  EXPECT_FALSE(log.take(pid));
}

TEST_F(recovery, OverTheirNumberTheLongestAwayGo) {
  limits.sessions_max = 2;
  recovery_log log(limits, lane0);
  std::vector<session_id> pids;
  for (int i = 0; i < 3; ++i) {
    auto one = away();
    pids.push_back(one.pid);
    const auto evicted = log.put(std::move(one), now);
    EXPECT_EQ(evicted.size(), i == 2 ? 1U : 0U);
  }
  EXPECT_EQ(log.find(pids[0]), nullptr);
  EXPECT_NE(log.find(pids[1]), nullptr);
  EXPECT_EQ(log.sessions_dropped(), 1U);
}

TEST_F(recovery, RecordsForRoomsIdsAndAllButNotForWhoIsExcluded) {
  recovery_log log(limits, lane0);
  auto session = away({&room_keys[0], &room_keys[1]});
  const auto id = session.id;
  const auto pid = session.pid;
  (void)log.put(std::move(session), now);
  const socket_id other(random, node_tag{}, lane0);
  const void* in[] = {&room_keys[0], &room_keys[1]};
  const void* not_in[] = {&room_keys[2]};
  const char other_nsp = 0;

  EXPECT_TRUE(log.concerns_away({.nsp = &nsp_key, .everybody = true}));
  EXPECT_FALSE(log.concerns_away({.nsp = &other_nsp, .everybody = true}));
  EXPECT_TRUE(log.concerns_away({.nsp = &nsp_key, .ids = {&id, 1}}));
  EXPECT_FALSE(log.concerns_away({.nsp = &nsp_key, .ids = {&other, 1}}));
  EXPECT_FALSE(log.concerns_away({.nsp = &nsp_key, .rooms = not_in}));
  EXPECT_FALSE(log.concerns_away({.nsp = &nsp_key, .rooms = not_in, .except = in}));
  EXPECT_FALSE(log.concerns_away({.nsp = &nsp_key, .everybody = true, .except_ids = {&id, 1}}));

  const auto position = log.add({log.next_offset(), 0, event_of(1)}, now);
  EXPECT_TRUE(log.record_away({.nsp = &nsp_key, .rooms = in}, position));
  EXPECT_EQ(log.find(pid)->tail.size(), 1U);  // once, though in both rooms
}

// Everything that was ever sent, and to whom.
class model_run {
 public:
  model_run(recovery_log& log, const recovery_limits& limits) : log_(log), limits_(limits) {}

  void step() {
    now_ += milliseconds(random_.below(200));
    forget(log_.expire(now_));
    const auto what = random_.below(10);
    if (what < 1 && lives_.size() < 12) return begin();
    if (what < 7) return emit(&room_keys[random_.below(4)]);
    if (lives_.empty()) return;
    auto& one = std::next(lives_.begin(), static_cast<int>(random_.below(lives_.size())))->second;
    if (one.is_away) {
      come_back(one);
    } else {
      go_away(one);
    }
  }
  std::size_t exact = 0;
  std::size_t refused = 0;

 private:
  struct life {
    recovery_tail tail;
    std::vector<std::size_t> history;  // into `events_`
    std::set<const void*> rooms;
    bool is_away = false;
    session_id pid;
  };
  struct sent {
    recovery_offset offset;
    time_point at;
  };
  void begin() {
    auto& made = lives_[++last_life_];
    for (const auto& room : room_keys) {
      if (random_.below(2) == 0) made.rooms.insert(&room);
    }
  }
  void emit(const void* room) {
    const auto offset = log_.next_offset();
    const auto position = log_.add({offset, 0, event_of(random_.below(300))}, now_);
    (void)log_.record_away({.nsp = &nsp_key, .rooms = {&room, 1}}, position);
    for (auto& [name, one] : lives_) {
      if (!one.rooms.contains(room)) continue;
      one.history.push_back(events_.size());
      if (!one.is_away) log_.record(one.tail, position);
    }
    events_.push_back({offset, now_});
  }
  void go_away(life& one) {
    away_session leaving;
    leaving.pid = session_id(random_, node_tag{}, lane0);
    leaving.nsp = &nsp_key;
    leaving.id = socket_id(random_, node_tag{}, lane0);
    leaving.rooms = {one.rooms.begin(), one.rooms.end()};
    leaving.tail = std::move(one.tail);
    leaving.until = now_ + limits_.age_max;
    one.is_away = true;
    one.pid = leaving.pid;
    forget(log_.put(std::move(leaving), now_));
  }
  void forget(const std::vector<away_session>& gone) {
    for (const auto& one : gone) {
      std::erase_if(lives_, [&](auto& other) { return other.second.pid == one.pid; });
    }
  }
  void come_back(life& one) {
    auto returned = log_.take(one.pid);
    ASSERT_TRUE(returned);
    one.is_away = false;
    one.pid = {};
    one.tail = std::move(returned->tail);
    if (one.history.empty()) return;
    const auto far = std::min<std::size_t>(one.history.size(), 2 * limits_.tail_max);
    const auto at = one.history.size() - 1 - random_.below(far);
    const auto had = one.history[at];
    const auto count = one.history.size() - at - 1;
    const auto missed = log_.since(one.tail, events_[had].offset);
    if (!missed) {
      ++refused;
      // Only if the bytes, the tail or the age may be over their bounds.
      const bool is_young = events_[had].at + limits_.age_max > now_;
      const bool few_bytes = (events_.size() - had) * 400 < limits_.bytes_max;
      EXPECT_FALSE(count < limits_.tail_max && is_young && few_bytes);
      return;
    }
    ++exact;
    ASSERT_EQ(missed->size(), count);
    for (std::size_t i = 0; i < count; ++i) {
      ASSERT_EQ((*missed)[i].offset, events_[one.history[at + 1 + i]].offset);
    }
  }

  recovery_log& log_;
  const recovery_limits limits_;
  seeded_random random_{7};
  time_point now_ = time_point() + seconds(1000);
  std::vector<sent> events_;
  std::map<int, life> lives_;
  int last_life_ = 0;
};

// Sessions come and go, are sent to and return with some event that they had.
TEST_F(recovery, AgreesWithAModelThatKeepsEverything) {
  limits.bytes_max = 20'000;
  limits.sessions_max = 6;
  limits.tail_max = 12;
  recovery_log log(limits, lane0);
  model_run run(log, limits);
  for (int step = 0; step < 20'000; ++step) {
    run.step();
    ASSERT_FALSE(HasFatalFailure()) << step;
    ASSERT_LE(log.bytes(), limits.bytes_max);
    ASSERT_LE(log.session_count(), limits.sessions_max);
  }
  EXPECT_GT(run.exact, 500U);
  EXPECT_GT(run.refused, 50U);
  (void)log.clear();
  EXPECT_EQ(log.bytes(), 0U);
  EXPECT_EQ(log.session_count(), 0U);
}

// A session moves: what was emitted before the stamp comes from the lane that it leaves, the rest
// from the other, whatever each lane saw of both and in which order.
TEST_F(recovery, MovesToAnotherLaneWithoutGapAndDuplicate) {
  for (int round = 0; round < 500; ++round) {
    recovery_log from(limits, lane0);
    recovery_log to(limits, lane1);
    recovery_tail tail;
    recovery_tail new_tail;
    std::vector<recovery_offset> expected;
    const auto first = add(from, {&tail});
    constexpr std::uint64_t moved = 10;
    std::vector<std::uint64_t> stamps;
    for (int i = 0; i < 10; ++i) stamps.push_back(moved - 5 + random.below(10));
    std::vector<recovery_offset> later;
    for (const auto stamp : stamps) {
      const auto offset = from.next_offset();
      from.record(tail, from.add({offset, stamp, event_of(5)}, now));
      if (stamp < moved) expected.push_back(offset);
      const auto here = to.next_offset();
      to.record(new_tail, to.add({here, stamp, event_of(5)}, now));
      if (stamp >= moved) later.push_back(here);
    }
    to.arrive(from.leave(tail, moved), new_tail, moved, now);
    expected.insert(expected.end(), later.begin(), later.end());
    const auto missed = to.since(new_tail, first);
    ASSERT_TRUE(missed);
    EXPECT_EQ(offsets(*missed), expected);
  }
}

TEST_F(recovery, AMovedTailThatHasLostEventsSaysSo) {
  recovery_limits narrow = limits;
  narrow.bytes_max = 1000;
  recovery_log from(limits, lane0);
  recovery_log to(narrow, lane1);
  recovery_tail tail;
  recovery_tail new_tail;
  const auto first = add(from, {&tail});
  const auto second = add(from, {&tail});
  recovery_offset last = 0;
  for (int i = 0; i < 20; ++i) last = add(to, {&new_tail}, 100);
  to.arrive(from.leave(tail, 1), new_tail, 0, now);
  EXPECT_FALSE(to.since(new_tail, first));
  EXPECT_FALSE(to.since(new_tail, second));
  EXPECT_TRUE(to.since(new_tail, last));
}

}  // namespace
}  // namespace gossamer::detail
