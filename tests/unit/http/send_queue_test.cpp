#include "gateway/http/send_queue.hpp"

#include "runtime/base/random.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace gossamer::http {
namespace {

std::string gathered(const send_queue& queue, std::size_t vectors) {
  std::array<iovec, 64> out;
  std::string all;
  const auto count = queue.gather(out.data(), vectors);
  for (std::size_t i = 0; i < count; ++i) {
    all.append(static_cast<const char*>(out[i].iov_base), out[i].iov_len);
  }
  return all;
}

TEST(SendQueue, BehavesLikeAStringUnderRandomPushesAndPartialSends) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    seeded_random random(seed);
    chunk_pool pool;
    send_queue queue;
    std::string model;
    for (int step = 0; step < 3000; ++step) {
      if (random.below(100) < 55) {
        const std::string text(1 + random.below(40), static_cast<char>('a' + random.below(26)));
        queue.push(shared_frame::make(frame_kind::raw, {text}), pool);
        model += text;
      } else {
        const auto vectors = static_cast<std::size_t>(1 + random.below(64));
        const auto got = gathered(queue, vectors);
        ASSERT_EQ(got, model.substr(0, got.size()));
        ASSERT_EQ(got.empty(), model.empty());
        const auto sent = static_cast<std::size_t>(random.below(got.size() + 1));
        queue.consume(sent, pool);
        model.erase(0, sent);
      }
      ASSERT_EQ(queue.bytes(), model.size());
      ASSERT_EQ(queue.empty(), model.empty());
      if (model.empty()) continue;
      ASSERT_EQ(queue.front(), model.substr(0, queue.front().size()));
    }
    queue.clear(pool);
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(queue.bytes(), 0U);
  }
}

TEST(SendQueue, SharesTheBytesOfAFrame) {
  chunk_pool pool;
  send_queue queue;
  const auto frame = shared_frame::make(frame_kind::text, {"payload"});
  queue.push(frame, pool);
  EXPECT_EQ(queue.front().data(), frame.wire().data());
  queue.clear(pool);
}

TEST(SendQueue, IsSmall) {
  EXPECT_LE(sizeof(send_queue), 40U);
}

}  // namespace
}  // namespace gossamer::http
