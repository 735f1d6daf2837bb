// A request for a session of another lane that takes no more: 503, and the session ends rather than
// lose a message.
#include "tests/unit/server/loopback.hpp"

#include <gmock/gmock.h>

#include <future>
#include <vector>

namespace gossamer::test {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t queue_max = 64U << 10U;
constexpr std::size_t body_bytes = 48U << 10U;
constexpr std::size_t posts = 12;
constexpr lane_index busy{0};
constexpr lane_index other{1};

// A connection, and a session that was opened over it, so that both are of one lane.
struct polling {
  explicit polling(std::uint16_t port) : wire(port), sid(sid_of(wire.get(polling_url).body)) {}
  [[nodiscard]] std::string target() const { return with_sid(polling_url, sid); }
  test_client wire;
  std::string sid;
};

class BusyOwner : public ::testing::Test {
 protected:
  BusyOwner() {
    io().on("hold", [this](socket s) { held_[lane_of(s.id()) == busy ? 0 : 1].wait(); });
    io().on("echo", [](socket, std::string text) { return text; });
    server_.listen();
  }
  server& io() { return server_.io; }

  std::vector<std::unique_ptr<polling>> on_lane(lane_index wanted) {
    std::vector<std::unique_ptr<polling>> found;
    while (found.size() < posts) {
      auto made = std::make_unique<polling>(server_.port);
      if (lane_of(made->sid) == wanted)
        found.push_back(std::move(made));
      else
        others_.push_back(std::move(made));
    }
    return found;
  }
  std::unique_ptr<socket_client> socket_on(lane_index wanted) {
    for (;;) {
      auto made = std::make_unique<socket_client>(server_.port);
      if (made->lane() == wanted) return made;
    }
  }

  // One that the test opens and any number of handlers wait at.
  class gate {
   public:
    void open() { opened_.set_value(); }
    void wait() {
      arrived_.set_value();
      passed_.wait();
    }
    void wait_for_arrival() { arrived_.get_future().wait(); }

   private:
    std::promise<void> arrived_;
    std::promise<void> opened_;
    std::shared_future<void> passed_ = opened_.get_future().share();
  };
  void hold(const socket_client& by, std::size_t which) {
    by.emit(R"(["hold"])");
    held_[which].wait_for_arrival();
  }

  gate held_[2];
  std::vector<std::unique_ptr<polling>> others_;
  loopback_server server_{[](options& to) { to.lane_inbox_bytes_max = queue_max; }};
};

TEST_F(BusyOwner, AnswersThatItIsBusy) {
  const auto sessions = on_lane(busy);
  const auto senders = on_lane(other);
  const auto holder_of_busy = socket_on(busy);
  const auto holder_of_other = socket_on(other);
  hold(*holder_of_busy, 0);
  hold(*holder_of_other, 1);
  // All wait in the kernel, so that their lane takes them in one turn: later it would stop reading.
  for (std::size_t i = 0; i < posts; ++i) {
    senders[i]->wire.request("POST", sessions[i]->target(), "4" + std::string(body_bytes, 'x'));
  }
  held_[1].open();
  EXPECT_EQ(senders[posts - 1]->wire.answer().status, 503U);
  held_[0].open();

  std::size_t taken = 0;
  for (std::size_t i = 0; i < posts - 1; ++i) {
    const auto answer = senders[i]->wire.answer();
    if (answer.status == 200) {
      ++taken;
    } else {
      EXPECT_EQ(answer.status, 503U);
      EXPECT_EQ(answer.body, "");
    }
  }
  EXPECT_GT(taken, 0U);
  EXPECT_LT(taken, posts - 1);
  // A refused message does not go missing between others: its session is over.
  const auto line = server_.log.wait_for("sid=" + sessions[posts - 1]->sid + " reason=");
  EXPECT_THAT(line, HasSubstr("reason=post_aborted"));
  EXPECT_EQ(sessions[posts - 1]->wire.get(sessions[posts - 1]->target()).status, 400U);
  EXPECT_EQ(holder_of_busy->echo("again"), R"(["again"])");
  EXPECT_EQ(holder_of_other->echo("again"), R"(["again"])");
}

}  // namespace
}  // namespace gossamer::test
