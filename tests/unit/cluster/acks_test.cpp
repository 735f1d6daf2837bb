#include "tests/unit/cluster/fixture.hpp"

#include <map>
#include <set>

namespace gossamer::cluster {
namespace {

constexpr request_id request{5};

class AckGatherer : public ::testing::Test {
 protected:
  void start(std::uint64_t count) {
    std::vector<member> all;
    for (std::uint64_t i = 1; i <= count; ++i) all.push_back(node_named(i));
    ASSERT_FALSE(acks_.start(request, all, 5s, t0));
  }
  void expect(std::uint64_t node, std::uint32_t count) {
    acks_.expect({request, count}, {node, node});
  }
  void answer(std::uint64_t node, int socket, std::string_view json = "[1]") {
    acks_.answer({request, socket_named(socket), bytes(json), {}}, {node, node});
  }
  void left(std::uint64_t node, int socket) {
    acks_.left({request, socket_named(socket)}, {node, node});
  }
  bool over() {
    for (auto& one : acks_.take_finished()) outcome_ = std::move(one);
    return acks_.size() == 0;
  }
  ack_gatherer acks_;
  ack_outcome outcome_;
};

TEST_F(AckGatherer, EndsWhenEverySocketOfEveryNodeHasAnsweredOrLeft) {
  start(2);
  expect(1, 2);
  answer(1, 11);
  left(1, 12);
  EXPECT_FALSE(over());
  answer(2, 21);  // before its node has counted
  EXPECT_FALSE(over());
  expect(2, 1);
  EXPECT_TRUE(over());
  EXPECT_TRUE(outcome_.complete);
  EXPECT_EQ(outcome_.answers.size(), 2U);
  EXPECT_EQ(outcome_.left_count, 1U);
  EXPECT_EQ(acks_.kept_bytes(), 0U);
}

TEST_F(AckGatherer, ANodeWithoutSuchSocketsIsDoneAtOnce) {
  start(1);
  expect(1, 0);
  EXPECT_TRUE(over());
  EXPECT_TRUE(outcome_.complete);
}

TEST_F(AckGatherer, CountsAnAnswerOnce) {
  start(1);
  expect(1, 2);
  answer(1, 11);
  answer(1, 11);
  left(1, 11);
  EXPECT_FALSE(over());
  EXPECT_EQ(acks_.counters().duplicates, 2U);
  answer(1, 12);
  EXPECT_TRUE(over());
  EXPECT_EQ(outcome_.answers.size(), 2U);
  answer(1, 13);
  EXPECT_EQ(acks_.counters().late, 1U);
}

TEST_F(AckGatherer, DoesNotWaitForSocketsOfADeadNode) {
  start(2);
  expect(1, 3);
  expect(2, 1);
  answer(1, 11);
  answer(2, 21);
  EXPECT_FALSE(over());
  acks_.member_gone({1, 1});
  EXPECT_TRUE(over());
  EXPECT_TRUE(outcome_.complete);
  EXPECT_EQ(outcome_.gone, std::vector{node_named(1)});
  EXPECT_EQ(outcome_.answers.size(), 2U);
}

TEST_F(AckGatherer, NamesWhoOwesHowMuchWhenTheTimeIsOver) {
  start(3);
  expect(1, 3);
  answer(1, 11);
  expect(2, 0);
  acks_.expire(t0 + 5s);
  EXPECT_TRUE(over());
  EXPECT_FALSE(outcome_.complete);
  EXPECT_TRUE(outcome_.timed_out);
  EXPECT_EQ(outcome_.missing,
            (std::vector<ack_outcome::owing>{{node_named(1), 2U}, {node_named(3), std::nullopt}}));
}

TEST_F(AckGatherer, HearsNobodyWhoWasNotAsked) {
  start(1);
  answer(9, 91);
  expect(9, 0);
  EXPECT_EQ(acks_.counters().strangers, 2U);
  EXPECT_FALSE(over());
}

TEST_F(AckGatherer, KeepsNoMoreBytesThanItMay) {
  acks_ = ack_gatherer({1, 200});
  start(1);
  expect(1, 2);
  answer(1, 11, std::string(100, 'x'));
  answer(1, 12, std::string(100, 'x'));
  EXPECT_TRUE(over());  // counted, though only one of 64 + 100 and one of 64 were kept
  EXPECT_FALSE(outcome_.complete);
  EXPECT_EQ(outcome_.missing.size() + outcome_.dropped_count, 1U);
  EXPECT_EQ(acks_.kept_bytes(), 0U);
}

TEST(OwedAcks, TellsTheOriginEachAnswerOnce) {
  owed_acks owed;
  const owed_acks::key k{"/", 3};
  const node_id origin{1, 1};
  ASSERT_TRUE(owed.open(k, origin, {request, 5s, {}, {}, {}}, t0));
  EXPECT_FALSE(owed.open(k, origin, {request, 5s, {}, {}, {}}, t0));
  EXPECT_TRUE(owed.expect(k, socket_named(1)));
  EXPECT_TRUE(owed.expect(k, socket_named(2)));
  EXPECT_EQ(owed.close(k)->what, message(ack_expect{request, 2}));
  EXPECT_EQ(owed.answer(k, socket_named(1), bytes("[]"), {})->what,
            message(ack_answer{request, socket_named(1), bytes("[]"), {}}));
  EXPECT_FALSE(owed.answer(k, socket_named(1), bytes("[]"), {}));
  EXPECT_FALSE(owed.left(k, socket_named(3)));
  EXPECT_EQ(owed.unasked(), 2U);
  EXPECT_EQ(owed.left(k, socket_named(2))->to, origin);
  EXPECT_EQ(owed.size(), 0U);
  EXPECT_EQ(owed.socket_count(), 0U);
}

TEST(OwedAcks, EndsWithItsOriginAndWithItsTime) {
  owed_acks owed;
  for (std::uint32_t i = 1; i <= 2; ++i) {
    ASSERT_TRUE(owed.open({"/", i}, {i, i}, {request, seconds(i), {}, {}, {}}, t0));
    ASSERT_TRUE(owed.expect({"/", i}, socket_named(1)));
  }
  EXPECT_EQ(owed.deadline(), t0 + 1s);
  owed.expire(t0 + 1s);
  EXPECT_EQ(owed.size(), 1U);
  owed.origin_gone({2, 2});
  EXPECT_EQ(owed.size(), 0U);
  EXPECT_EQ(owed.socket_count(), 0U);
}

TEST(OwedAcks, KeepsNoMoreThanItMay) {
  owed_acks owed({1, 1});
  ASSERT_TRUE(owed.open({"/", 1}, {1, 1}, {}, t0));
  EXPECT_FALSE(owed.open({"/", 2}, {1, 1}, {}, t0));
  EXPECT_TRUE(owed.expect({"/", 1}, socket_named(1)));
  EXPECT_FALSE(owed.expect({"/", 1}, socket_named(2)));
  EXPECT_EQ(owed.size(), 0U);  // its origin is told `refused` by the caller
}

struct socket {
  std::uint64_t node;
  int number;
};

/// Sockets of three nodes answer twice, leave, or stay silent, in random order; nodes die; replies
/// may come twice. The naive model is the set of sockets that must be in the result.
TEST(AcksModel, GathererAndOwedAgreeWithTheNaiveOne) {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    seeded_random random(seed);
    ack_gatherer gatherer;
    std::map<std::uint64_t, owed_acks> nodes;
    std::vector<member> asked;
    const broadcast_ack question{request, 5s, image_of("[]"), {}, {}};
    std::vector<socket> open;
    for (std::uint64_t n = 1; n <= 3; ++n) {
      asked.push_back(node_named(n));
      ASSERT_TRUE(nodes[n].open({"/", 1}, {9, 9}, question, t0));
      for (std::uint64_t i = random.below(5); i > 0; --i) {
        open.push_back({n, static_cast<int>(n * 100 + i)});
        ASSERT_TRUE(nodes[n].expect({"/", 1}, socket_named(open.back().number)));
      }
    }
    ASSERT_FALSE(gatherer.start(request, asked, 5s, t0));
    const auto tell = [&](std::uint64_t n, const std::optional<owed_acks::reply>& r) {
      for (std::uint64_t times = r ? 1 + random.below(2) : 0; times > 0; --times) {
        if (const auto* e = std::get_if<ack_expect>(&r->what)) gatherer.expect(*e, {n, n});
        if (const auto* a = std::get_if<ack_answer>(&r->what)) gatherer.answer(*a, {n, n});
        if (const auto* l = std::get_if<ack_left>(&r->what)) gatherer.left(*l, {n, n});
      }
    };
    std::set<int> answered;
    std::set<std::uint64_t> dead;
    std::set<std::uint64_t> closed;
    while (!open.empty() || closed.size() + dead.size() < 3) {
      const std::uint64_t n = 1 + random.below(3);
      if (random.below(30) == 0 && !closed.contains(n) && dead.insert(n).second) {
        gatherer.member_gone({n, n});
        std::erase_if(open, [&](const socket& s) { return s.node == n; });
      }
      if (!dead.contains(n) && random.below(3) == 0 && closed.insert(n).second) {
        tell(n, nodes[n].close({"/", 1}));
      }
      if (open.empty()) continue;
      const auto at = random.below(open.size());
      const socket s = open[at];
      open.erase(open.begin() + static_cast<std::ptrdiff_t>(at));
      if (random.below(4) == 0) {
        tell(s.node, nodes[s.node].left({"/", 1}, socket_named(s.number)));
      } else {
        answered.insert(s.number);
        tell(s.node, nodes[s.node].answer({"/", 1}, socket_named(s.number), bytes("[]"), {}));
      }
    }
    const auto done = gatherer.take_finished();
    ASSERT_EQ(done.size(), 1U) << seed;
    EXPECT_TRUE(done[0].complete);
    EXPECT_EQ(done[0].answers.size(), answered.size()) << seed;
    for (const auto& a : done[0].answers) {
      EXPECT_TRUE(answered.contains(std::stoi(a.socket.string().substr(17))));
    }
    EXPECT_EQ(done[0].gone.size(), dead.size());
  }
}

}  // namespace
}  // namespace gossamer::cluster
