#include "tests/unit/cluster/fixture.hpp"

#include <deque>
#include <map>
#include <set>

namespace gossamer::cluster {
namespace {

bytes small(std::uint32_t number) {
  return record_of(ack_expect{request_id{1}, number});
}
std::uint32_t number_of(const message& m) {
  return std::get<ack_expect>(m).count;
}
const std::size_t small_bytes = small(0).size();

TEST(BatchQueue, MakesOneBatchOfWhatATurnHasLeft) {
  batch_queue q(10 * small_bytes, {});
  EXPECT_EQ(q.due(), time_point::max());
  for (std::uint32_t i = 0; i < 3; ++i) q.push(small(i), t0);
  EXPECT_EQ(q.due(), t0);
  EXPECT_EQ(q.take().size(), 3U);
  EXPECT_TRUE(q.empty());
  EXPECT_EQ(q.size_bytes(), 0U);
}

TEST(BatchQueue, CutsAtItsSizeAndKeepsTheOrder) {
  batch_queue q(2 * small_bytes, {});
  for (std::uint32_t i = 0; i < 5; ++i) q.push(small(i), t0);
  std::vector<bytes> all;
  for (const std::size_t expected : {2, 2, 1}) {
    EXPECT_EQ(q.next_bytes(), expected * small_bytes);
    const auto batch = q.take();
    EXPECT_EQ(batch.size(), expected);
    all.insert(all.end(), batch.begin(), batch.end());
  }
  for (std::uint32_t i = 0; i < 5; ++i) EXPECT_EQ(all[i], small(i));
}

TEST(BatchQueue, WaitsForItsTimeUnlessItIsFull) {
  batch_queue q(3 * small_bytes, 5ms);
  q.push(small(0), t0);
  q.push(small(1), t0 + 4ms);
  EXPECT_EQ(q.due(), t0 + 5ms);
  q.push(small(2), t0 + 4ms);
  EXPECT_LE(q.due(), t0 + 4ms);
}

TEST(BatchQueue, SendsWhatIsLargerThanABatchAlone) {
  batch_queue q(small_bytes, {});
  q.push(record_of(carried{layer::actors, bytes(std::string(1000, 'x'))}), t0);
  q.push(small(1), t0);
  EXPECT_EQ(q.take().size(), 1U);
  EXPECT_EQ(q.take().size(), 1U);
}

/// A window of four messages, a queue of eight, batches of two.
link_settings tight() {
  link_settings s;
  s.window_bytes = 4 * small_bytes;
  s.queue_bytes_max = 8 * small_bytes;
  s.reserve_bytes = 2 * small_bytes;
  s.batch_bytes = 2 * small_bytes;
  return s;
}

class Link : public ::testing::Test {
 protected:
  error_code push(std::uint32_t number, importance how = importance::data) {
    return out_.push(small(number), how, t0);
  }
  /// Sends what may go; the receiver has it.
  std::vector<numbered> pass(time_point now = t0) {
    std::vector<numbered> all;
    for (const bytes& content : out_.flush(now)) {
      auto arrived = in_.accept(decode(content.view()).value(), now);
      EXPECT_TRUE(arrived.has_value());
      missed_ += arrived->lost;
      for (auto& m : arrived->messages) all.push_back(std::move(m));
    }
    return all;
  }
  outgoing_link out_{tight(), version_max, 1};
  incoming_link in_{tight()};
  std::uint64_t missed_ = 0;
};

TEST_F(Link, SendsInOrderAndStopsAtTheWindow) {
  for (std::uint32_t i = 0; i < 8; ++i) ASSERT_FALSE(push(i));
  EXPECT_EQ(pass().size(), 4U);
  EXPECT_EQ(out_.flying_bytes(), 4 * small_bytes);
  EXPECT_TRUE(out_.flush(t0).empty());
  EXPECT_EQ(out_.queued_count(), 4U);
}

TEST_F(Link, GoesOnWhenTheReceiverHasConsumed) {
  for (std::uint32_t i = 0; i < 8; ++i) ASSERT_FALSE(push(i));
  const auto first = pass();
  EXPECT_FALSE(in_.due(t0 + 50ms));
  in_.consumed({1, 0}, t0);
  in_.consumed({1, 1}, t0);
  const auto c = in_.due(t0);
  ASSERT_TRUE(c);
  EXPECT_EQ(*c, (credit{1, 2, 0}));
  EXPECT_EQ(out_.granted(*c, t0), 0U);
  const auto next = pass();
  ASSERT_EQ(next.size(), 2U);
  EXPECT_EQ(number_of(next[0].what), 4U);
}

TEST_F(Link, GivesCreditUpToTheOldestThatIsNotConsumed) {
  for (std::uint32_t i = 0; i < 4; ++i) ASSERT_FALSE(push(i));
  ASSERT_EQ(pass().size(), 4U);
  for (const std::uint64_t n : {1, 2, 3}) in_.consumed({1, n}, t0);
  EXPECT_EQ(in_.due(t0 + 1s)->position, 0U);
  in_.consumed({1, 0}, t0);
  EXPECT_EQ(in_.due(t0 + 2s)->position, 4U);
  EXPECT_EQ(in_.outstanding_bytes(), 0U);
}

TEST_F(Link, RefusesOverItsBoundAndSaysWhenItIsRelieved) {
  for (std::uint32_t i = 0; i < 8; ++i) ASSERT_FALSE(push(i));
  EXPECT_EQ(push(8), errc::link_full);
  EXPECT_TRUE(out_.degraded());
  EXPECT_FALSE(push(9, importance::control));
  EXPECT_FALSE(push(10, importance::control));
  EXPECT_EQ(push(11, importance::control), errc::link_full);
  EXPECT_EQ(out_.counters().refused, 2U);
  ASSERT_EQ(pass().size(), 4U);
  EXPECT_TRUE(out_.degraded());  // six wait, more than half of eight
  EXPECT_EQ(out_.granted({1, 4, 0}, t0), 0U);
  ASSERT_EQ(pass().size(), 4U);
  EXPECT_FALSE(out_.degraded());
}

TEST_F(Link, DropsWhatIsOptionalAsSoonAsItIsBehind) {
  for (std::uint32_t i = 0; i < 4; ++i) ASSERT_FALSE(push(i, importance::optional));
  ASSERT_EQ(pass().size(), 4U);
  ASSERT_FALSE(push(4));
  EXPECT_EQ(push(5, importance::optional), errc::dropped);
  EXPECT_EQ(out_.counters().dropped, 1U);
  EXPECT_FALSE(push(6));
}

TEST_F(Link, TakesOneMessageLargerThanEverything) {
  const bytes large = record_of(carried{layer::actors, bytes(std::string(1000, 'x'))});
  ASSERT_FALSE(out_.push(large, importance::data, t0));
  EXPECT_EQ(push(1), errc::link_full);
  EXPECT_EQ(pass().size(), 1U);
  ASSERT_FALSE(push(1));
  EXPECT_TRUE(pass().empty());  // until that one is consumed
}

TEST_F(Link, ALostCreditIsAskedForAgain) {
  for (std::uint32_t i = 0; i < 6; ++i) ASSERT_FALSE(push(i));
  for (const auto& m : pass()) in_.consumed({1, m.sequence}, t0);
  ASSERT_TRUE(in_.due(t0));  // and never arrives
  EXPECT_EQ(out_.wake(), t0 + 1s);
  const auto asking = out_.flush(t0 + 1s);
  ASSERT_EQ(asking.size(), 1U);
  const auto b = decode(asking[0].view());
  EXPECT_EQ(b->count, 0U);
  ASSERT_EQ(b->of_the_link, std::vector<message>{(credit_query{1, 4})});
  EXPECT_EQ(in_.queried(std::get<credit_query>(b->of_the_link[0])), 0U);
  EXPECT_EQ(*in_.due(t0 + 1s), (credit{1, 4, 0}));
  EXPECT_EQ(out_.granted({1, 4, 0}, t0 + 1s), 0U);
  EXPECT_EQ(pass(t0 + 1s).size(), 2U);
}

TEST_F(Link, BothEndsLearnWhatWasLost) {
  for (std::uint32_t i = 0; i < 4; ++i) ASSERT_FALSE(push(i));
  EXPECT_EQ(out_.flush(t0).size(), 2U);  // both blobs vanish
  const auto asking = decode(out_.flush(t0 + 1s).at(0).view());
  EXPECT_EQ(in_.queried(std::get<credit_query>(asking->of_the_link.at(0))), 4U);
  EXPECT_EQ(out_.granted(*in_.due(t0 + 1s), t0 + 1s), 4U);
  EXPECT_EQ(out_.counters().lost, 4U);
  EXPECT_EQ(out_.flying_bytes(), 0U);
  ASSERT_FALSE(push(4));
  EXPECT_EQ(pass().size(), 1U);
  EXPECT_EQ(missed_, 0U);
}

TEST_F(Link, HandsNothingOnTwice) {
  for (std::uint32_t i = 0; i < 4; ++i) ASSERT_FALSE(push(i));
  const auto blobs = out_.flush(t0);
  ASSERT_EQ(blobs.size(), 2U);
  EXPECT_EQ(in_.accept(decode(blobs[1].view()).value(), t0)->lost, 2U);
  EXPECT_TRUE(in_.accept(decode(blobs[1].view()).value(), t0)->messages.empty());
  EXPECT_TRUE(in_.accept(decode(blobs[0].view()).value(), t0)->messages.empty());
  EXPECT_EQ(in_.counters().duplicates, 4U);
}

TEST_F(Link, ANewSessionEndsTheOldOne) {
  for (std::uint32_t i = 0; i < 4; ++i) ASSERT_FALSE(push(i));
  const auto old = out_.flush(t0);
  ASSERT_FALSE(push(4));
  EXPECT_EQ(out_.connection_lost(2), 4U);
  EXPECT_EQ(pass().size(), 1U);
  EXPECT_TRUE(in_.accept(decode(old[0].view()).value(), t0)->messages.empty());
  EXPECT_EQ(out_.granted({1, 4, 0}, t0), 0U);
  EXPECT_EQ(out_.counters().odd_credits, 1U);
  in_.consumed({1, 0}, t0);  // of the old session: does not count for the new one
  EXPECT_EQ(in_.due(t0 + 1s)->position, 0U);
}

TEST_F(Link, BelievesNoCreditForWhatWasNotSent) {
  ASSERT_FALSE(push(0));
  EXPECT_EQ(pass().size(), 1U);
  EXPECT_EQ(out_.granted({1, 9, 0}, t0), 0U);
  EXPECT_EQ(out_.granted({1, 1, 9}, t0), 0U);
  EXPECT_EQ(out_.counters().odd_credits, 2U);
  EXPECT_EQ(out_.flying_bytes(), small_bytes);
}

TEST_F(Link, RefusesAPeerThatIgnoresItsCredit) {
  std::vector<bytes> many(5, small(0));
  ASSERT_TRUE(in_.accept(decode(make_blob({version_max, 1, 0}, many).view()).value(), t0));
  EXPECT_EQ(in_.accept(decode(make_blob({version_max, 1, 5}, many).view()).value(), t0).error(),
            errc::over_window);
}

TEST_F(Link, UnknownMessagesTakeTheirNumberAndNoCredit) {
  const std::vector records{bytes(std::string_view("\xc8\x00\x00\x00\x00", 5)), small(1)};
  const auto in = in_.accept(decode(make_blob({version_max, 1, 0}, records).view()).value(), t0);
  EXPECT_EQ(in->lost, 0U);
  EXPECT_EQ(in_.counters().skipped, 1U);
  in_.consumed({1, 1}, t0);
  EXPECT_EQ(in_.due(t0 + 1s)->position, 2U);
}

/// One direction with a connection that loses and repeats blobs and breaks, and a consumer that
/// takes its time and no order. The naive model: the numbers that were taken and those that came.
class lossy_pair {
 public:
  explicit lossy_pair(std::uint64_t seed) : random_(seed) {}

  void step(bool faults) {
    now_ += milliseconds(random_.below(40));
    if (faults && random_.below(60) == 0) break_connection();
    for (std::uint64_t n = random_.below(faults ? 6 : 1); n > 0; --n) produce();
    for (const bytes& content : out_.flush(now_)) {
      if (!faults || random_.below(30) != 0) wire_.push_back(content);
    }
    ASSERT_LE(out_.flying_bytes(), tight().window_bytes);
    ASSERT_LE(out_.queued_bytes(), tight().queue_bytes_max + tight().reserve_bytes);
    for (std::uint64_t n = random_.below(4); n > 0 && !wire_.empty(); --n) {
      arrive(wire_.front());
      if (!faults || random_.below(40) != 0) wire_.pop_front();
    }
    for (std::uint64_t n = random_.below(6); n > 0 && !work_.empty(); --n) {
      const auto at = random_.below(work_.size());
      in_.consumed(work_[at], now_);
      work_.erase(work_.begin() + static_cast<std::ptrdiff_t>(at));
    }
    if (const auto c = in_.due(now_)) {
      if (!faults || random_.below(5) != 0) credits_.push_back(*c);
    }
    if (!credits_.empty() && random_.below(2) == 0) {
      (void)out_.granted(credits_.front(), now_);
      credits_.pop_front();
    }
  }

  void check_end() {
    EXPECT_EQ(out_.queued_count(), 0U);
    EXPECT_EQ(out_.flying_bytes(), 0U);
    EXPECT_EQ(in_.outstanding_bytes(), 0U);
    EXPECT_FALSE(out_.degraded());
    const auto& counted = out_.counters();
    EXPECT_EQ(counted.sent, taken_);
    const std::uint64_t absent = taken_ - came_;
    // What did not come was reported; what was reported lost did not come.
    EXPECT_LE(absent, counted.lost + counted.unconfirmed);
    EXPECT_GE(absent, counted.lost);
    EXPECT_EQ(refused_, counted.refused + counted.dropped);
    if (breaks_ == 0) {
      EXPECT_EQ(absent, counted.lost);
      EXPECT_EQ(in_.counters().lost, counted.lost);
    }
  }
  [[nodiscard]] std::uint64_t came() const { return came_; }

 private:
  void produce() {
    const auto how = static_cast<importance>(random_.below(3));
    const error_code failed = out_.push(small(next_), how, now_);
    ++next_;
    if (failed) {
      ++refused_;
    } else {
      ++taken_;
    }
  }
  void arrive(const bytes& content) {
    auto b = decode(content.view()).value();
    for (const auto& m : b.of_the_link) (void)in_.queried(std::get<credit_query>(m));
    const std::uint64_t session = b.head.session;
    const auto in = in_.accept(std::move(b), now_);
    ASSERT_TRUE(in.has_value());
    for (const auto& m : in->messages) {
      ASSERT_GT(std::int64_t{number_of(m.what)}, last_);
      last_ = number_of(m.what);
      ++came_;
      work_.push_back({session, m.sequence});
    }
  }
  void break_connection() {
    wire_.clear();
    credits_.clear();
    (void)out_.connection_lost(++session_);
    ++breaks_;
  }

  seeded_random random_;
  time_point now_ = t0;
  outgoing_link out_{tight(), version_max, 1};
  incoming_link in_{tight()};
  std::deque<bytes> wire_;
  std::deque<credit> credits_;
  std::vector<message_place> work_;
  std::uint64_t session_ = 1;
  std::uint32_t next_ = 0;
  std::int64_t last_ = -1;
  std::uint64_t taken_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t came_ = 0;
  std::uint64_t breaks_ = 0;
};

TEST(LinkModel, DeliversInOrderOnceOrReports) {
  std::uint64_t came = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE(seed);
    lossy_pair pair(seed);
    for (int i = 0; i < 300; ++i) pair.step(true);
    for (int i = 0; i < 600; ++i) pair.step(false);
    pair.check_end();
    came += pair.came();
    if (HasFailure()) return;
  }
  EXPECT_GT(came, 150U * 100);
}

}  // namespace
}  // namespace gossamer::cluster
