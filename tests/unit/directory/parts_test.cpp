// The parts of the directory, each by itself.
#include "runtime/base/random.hpp"
#include "runtime/directory/bucket_table.hpp"
#include "runtime/directory/key.hpp"
#include "runtime/directory/local_interest.hpp"
#include "runtime/directory/node_set.hpp"
#include "runtime/directory/op_log.hpp"
#include "runtime/directory/remote_interest.hpp"

#include <gtest/gtest.h>

#include <malloc.h>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <vector>

namespace gossamer::directory {
namespace {

using namespace std::chrono_literals;

constexpr time_point t0{std::chrono::hours(1000)};

TEST(DirectoryKey, IsSipHash24) {
  key_secret secret;
  std::iota(secret.begin(), secret.end(), std::uint8_t{0});
  std::string text;
  EXPECT_EQ(siphash(secret, text), 0x726fdb47dd0e0e31U);
  for (char c = 0; c < 15; ++c) text.push_back(c);
  EXPECT_EQ(siphash(secret, text), 0xa129ca6149be45e5U);  // the example of the paper
}

TEST(DirectoryKey, TellsNamespaceAndRoomApart) {
  const key_maker keys{key_secret{}};
  EXPECT_NE(keys.room("/a", "b").hash, keys.room("/", "ab").hash);
  EXPECT_NE(keys.room("/a", "").hash, keys.nsp("/a"));
  EXPECT_NE(keys.name("x"), keys.total("x"));
  EXPECT_NE(keys.room("/", "r").hash, key_maker{key_secret{1}}.room("/", "r").hash);
}

TEST(DirectoryKey, HintsAtTheTagOfAnId) {
  seeded_random random(1);
  const key_maker keys{key_secret{}};
  const socket_id id(random, node_tag{4711}, lane_index{3});
  EXPECT_EQ(keys.room("/", id.text()).hint, node_tag{4711});
  EXPECT_FALSE(keys.room("/", "lobby").hint);
}

TEST(DirectoryNodeSet, HoldsAllSlots) {
  node_set s;
  for (const std::size_t slot : {0U, 63U, 64U, 127U}) s.add(slot);
  std::vector<std::size_t> seen;
  s.for_each([&](std::size_t slot) { seen.push_back(slot); });
  EXPECT_EQ(seen, (std::vector<std::size_t>{0, 63, 64, 127}));
  s.remove(63);
  EXPECT_FALSE(s.has(63));
  EXPECT_TRUE(s.has(127));
  EXPECT_EQ(s.size(), 3U);
}

TEST(DirectoryTable, IsAMap) {
  seeded_random random(3);
  bucket_table<std::uint32_t> table;
  std::map<std::uint64_t, std::uint32_t> model;
  const auto draw = [&] {  // few buckets and places, so that keys collide
    return (random.below(3) << 56U) | (random.below(40) << 26U) | (random.below(4) + 1);
  };
  for (int i = 0; i < 40'000; ++i) {
    const std::uint64_t key = draw();
    if (random.below(2) == 0) {
      table.insert(key) = model[key] = static_cast<std::uint32_t>(i);
    } else {
      table.erase(key);
      model.erase(key);
    }
    if (i % 1000 == 999) {
      const std::size_t bucket = random.below(3);
      table.retain(bucket, [](std::uint64_t k, std::uint32_t) { return k % 3 != 0; });
      std::erase_if(
          model, [&](const auto& e) { return bucket_of(e.first) == bucket && e.first % 3 == 0; });
    }
    const std::uint64_t asked = draw();
    const std::uint32_t* found = table.find(asked);
    ASSERT_EQ(found != nullptr, model.contains(asked));
    if (found != nullptr) {
      ASSERT_EQ(*found, model[asked]);
    }
    ASSERT_EQ(table.size(), model.size());
  }
}

TEST(DirectoryTable, TakesAtMost45BytesForARemoteRoom) {
  constexpr std::size_t rooms = 1'000'000;
  seeded_random random(4);
  std::vector<remote_interest::watch_change> watches;
  // The library's own count of allocated bytes; zero under a sanitizer, which has its own heap.
  const auto allocated = [] {
    const auto info = ::mallinfo2();
    return info.uordblks + info.hblkhd;
  };
  const std::size_t before = allocated();
  remote_interest remote({2 * rooms, 1, 1});
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(remote.take_slot());
  double worst = 0;
  for (std::size_t i = 1; i <= rooms; ++i) {
    ASSERT_TRUE(remote.apply(i % 3, {random.next() | 1U, 0, op_kind::room_on}, watches));
    const bool last = i == rooms;
    if (!last && (i < rooms / 2 || i % 25'000 != 0)) continue;
    const double each = static_cast<double>(allocated() - before) / static_cast<double>(i);
    worst = std::max(worst, each);
  }
  std::printf("%.1f bytes for each of up to %zu rooms, at the worst\n", worst, remote.rooms());
  EXPECT_LE(worst, 45);
}

TEST(DirectoryLog, KeepsItsWindow) {
  op_log log(3);
  EXPECT_TRUE(log.reaches_back_to(0));
  for (std::uint64_t key = 1; key <= 5; ++key) log.push({key, 0, op_kind::room_on});
  EXPECT_EQ(log.head(), 5U);
  EXPECT_EQ(log.at(3).key, 3U);
  EXPECT_TRUE(log.reaches_back_to(2));
  EXPECT_FALSE(log.reaches_back_to(1));
  EXPECT_FALSE(log.reaches_back_to(6));
  log.restart();
  EXPECT_FALSE(log.reaches_back_to(0));
  EXPECT_TRUE(log.reaches_back_to(1));
}

class LocalInterest : public ::testing::Test {
 protected:
  std::vector<op> flush() {
    std::vector<op> published;
    local_.flush(digests_, [&](const op& o) { published.push_back(o); });
    return published;
  }
  bucket_digests digests_;
  local_interest local_{1s, t0};
  const op on_{7, 0, op_kind::room_on};
  const op off_{7, 0, op_kind::room_off};
};

TEST_F(LocalInterest, PublishesTheFirstMemberOnly) {
  local_.join(7, true);
  local_.join(7, true);
  EXPECT_EQ(flush(), std::vector<op>{on_});
  local_.join(7, false);
  EXPECT_TRUE(flush().empty());
  EXPECT_EQ(local_.sockets(7), 2U);
}

TEST_F(LocalInterest, LingersOneSecondAfterTheLastLeave) {
  local_.join(7, true);
  EXPECT_EQ(flush(), std::vector<op>{on_});
  local_.leave(7, true, t0 + 5s);
  local_.expire(t0 + 5999ms);
  EXPECT_TRUE(flush().empty());
  local_.expire(t0 + 6s);
  EXPECT_EQ(flush(), std::vector<op>{off_});
  EXPECT_EQ(local_.size(), 0U);
  EXPECT_EQ(digests_, bucket_digests{});
}

TEST_F(LocalInterest, LingersAnewAfterABlip) {
  local_.join(7, true);
  EXPECT_EQ(flush(), std::vector<op>{on_});
  local_.leave(7, true, t0);
  local_.join(7, true);
  local_.leave(7, true, t0 + 900ms);
  local_.expire(t0 + 1s);
  EXPECT_TRUE(flush().empty());
  local_.expire(t0 + 1900ms);
  EXPECT_EQ(flush(), std::vector<op>{off_});
}

TEST_F(LocalInterest, PublishesNothingForWhoCameAndWentUnseen) {
  local_.join(7, true);
  local_.leave(7, true, t0);
  EXPECT_TRUE(flush().empty());
  EXPECT_EQ(local_.size(), 0U);
}

TEST_F(LocalInterest, StaysPublishedForWhoIsBackWhenTheSecondIsOver) {
  local_.join(7, true);
  EXPECT_EQ(flush(), std::vector<op>{on_});
  local_.leave(7, true, t0);
  local_.expire(t0 + 1s);  // dirty, but not yet flushed
  local_.join(7, true);
  EXPECT_TRUE(flush().empty());
  EXPECT_TRUE(local_.published(7));
}

TEST(RemoteInterest, SweepsAGivenUpSlotBeforeItIsFree) {
  remote_interest remote({1000, 10, 10});
  std::vector<remote_interest::watch_change> watches;
  for (std::size_t i = 0; i < slots_max; ++i) ASSERT_EQ(remote.take_slot(), i);
  EXPECT_FALSE(remote.take_slot());
  for (std::uint64_t k = 1; k <= 100; ++k) {
    ASSERT_TRUE(remote.apply(5, {mixed(k), 0, op_kind::room_on}, watches));
  }
  ASSERT_TRUE(remote.apply(6, {mixed(1), 0, op_kind::room_on}, watches));
  remote.give_up(5, watches);
  EXPECT_FALSE(remote.take_slot());
  while (remote.sweep(16)) {
  }
  EXPECT_EQ(remote.rooms(), 1U);
  EXPECT_EQ(remote.take_slot(), 5U);
  EXPECT_TRUE(remote.who(mixed(1)) == node_set::only(6));
}

TEST(RemoteInterest, KeepsSumsOfTheLiving) {
  remote_interest remote({10, 2, 10});
  std::vector<remote_interest::watch_change> watches;
  const std::size_t a = *remote.take_slot();
  const std::size_t b = *remote.take_slot();
  ASSERT_TRUE(remote.apply(a, {9, 5, op_kind::count}, watches));
  ASSERT_TRUE(remote.apply(b, {9, 6, op_kind::count}, watches));
  ASSERT_TRUE(remote.apply(b, {9, 7, op_kind::count}, watches));
  EXPECT_EQ(remote.sum(9), 12U);
  remote.set_counting(a, false);
  EXPECT_EQ(remote.sum(9), 7U);
  ASSERT_TRUE(remote.apply(a, {9, 1, op_kind::count}, watches));
  remote.set_counting(a, true);
  EXPECT_EQ(remote.sum(9), 8U);
  remote.give_up(b, watches);
  EXPECT_EQ(remote.sum(9), 1U);
  ASSERT_TRUE(remote.apply(a, {9, 0, op_kind::count}, watches));
  EXPECT_EQ(remote.sum(9), 0U);
  EXPECT_EQ(remote.digests(a), bucket_digests{});
  ASSERT_TRUE(remote.apply(a, {1, 1, op_kind::count}, watches));
  ASSERT_TRUE(remote.apply(a, {2, 1, op_kind::count}, watches));
  EXPECT_FALSE(remote.apply(a, {3, 1, op_kind::count}, watches));
}

}  // namespace
}  // namespace gossamer::directory
