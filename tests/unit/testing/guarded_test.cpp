// State that handlers of several lanes share.
#include <gtest/gtest.h>

#include <gossamer/guarded.hpp>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using gossamer::guarded;

TEST(Guarded, LetsOneInAtATime) {
  guarded<std::pair<int, int>> both(0, 0);  // always equal, outside of `with`
  int torn = 0;
  std::vector<std::thread> threads;
  guarded<int> seen_torn(0);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 5'000; ++n) {
        both.with([&](auto& value) {
          if (value.first != value.second) seen_torn.with([](int& count) { ++count; });
          ++value.first;
          std::this_thread::yield();
          ++value.second;
        });
      }
    });
  }
  for (auto& one : threads) one.join();
  torn = seen_torn.with([](int count) { return count; });
  EXPECT_EQ(torn, 0);
  EXPECT_EQ(both.with([](const auto& value) { return value.first; }), 20'000);
}

TEST(Guarded, GivesWhatTheFunctionReturns) {
  guarded<std::map<std::string, int>> ages;
  EXPECT_TRUE(ages.with([](auto& all) { return all.emplace("Ada", 36).second; }));
  const auto& shared = ages;
  EXPECT_EQ(shared.with([](const auto& all) { return all.at("Ada"); }), 36);
  EXPECT_THROW(ages.with([](auto& all) { (void)all.at("Bob"); }), std::out_of_range);
  ages.with([](auto& all) { all.clear(); });  // the throw has given the lock back
}

TEST(Guarded, MakesItsValueInPlaceAndIsNotCopied) {
  guarded<std::unique_ptr<int>> only(std::make_unique<int>(7));
  EXPECT_EQ(only.with([](auto& value) { return *value; }), 7);
  EXPECT_FALSE(std::is_copy_constructible_v<guarded<int>>);
}

}  // namespace
