// Random operations on several directories over bad links, against a naive model: afterwards, all
// know exactly what is true; and meanwhile nobody trusts a table that is not whole.
#include "tests/unit/directory/fixture.hpp"

#include <gtest/gtest.h>

#include <set>

namespace gossamer::directory {
namespace {

settings drawn_settings(random_source& random) {
  settings s;
  if (random.below(2) == 0) {
    s.window = 10 + random.below(60);
    s.in_flight = 4 + random.below(30);
    s.ops_per_update = 1 + random.below(20);
    s.parts_in_flight = 1 + random.below(4);
    s.part_bytes = 10 + random.below(200);
  }
  return s;
}

class model {
 public:
  model(std::uint64_t seed, std::size_t size) : random(seed), c(0), members(size) {
    const settings s = drawn_settings(random);
    for (std::size_t i = 0; i < size; ++i) c.add(s);
    down.resize(size, std::vector<bool>(size));
    c.meet_all();
  }

  void operate() {
    const std::size_t at = random.below(c.size());
    switch (random.below(12)) {
      case 0: return break_something(at);
      case 1: return count(at);
      default: return random.below(5) < 3 ? join(at) : leave(at);
    }
  }

  void end_faults() {
    c.faults = {};
    for (std::size_t a = 0; a < c.size(); ++a) {
      for (std::size_t b = 0; b < c.size(); ++b) {
        c.cut(a, b, false);
        if (down[a][b]) c.change(a, member_change::up, b);
      }
    }
  }

  void expect_the_truth() {
    EXPECT_TRUE(c.all_synced());
    std::uint64_t sum = 0;
    for (const std::int32_t n : counts) sum += static_cast<std::uint64_t>(n);
    for (std::size_t a = 0; a < c.size(); ++a) {
      EXPECT_EQ(c[a].count(keys.nsp("/")), sum);
      for (std::size_t b = 0; b < c.size(); ++b) {
        if (a != b) expect_known(a, b);
      }
    }
  }

  seeded_random random;
  cluster c;

 private:
  static constexpr std::size_t rooms = 60;
  static room_key room_of(std::size_t i) { return room("r" + std::to_string(i)); }

  void join(std::size_t at) {
    const std::size_t r = random.below(rooms);
    members[at].insert(r);
    c.join(at, room_of(r));
  }
  void leave(std::size_t at) {
    if (members[at].empty()) return;
    auto who = members[at].begin();
    std::advance(who, random.below(members[at].size()));
    c.leave(at, room_of(*who));
    members[at].erase(who);
  }
  void count(std::size_t at) {
    const std::int32_t by = counts[at % 8] > 0 && random.below(2) == 0 ? -1 : 1;
    counts[at % 8] += by;
    c.run(at, [&](auto& d) { return d.adjust(c.now(), keys.nsp("/"), by); });
  }
  void break_something(std::size_t at) {
    const std::size_t other = random.below(c.size());
    if (other == at) return;
    switch (random.below(4)) {
      case 0: return c.break_link(at, other);
      case 1: return c.cut(at, other, random.below(2) == 0);
      default:
        down[at][other] = !down[at][other];
        c.change(at, down[at][other] ? member_change::down : member_change::up, other);
    }
  }
  void expect_known(std::size_t reader, std::size_t writer) {
    EXPECT_TRUE(c.agree(reader, writer));
    for (std::size_t r = 0; r < rooms; ++r) {
      const std::uint64_t hash = room_of(r).hash;
      ASSERT_EQ(c[writer].published(hash), members[writer].contains(r));
      ASSERT_EQ(c[reader].said(c.id(writer), hash), members[writer].contains(r));
    }
  }

  std::vector<std::multiset<std::size_t>> members;
  std::vector<std::vector<bool>> down;
  std::array<std::int32_t, 8> counts{};
};

class DirectoryProperty : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(DirectoryProperty, AllKnowTheTruthTenSecondsAfterTheFaults) {
  for (std::uint64_t i = 0; i < 12; ++i) {
    SCOPED_TRACE(i);
    model m(GetParam() * 1000 + i, 2 + i % 4);
    m.c.faults = {0.2 * static_cast<double>(i % 3), 0.1 * static_cast<double>(i % 2), i % 4 != 0,
                  1ms};
    for (int n = 0; n < 800; ++n) {
      m.operate();
      m.c.pass(milliseconds(m.random.below(20)));
    }
    m.end_faults();
    m.c.pass(10s);
    m.expect_the_truth();
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, DirectoryProperty, ::testing::Range<std::uint64_t>(1, 9));

/// With orderly links, a node that counts a peer as synced knows what the peer published in time.
TEST(DirectoryProperty, InterestComesBeforeTheDataThatDependsOnIt) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(seed);
    seeded_random random(seed);
    cluster c(0);
    const settings s = drawn_settings(random);
    for (int i = 0; i < 3; ++i) c.add(s);
    c.meet_all();
    for (std::size_t n = 0; n < 400; ++n) {
      const std::size_t writer = random.below(3);
      const std::size_t reader = (writer + 1 + random.below(2)) % 3;
      if (random.below(10) == 0) c.break_link(writer, reader);
      if (random.below(30) == 0) c.faults.loss = 0.3 - c.faults.loss;
      const room_key fresh = room("n" + std::to_string(n));
      c.join(writer, fresh);
      c.run(writer, [&](auto& d) { return d.flush(c.now()); });
      const std::uint64_t seq = c[writer].head();
      c.pass(1ms);  // the data travels as long as the frames
      c.run(reader, [&](auto& d) { return d.depends(c.now(), c.id(writer), seq); });
      const auto found = c.targets(reader, {fresh});
      ASSERT_TRUE(std::find(found.begin(), found.end(), writer) != found.end());
      c.pass(milliseconds(random.below(40)));
    }
  }
}

}  // namespace
}  // namespace gossamer::directory
