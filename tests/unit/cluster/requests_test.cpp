#include "tests/unit/cluster/fixture.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace gossamer::cluster {
namespace {

std::vector<member> nodes(std::uint64_t count) {
  std::vector<member> all;
  for (std::uint64_t i = 1; i <= count; ++i) all.push_back(node_named(i));
  return all;
}

message counted(request_id id, std::uint64_t n) {
  return socket_count{id, n};
}

class PendingRequests : public ::testing::Test {
 protected:
  void answer(std::uint64_t node, std::uint32_t part = 0, bool last = true, std::size_t size = 10) {
    pending_.answer(id_, {node, node}, part, last, counted(id_, node), size);
  }
  void start(std::uint64_t count) { ASSERT_FALSE(pending_.start(id_, nodes(count), 5s, t0)); }
  request_id id_{1};
  pending_requests pending_;
};

TEST_F(PendingRequests, EndsWhenAllHaveAnswered) {
  start(2);
  answer(2);
  EXPECT_TRUE(pending_.take_finished().empty());
  answer(1);
  const auto done = pending_.take_finished();
  ASSERT_EQ(done.size(), 1U);
  EXPECT_TRUE(done[0].complete);
  EXPECT_EQ(done[0].answers.size(), 2U);
  EXPECT_EQ(pending_.size(), 0U);
  EXPECT_EQ(pending_.kept_bytes(), 0U);
  EXPECT_EQ(pending_.deadline(), time_point::max());
}

TEST_F(PendingRequests, EndsAtOnceWhenNobodyIsAsked) {
  start(0);
  EXPECT_TRUE(pending_.take_finished().at(0).complete);
}

TEST_F(PendingRequests, DoesNotWaitForTheDead) {
  start(3);
  answer(1);
  pending_.member_gone({3, 3});
  answer(2);
  const auto done = pending_.take_finished();
  ASSERT_EQ(done.size(), 1U);
  EXPECT_TRUE(done[0].complete);
  EXPECT_FALSE(done[0].timed_out);
  EXPECT_EQ(done[0].gone, std::vector{node_named(3)});
}

TEST_F(PendingRequests, NamesWhoIsMissingWhenTheTimeIsOver) {
  start(3);
  answer(2);
  EXPECT_EQ(pending_.deadline(), t0 + 5s);
  pending_.expire(t0 + 5s - 1ns);
  EXPECT_TRUE(pending_.take_finished().empty());
  pending_.expire(t0 + 5s);
  const auto done = pending_.take_finished();
  ASSERT_EQ(done.size(), 1U);
  EXPECT_FALSE(done[0].complete);
  EXPECT_TRUE(done[0].timed_out);
  ASSERT_EQ(done[0].answers.size(), 1U);
  EXPECT_EQ(done[0].answers[0].from, node_named(2));
  EXPECT_EQ(done[0].missing, (std::vector{node_named(1), node_named(3)}));
}

TEST_F(PendingRequests, IgnoresAndCountsWhatIsLateRepeatedOrForeign) {
  start(2);
  answer(1);
  answer(1);
  answer(9);
  EXPECT_EQ(pending_.counters().duplicates, 1U);
  EXPECT_EQ(pending_.counters().strangers, 1U);
  EXPECT_EQ(pending_.size(), 1U);
  answer(2);
  EXPECT_EQ(pending_.take_finished().at(0).answers.size(), 2U);
  answer(2);
  EXPECT_EQ(pending_.counters().late, 1U);
}

TEST_F(PendingRequests, PutsThePartsOfAnAnswerTogether) {
  start(1);
  answer(1, 0, false);
  answer(1, 0, false);
  EXPECT_EQ(pending_.counters().duplicates, 1U);
  EXPECT_TRUE(pending_.take_finished().empty());
  answer(1, 1, true);
  const auto done = pending_.take_finished();
  EXPECT_EQ(done.at(0).answers.at(0).parts.size(), 2U);
}

TEST_F(PendingRequests, EndsAnAnswerWithAHoleAsMissing) {
  start(1);
  answer(1, 0, false);
  answer(1, 2, true);
  const auto done = pending_.take_finished();
  EXPECT_EQ(pending_.counters().gaps, 1U);
  EXPECT_FALSE(done.at(0).complete);
  EXPECT_EQ(done[0].missing, std::vector{node_named(1)});
  EXPECT_EQ(done[0].answers.at(0).parts.size(), 1U);
}

TEST_F(PendingRequests, KeepsNoMoreBytesThanItMay) {
  pending_ = pending_requests({10, 3000});
  start(2);
  answer(1, 0, true, 1000);
  answer(2, 0, true, 3000);
  const auto done = pending_.take_finished();
  EXPECT_EQ(pending_.counters().too_large, 1U);
  EXPECT_EQ(done.at(0).missing, std::vector{node_named(2)});
  EXPECT_EQ(pending_.kept_bytes(), 0U);
}

TEST_F(PendingRequests, RefusesMoreThanItMayKeep) {
  pending_ = pending_requests({1, 1000});
  start(1);
  EXPECT_EQ(pending_.start(request_id{2}, nodes(1), 5s, t0), errc::too_many_requests);
  pending_.cancel(id_);
  EXPECT_FALSE(pending_.start(request_id{2}, nodes(1), 5s, t0));
}

TEST_F(PendingRequests, EndsTheWaitForWhoRefuses) {
  start(1);
  EXPECT_FALSE(pending_.refuse(request_id{7}, {1, 1}));
  EXPECT_FALSE(pending_.refuse(id_, {9, 9}));
  EXPECT_TRUE(pending_.refuse(id_, {1, 1}));
  EXPECT_EQ(pending_.take_finished().at(0).missing, std::vector{node_named(1)});
}

/// The naive model keeps everything that ever happened and decides from scratch.
struct model {
  struct asked {
    time_point deadline;
    std::set<std::uint64_t> members;
    std::map<std::uint64_t, std::uint64_t> answered;
    std::set<std::uint64_t> gone;
    bool over = false;
    [[nodiscard]] bool all() const { return answered.size() + gone.size() == members.size(); }
  };
  std::map<std::uint64_t, asked> requests;
  std::map<std::uint64_t, bool> ended;  // in this step, by number; timed out?

  void end(std::uint64_t id, bool timed_out) {
    requests[id].over = true;
    ended[id] = timed_out;
  }
  void ask(std::uint64_t id, const std::vector<member>& of, time_point deadline) {
    requests[id].deadline = deadline;
    for (const auto& m : of) requests[id].members.insert(m.id.low);
    if (of.empty()) end(id, false);
  }
  void answer(std::uint64_t id, std::uint64_t node, std::uint64_t count) {
    auto& r = requests[id];
    if (r.over || !r.members.contains(node) || r.gone.contains(node)) return;
    r.answered.try_emplace(node, count);
    if (r.all()) end(id, false);
  }
  void die(std::uint64_t node) {
    for (auto& [id, r] : requests) {
      if (r.over || !r.members.contains(node) || r.answered.contains(node)) continue;
      r.gone.insert(node);
      if (r.all()) end(id, false);
    }
  }
  void pass(time_point now) {
    for (auto& [id, r] : requests) {
      if (!r.over && !r.members.empty() && r.deadline <= now) end(id, true);
    }
  }
  [[nodiscard]] std::size_t open() const {
    return static_cast<std::size_t>(
        std::count_if(requests.begin(), requests.end(),
                      [](const auto& r) { return !r.second.over && !r.second.members.empty(); }));
  }
};

/// The same random operations on both.
struct both_of_them {
  explicit both_of_them(std::uint64_t seed) : random(seed) {}

  void ask() {
    std::vector<member> of;
    for (std::uint64_t i = 1; i <= 6; ++i) {
      if (random.below(2) == 0) of.push_back(node_named(i));
    }
    const auto timeout = milliseconds(random.below(1000));
    ASSERT_FALSE(real.start(request_id{++last}, of, timeout, now));
    naive.ask(last, of, now + timeout);
  }
  void step(std::uint64_t count) {
    naive.ended.clear();
    const std::uint64_t node = 1 + random.below(6);
    const std::uint64_t which = last == 0 ? 1 : 1 + random.below(last);
    const std::uint64_t drawn = random.below(6);
    if (drawn == 0) {
      ask();
    } else if (drawn <= 3) {
      const request_id id{which};
      real.answer(id, {node, node}, 0, true, counted(id, count), 20);
      naive.answer(which, node, count);
    } else if (drawn == 5) {
      now += milliseconds(random.below(200));
      real.expire(now);
      naive.pass(now);
    } else if (random.below(4) == 0) {
      real.member_gone({node, node});
      naive.die(node);
    }
  }
  /// What ended in this step.
  void compare() {
    const auto finished = real.take_finished();
    ASSERT_EQ(finished.size(), naive.ended.size());
    for (const auto& f : finished) {
      const auto number = static_cast<std::uint64_t>(f.id);
      const auto& r = naive.requests.at(number);
      ASSERT_EQ(f.timed_out, naive.ended.at(number));
      ASSERT_EQ(f.gone.size(), r.gone.size());
      ASSERT_EQ(f.missing.size(), r.members.size() - r.gone.size() - r.answered.size());
      ASSERT_EQ(f.complete, f.missing.empty());
      ASSERT_EQ(f.answers.size(), r.answered.size());
      for (const auto& a : f.answers) {
        ASSERT_EQ(a.parts, std::vector{counted(f.id, r.answered.at(a.from.id.low))});
      }
    }
  }

  seeded_random random;
  pending_requests real;
  model naive;
  time_point now = t0;
  std::uint64_t last = 0;
};

TEST(PendingRequestsModel, AgreesWithTheNaiveOneOverRandomOperations) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    both_of_them both(seed);
    for (std::uint64_t step = 0; step < 300; ++step) {
      both.step(step);
      both.compare();
      ASSERT_FALSE(HasFatalFailure()) << "seed " << seed << " step " << step;
    }
    ASSERT_EQ(both.real.size(), both.naive.open()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace gossamer::cluster
