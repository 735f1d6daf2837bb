// Random interleavings of sends, polls, posts and an upgrade: whatever the order, both sides get
// every message exactly once and in order.
//
// The world below is a session with its outbox, a client that follows the protocol, and the network
// between them; each step picks one thing that may happen now.

#include "gateway/engineio/session.hpp"
#include "runtime/base/random.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <optional>
#include <vector>

namespace gossamer::engineio {
namespace {

using namespace std::chrono_literals;

// Numbers are messages; control packets travel as negative ones.
constexpr int probe_mark = -1;
constexpr int upgrade_mark = -2;
constexpr int ping_mark = -3;
constexpr int pong_mark = -4;
using numbers = std::vector<int>;

class world {
 public:
  world(std::uint64_t seed, bool patient)
      : random_(seed), patient_(patient), session_(settings_, transport_name::polling, 25s, now_) {}

  void run(int steps) {
    for (int i = 0; i < steps; ++i) step(true);
    for (int i = 0; i < 4000 && !settled(); ++i) step(false);
  }

  [[nodiscard]] bool settled() const {
    return client_got_.size() == static_cast<std::size_t>(server_sent_) &&
           server_got_.size() == static_cast<std::size_t>(client_sent_);
  }
  [[nodiscard]] bool open() const { return session_.open(); }
  [[nodiscard]] bool upgraded() const { return session_.transport() == transport_name::websocket; }
  [[nodiscard]] const numbers& client_got() const { return client_got_; }
  [[nodiscard]] const numbers& server_got() const { return server_got_; }
  [[nodiscard]] int server_sent() const { return server_sent_; }
  [[nodiscard]] int client_sent() const { return client_sent_; }

 private:
  struct post {
    numbers content;
    bool arrived = false;
  };

  void step(bool talk) {
    std::vector<std::function<void()>> choices;
    const auto may = [&](bool condition, std::function<void()> what) {
      if (condition) choices.push_back(std::move(what));
    };
    may(talk, [this] { server_sends(); });
    may(talk, [this] { client_queue_.push_back(client_sent_++); });
    may(true, [this] { turn_ends(); });
    may(true, [this] { time_passes(); });
    may(polls() && !poll_out_, [this] { client_polls(); });
    may(answer_.has_value(), [this] { answer_arrives(); });
    may(polls() && !post_ && !client_queue_.empty(), [this] { client_posts(); });
    may(post_ && !post_->arrived, [this] { post_arrives(); });
    may(post_ && post_->arrived, [this] { post_ends(); });
    may(!websocket_ && !refused_, [this] { client_connects(); });
    may(may_upgrade(), [this] { client_upgrades(); });
    may(upgrade_sent_ && !client_queue_.empty(), [this] { client_sends_frame(); });
    may(!to_server_.empty() && !held_, [this] { frame_reaches_server(); });
    may(!to_client_.empty(), [this] { frame_reaches_client(); });
    choices[random_.below(choices.size())]();
  }

  // ---- the client ----
  [[nodiscard]] bool polls() const { return !paused_; }
  // A client waits for its poll. A patient one also for its post; to another it is enough that the
  // post has begun.
  [[nodiscard]] bool may_upgrade() const {
    if (!paused_ || upgrade_sent_ || poll_out_) return false;
    return !post_ || (!patient_ && post_->arrived);
  }
  void client_polls() {
    poll_out_ = true;
    carry_out(session_.poll_arrived(outbox_.empty(), now_));
  }
  void answer_arrives() {
    for (const int n : *answer_) client_receives(n);
    answer_.reset();
    poll_out_ = false;
  }
  void client_receives(int n) {
    if (n >= 0) client_got_.push_back(n);
    if (n == ping_mark) client_queue_.push_front(pong_mark);
  }
  void client_posts() {
    post_ = post{{client_queue_.begin(), client_queue_.end()}};
    client_queue_.clear();
  }
  void client_connects() {
    websocket_ = true;
    carry_out(session_.websocket_arrived(now_));
    to_server_.push_back(probe_mark);
  }
  void client_upgrades() {
    upgrade_sent_ = true;
    to_server_.push_back(upgrade_mark);
  }
  void client_sends_frame() {
    to_server_.push_back(client_queue_.front());
    client_queue_.pop_front();
  }
  void frame_reaches_client() {
    const int n = to_client_.front();
    to_client_.pop_front();
    if (n == probe_mark) paused_ = true;
    client_receives(n);
  }

  // ---- the server ----
  void server_sends() { server_puts(server_sent_++); }
  void server_puts(int n) {
    if (upgraded()) {
      to_client_.push_back(n);
    } else {
      outbox_.push_back(n);
    }
  }
  void turn_ends() {
    if (!outbox_.empty()) carry_out(session_.outbox_filled());
  }
  void time_passes() {
    now_ += milliseconds(static_cast<int>(random_.below(60)));
    if (now_ >= session_.deadline()) carry_out(session_.tick(now_));
  }
  void post_arrives() {
    post_->arrived = true;
    if (session_.transport() != transport_name::polling) return;
    carry_out(session_.post_arrived(false));
  }
  void post_ends() {
    for (const int n : post_->content) server_receives(channel::transport, n);
    carry_out(session_.post_finished());
    post_.reset();
  }
  void frame_reaches_server() {
    const int n = to_server_.front();
    to_server_.pop_front();
    server_receives(upgraded() ? channel::transport : channel::probe, n);
  }
  void server_receives(channel from, int n) {
    using enum packet_type;
    packet in{message, packet::form::text, ""};
    if (n == probe_mark) in = {ping, packet::form::text, "probe"};
    if (n == upgrade_mark) in = {upgrade, packet::form::text, ""};
    if (n == pong_mark) in = {pong, packet::form::text, ""};
    const effects todo = session_.receive(from, in, now_);
    if (todo.contains(effect::deliver)) server_got_.push_back(n);
    carry_out(todo);
  }
  void answer(bool with_outbox) {
    ASSERT_TRUE(poll_out_);
    ASSERT_FALSE(answer_) << "one poll, one answer";
    answer_ = numbers{};
    if (with_outbox) answer_->swap(outbox_);
  }
  void carry_out(const effects& todo) {
    for (const effect e : todo) {
      switch (e) {
        case effect::send_ping: server_puts(ping_mark); break;
        case effect::answer_poll: answer(true); break;
        case effect::answer_poll_noop: answer(false); break;
        case effect::send_probe_pong: to_client_.push_back(probe_mark); break;
        case effect::adopt_probe:
          to_client_.insert(to_client_.end(), outbox_.begin(), outbox_.end());
          outbox_.clear();
          break;
        case effect::hold_websocket: held_ = true; break;
        case effect::release_websocket: held_ = false; break;
        case effect::refuse_websocket:
        case effect::close_probe: refused_ = true; break;
        default: break;
      }
    }
  }

  seeded_random random_;
  bool patient_;
  options settings_;
  time_point now_{1000s};
  session session_;

  numbers outbox_;
  numbers server_got_;
  int server_sent_ = 0;

  std::deque<int> client_queue_;
  numbers client_got_;
  int client_sent_ = 0;
  bool poll_out_ = false;
  bool paused_ = false;
  bool upgrade_sent_ = false;
  bool refused_ = false;

  std::optional<numbers> answer_;
  std::optional<post> post_;
  std::deque<int> to_server_;
  std::deque<int> to_client_;
  bool websocket_ = false;
  bool held_ = false;
};

numbers up_to(int count) {
  numbers all;
  for (int i = 0; i < count; ++i) all.push_back(i);
  return all;
}

void expect_nothing_lost(bool patient) {
  int upgrades = 0;
  for (std::uint64_t seed = 1; seed <= 600; ++seed) {
    world w(seed, patient);
    w.run(static_cast<int>(seed % 400));
    ASSERT_TRUE(w.open()) << "seed " << seed;
    ASSERT_EQ(w.client_got(), up_to(w.server_sent())) << "seed " << seed;
    ASSERT_EQ(w.server_got(), up_to(w.client_sent())) << "seed " << seed;
    upgrades += w.upgraded() ? 1 : 0;
  }
  EXPECT_GT(upgrades, 300);
}

TEST(EngineioInterleaving, LosesAndDoublesNothingWithAPatientClient) {
  expect_nothing_lost(true);
}

TEST(EngineioInterleaving, LosesAndDoublesNothingWhenTheUpgradeOvertakesAPost) {
  expect_nothing_lost(false);
}

// Whatever comes, in whatever order: one end at most, nothing after it, one answer for each poll.
TEST(EngineioInterleaving, AnyInputEndsASessionAtMostOnce) {
  for (std::uint64_t seed = 1; seed <= 10'000; ++seed) {
    seeded_random random(seed);
    const options settings;
    time_point now{1000s};
    session s(settings, random.below(2) == 0 ? transport_name::polling : transport_name::websocket,
              25s, now);
    bool over = false;
    int waiting = 0;
    for (int i = 0; i < 40; ++i) {
      now += milliseconds(static_cast<int>(random.below(7000)));
      const auto from = random.below(2) == 0 ? channel::transport : channel::probe;
      const packet in{packet_type(random.below(7)), packet::form::text,
                      random.below(2) == 0 ? "probe" : ""};
      effects out;
      switch (random.below(13)) {
        case 0:
          out = s.poll_arrived(random.below(2) == 0, now);
          if (!out.contains(effect::refuse_request)) ++waiting;
          break;
        case 1:
          if (s.poll_waiting()) --waiting;
          out = s.poll_aborted();
          break;
        case 2: out = s.post_arrived(random.below(9) == 0); break;
        case 3: out = s.post_finished(); break;
        case 4: out = s.post_aborted(); break;
        case 5: out = s.websocket_arrived(now); break;
        case 6: out = s.websocket_lost(from, close_cause::websocket_closed); break;
        case 7: out = s.receive_garbage(from); break;
        case 8: out = s.outbox_filled(); break;
        case 9: out = s.tick(now); break;
        case 10: out = s.close(close_cause::application, now); break;
        default: out = s.receive(from, in, now); break;
      }
      for (const effect e : out) {
        const bool harmless = e == effect::refuse_request || e == effect::refuse_websocket;
        ASSERT_TRUE(!over || harmless) << "seed " << seed;
        if (e >= effect::answer_poll && e <= effect::answer_late_close) --waiting;
        if (e == effect::closed) over = true;
      }
      ASSERT_EQ(over, s.closed()) << "seed " << seed;
      ASSERT_EQ(waiting, s.poll_waiting() ? 1 : 0) << "seed " << seed;
      ASSERT_EQ(s.deadline() == time_point::max(), over) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace gossamer::engineio
