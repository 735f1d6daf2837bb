#include "actors/socketio/ack_table.hpp"
#include "actors/socketio/broadcast_ack.hpp"
#include "actors/socketio/json_codec.hpp"
#include "actors/socketio/json_writer.hpp"
#include "runtime/base/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace gossamer::socketio {
namespace {

const time_point t0{};

// The handler is its own number, behind a pointer so that it can only be moved.
using handler = std::unique_ptr<int>;

TEST(AckTable, BehavesAsAMap) {
  seeded_random random(31);
  ack_table<handler> table;
  std::map<std::uint64_t, std::pair<int, std::optional<time_point>>> model;
  time_point now = t0;
  for (int round = 0; round < 20000; ++round) {
    const std::uint64_t id = random.below(40);
    switch (random.below(5)) {
      case 0:
      case 1: {
        std::optional<time_point> until;
        if (random.below(2) == 0) until = now + milliseconds(random.below(20));
        const bool added = table.add(id, std::make_unique<int>(round), until).has_value();
        ASSERT_EQ(added, model.try_emplace(id, round, until).second);
        break;
      }
      case 2: {
        const auto found = table.complete(id);
        const auto expected = model.find(id);
        ASSERT_EQ(found.has_value(), expected != model.end());
        if (found) {
          ASSERT_EQ(**found, expected->second.first);
          model.erase(expected);
        }
        break;
      }
      case 3: {
        now += milliseconds(random.below(4));
        std::set<int> expired;
        for (const auto& gone : table.expire(now)) expired.insert(*gone);
        std::set<int> expected;
        std::erase_if(model, [&](const auto& entry) {
          const bool over = entry.second.second && *entry.second.second <= now;
          if (over) expected.insert(entry.second.first);
          return over;
        });
        ASSERT_EQ(expired, expected);
        break;
      }
      default: {
        if (random.below(50) != 0) break;
        std::vector<int> drained;
        for (const auto& rest : table.drain()) drained.push_back(*rest);
        std::vector<int> expected;
        for (const auto& [_, entry] : model) expected.push_back(entry.first);
        model.clear();
        ASSERT_EQ(drained, expected);
      }
    }
    std::optional<time_point> next;
    for (const auto& [_, entry] : model) {
      if (entry.second && (!next || *entry.second < *next)) next = entry.second;
    }
    ASSERT_EQ(table.next_deadline(), next);
    ASSERT_EQ(table.size(), model.size());
  }
}

TEST(AckTable, ExpiresEarliestFirst) {
  ack_table<int> table;
  ASSERT_TRUE(table.add(1, 10, t0 + seconds(3)).has_value());
  ASSERT_TRUE(table.add(2, 20, t0 + seconds(1)).has_value());
  ASSERT_TRUE(table.add(3, 30).has_value());
  EXPECT_EQ(table.expire(t0 + seconds(9)), (std::vector<int>{20, 10}));
  EXPECT_EQ(table.drain(), std::vector<int>{30});
}

TEST(AckTable, IsBounded) {
  ack_table<int> table;
  EXPECT_EQ(sizeof(table), sizeof(void*));
  ASSERT_TRUE(table.add(1, 1, {}, 2).has_value());
  EXPECT_EQ(table.add(1, 1, {}, 2).error(), errc::ack_id_in_use);
  ASSERT_TRUE(table.add(2, 2, {}, 2).has_value());
  EXPECT_EQ(table.add(3, 3, {}, 2).error(), errc::too_many_acks);
  EXPECT_EQ(table.complete(1), 1);
  EXPECT_EQ(table.complete(1), std::nullopt);
  EXPECT_TRUE(table.add(3, 3, {}, 2).has_value());
}

class BroadcastAck : public ::testing::Test {
 protected:
  broadcast_ack::key who(std::uint64_t id) {
    return {id, socket_id(random_, node_tag{1}, lane_index{0})};
  }
  seeded_random random_{41};
};

TEST_F(BroadcastAck, CompletesWhenAllAnsweredOrLeft) {
  const auto a = who(1);
  const auto b = who(1);
  const auto c = who(2);
  broadcast_ack acks(t0 + seconds(1));
  acks.expect(a);
  acks.expect(b);
  EXPECT_TRUE(acks.answer(a, make_args("yes")));
  acks.left(b);
  EXPECT_FALSE(acks.done()) << "somebody may still be announced";
  acks.expect(c);
  acks.seal();
  EXPECT_FALSE(acks.done());
  EXPECT_TRUE(acks.answer(c, make_args(2)));
  EXPECT_EQ(acks.state(), broadcast_ack::status::complete);
  ASSERT_EQ(acks.responses().size(), 2U);
  EXPECT_EQ(acks.responses()[0].socket, a.socket);
  EXPECT_EQ(acks.responses()[1].answer.get<int>(0).value(), 2);
  EXPECT_EQ(acks.left_count(), 1U);
}

TEST_F(BroadcastAck, MatchesIdAndSocketOnce) {
  const auto a = who(1);
  broadcast_ack acks;
  acks.expect(a);
  EXPECT_FALSE(acks.answer({2, a.socket}, {}));
  EXPECT_FALSE(acks.answer(who(1), {}));
  EXPECT_TRUE(acks.answer(a, {}));
  EXPECT_FALSE(acks.answer(a, {}));
  acks.left(a);
  EXPECT_EQ(acks.left_count(), 0U);
}

TEST_F(BroadcastAck, GivesWhatItHasWhenTimeIsOver) {
  const auto a = who(1);
  const auto b = who(1);
  broadcast_ack acks(t0 + seconds(1));
  acks.expect(a);
  acks.expect(b);
  acks.seal();
  EXPECT_TRUE(acks.answer(a, {}));
  acks.expire(t0 + milliseconds(999));
  EXPECT_FALSE(acks.done());
  acks.expire(t0 + seconds(1));
  EXPECT_EQ(acks.state(), broadcast_ack::status::timed_out);
  EXPECT_FALSE(acks.answer(b, {}));
  EXPECT_EQ(acks.missing(), std::vector<socket_id>{b.socket});
  EXPECT_EQ(acks.take_responses().size(), 1U);
}

TEST_F(BroadcastAck, IsCompleteAtOnceWithoutSockets) {
  broadcast_ack acks(t0 + seconds(1));
  acks.seal();
  EXPECT_EQ(acks.state(), broadcast_ack::status::complete);
}

TEST_F(BroadcastAck, AgreesWithANaiveModel) {
  for (int round = 0; round < 300; ++round) {
    broadcast_ack acks;
    std::vector<broadcast_ack::key> sockets;
    std::vector<int> fate;  // 0 waits, 1 answered, 2 left
    std::size_t announced = 0;
    for (int i = 0; i < 8; ++i) sockets.push_back(who(random_.below(2)));
    fate.resize(sockets.size(), 0);
    bool sealed = false;
    for (int step = 0; step < 60; ++step) {
      if (announced < sockets.size() && random_.below(2) == 0) acks.expect(sockets[announced++]);
      if (announced == sockets.size() && !sealed) {
        acks.seal();
        sealed = true;
      }
      const auto i = random_.below(sockets.size());
      const bool waits = i < announced && fate[i] == 0;
      if (random_.below(2) == 0) {
        ASSERT_EQ(acks.answer(sockets[i], {}), waits);
        if (waits) fate[i] = 1;
      } else {
        acks.left(sockets[i]);
        if (waits) fate[i] = 2;
      }
      const auto waiting = std::count(fate.begin(), fate.begin() + static_cast<long>(announced), 0);
      ASSERT_EQ(acks.waiting_count(), static_cast<std::size_t>(waiting));
      ASSERT_EQ(acks.done(), sealed && waiting == 0);
      ASSERT_EQ(acks.responses().size(),
                static_cast<std::size_t>(std::count(fate.begin(), fate.end(), 1)));
    }
  }
}

}  // namespace
}  // namespace gossamer::socketio
