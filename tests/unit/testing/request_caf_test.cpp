// Handlers that ask actors of the program, and answer their clients with what they hear.
#include <caf/event_based_actor.hpp>
#include <caf/sec.hpp>
#include <caf/send.hpp>
#include <gtest/gtest.h>

#include <gossamer/actors.hpp>
#include <gossamer/testing.hpp>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using gossamer::testing::server;

struct price_wanted {
  std::string symbol;
};

}  // namespace

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(price_wanted)

namespace {

// Knows one price; answers others with an error, one never, and one with another type.
caf::behavior desk(caf::event_based_actor* self, std::vector<caf::strong_actor_ptr>* askers) {
  return {[self, askers](const price_wanted& asked) -> caf::result<double> {
            askers->push_back(caf::actor_cast<caf::strong_actor_ptr>(self->current_sender()));
            if (asked.symbol == "ACME") return 12.5;
            if (asked.symbol == "quit") self->quit(caf::exit_reason::user_shutdown);
            if (asked.symbol == "late") return self->make_response_promise<double>();
            return caf::make_error(caf::sec::invalid_argument, "no such symbol");
          },
          [](const std::string& text) { return text; },  //
          [](int) {}};
}

struct Request : ::testing::Test {
  server io;
  std::vector<caf::strong_actor_ptr> askers;
  caf::actor clerk = io.system().spawn(desk, &askers);
  std::vector<std::string> outcomes;

  ~Request() override {
    askers.clear();
    caf::anon_send_exit(clerk, caf::exit_reason::user_shutdown);
    clerk = {};
    io.run();
  }
  template <class T>
  void note(const gossamer::result<T>& got) {
    outcomes.push_back(got ? "answered" : got.error().message());
  }
  static std::string failure_of(gossamer::testing::client& who, const std::string& symbol) {
    const auto answer = who.ask<boost::json::value>("price", symbol);
    return std::string(answer.at("error").at("message").as_string());
  }
  static std::string text_of(gossamer::errc code) {
    return gossamer::make_error_code(code).message();
  }
};

TEST_F(Request, AnswersTheAckInItsCallback) {
  io.on("price", [this](gossamer::socket s, std::string symbol, gossamer::ack reply) {
    gossamer::request(s, clerk, 2s, price_wanted{symbol})
        .then([reply](gossamer::result<double> price) { reply(price ? *price : -1); });
  });
  auto ada = io.connect();
  EXPECT_EQ(ada.ask<double>("price", "ACME"), 12.5);
  EXPECT_EQ(ada.ask<double>("price", "none"), -1);
}

TEST_F(Request, GivesTheAnswerOrAFailureToTheAck) {
  io.on("price", [this](gossamer::socket s, std::string symbol, gossamer::ack reply) {
    gossamer::request(s, clerk, 2s, price_wanted{symbol}).answer<double>(reply);
  });
  io.on("nothing", [this](gossamer::socket s, gossamer::ack reply) {
    gossamer::request(s, clerk, 2s, 7).answer<void>(reply);
  });
  auto ada = io.connect();
  EXPECT_EQ(ada.ask<double>("price", "ACME"), 12.5);
  EXPECT_EQ(failure_of(ada, "none"), text_of(gossamer::errc::request_failed));
  const auto nothing = ada.emit_with_ack("nothing");
  EXPECT_TRUE(nothing.arrived());
  EXPECT_EQ(nothing.arguments().size(), 0U);
}

TEST_F(Request, TellsWhatTheActorSays) {
  std::vector<caf::error> errors;
  io.on("price", [&](gossamer::socket s, std::string symbol) {
    gossamer::request(s, clerk, 2s, price_wanted{symbol})
        .then([&](double) { outcomes.emplace_back("answered"); },
              [&](const caf::error& why) { errors.push_back(why); });
  });
  auto ada = io.connect();
  ada.emit("price", "ACME");
  ada.emit("price", "none");
  EXPECT_EQ(outcomes.size(), 1U);
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0], caf::sec::invalid_argument);
  EXPECT_NE(io.system().render(errors[0]).find("no such symbol"), std::string::npos);
  ada.emit("price", "late");
  io.advance(3s);
  ASSERT_EQ(errors.size(), 2U);
  EXPECT_EQ(errors[1], caf::sec::request_timeout);
}

TEST_F(Request, IsAwaitedInACoroutine) {
  io.on("price",
        [this](gossamer::socket s, std::string symbol) -> gossamer::task<gossamer::result<double>> {
          // Not in one expression with co_await: g++ 12 destroys the price_wanted{} twice.
          auto asked = gossamer::request(s, clerk, 2s, price_wanted{symbol});
          co_return co_await asked.as<double>();
        });
  auto ada = io.connect();
  EXPECT_EQ(ada.ask<double>("price", "ACME"), 12.5);
  EXPECT_EQ(failure_of(ada, "none"), text_of(gossamer::errc::request_failed));
}

TEST_F(Request, EndsWhenItsTimeIsOver) {
  io.on("price", [this](gossamer::socket s) {
    gossamer::request(s, clerk, 2s, price_wanted{"late"})
        .then([this](gossamer::result<double> got) { note(got); });
    gossamer::request(s, clerk, 1s, price_wanted{"late"})
        .then([this](gossamer::result<double> got) {
          note(got);
          outcomes.emplace_back("first");
        });
  });
  auto ada = io.connect();
  ada.emit("price");
  io.advance(999ms);
  EXPECT_TRUE(outcomes.empty());
  io.advance(11ms);
  EXPECT_EQ(outcomes.size(), 2U);
  io.advance(1s);
  const auto late = text_of(gossamer::errc::ack_timeout);
  EXPECT_EQ(outcomes, (std::vector<std::string>{late, "first", late}));
}

// The callback comes once, before the handlers of `disconnect`; an answer that comes later, none.
TEST_F(Request, EndsWithItsSocket) {
  io.on("price", [this](gossamer::socket s) {
    gossamer::request(s, clerk, 60s, price_wanted{"late"})
        .then([this](gossamer::result<double> got) { note(got); });
  });
  io.sockets().on_disconnect([this](gossamer::socket s, gossamer::disconnect_reason) {
    outcomes.emplace_back("disconnect");
    gossamer::request(s, clerk, 1s, price_wanted{"ACME"})
        .then([this](gossamer::result<double> got) { note(got); });
  });
  auto ada = io.connect();
  ada.emit("price");
  ada.drop();
  io.advance(120s);
  const auto gone = text_of(gossamer::errc::disconnected);
  EXPECT_EQ(outcomes, (std::vector<std::string>{gone, "disconnect", gone}));
}

TEST_F(Request, FailsWithItsActor) {
  io.on("price", [this](gossamer::socket s, std::string symbol) {
    gossamer::request(s, clerk, 60s, price_wanted{symbol})
        .then([this](gossamer::result<double> got) { note(got); });
    gossamer::request(s, caf::actor(), 60s, 1).then([this](gossamer::result<int> got) {
      note(got);
    });
  });
  auto ada = io.connect();
  ada.emit("price", "quit");
  ada.emit("price", "ACME");  // it has ended
  EXPECT_EQ(outcomes.size(), 4U);
  for (std::size_t i = 1; i < outcomes.size(); ++i) {
    EXPECT_EQ(outcomes[i], text_of(gossamer::errc::request_failed));
  }
}

TEST_F(Request, SaysThatTheAnswerIsOfAnotherType) {
  io.on("price", [this](gossamer::socket s) {
    gossamer::request(s, clerk, 2s, std::string("text")).then([this](gossamer::result<double> got) {
      note(got);
    });
    gossamer::request(s, clerk, 2s, 7).then([this](gossamer::result<double> got) { note(got); });
  });
  io.connect().emit("price");
  EXPECT_EQ(outcomes, std::vector<std::string>(2, text_of(gossamer::errc::bad_arguments)));
}

TEST_F(Request, ComesFromTheSocketsActor) {
  gossamer::socket named;
  io.on("price", [&](gossamer::socket s) {
    named = s;
    gossamer::request(s, clerk, 2s, price_wanted{"ACME"}).then([](gossamer::result<double>) {
      throw std::runtime_error("goes no further");
    });
  });
  auto ada = io.connect();
  ada.emit("price");
  ASSERT_EQ(askers.size(), 1U);
  caf::anon_send(caf::actor_cast<caf::actor>(askers[0]), gossamer::make_event("hello", 1));
  io.run();
  EXPECT_EQ(ada.expect("hello").get<int>(), 1);
  // From outside of all handlers too.
  gossamer::request(named, clerk, 2s, price_wanted{"ACME"})
      .then([this](gossamer::result<double> got) { note(got); });
  EXPECT_TRUE(outcomes.empty());
  io.run();
  EXPECT_EQ(outcomes, std::vector<std::string>{"answered"});
}

// A socket may ask as much as it may wait for acks.
TEST_F(Request, IsBounded) {
  std::size_t refused = 0;
  io.on("many", [&](gossamer::socket s) {
    for (std::size_t i = 0; i <= gossamer::limits::acks_per_socket_max; ++i) {
      gossamer::request(s, clerk, 60s, price_wanted{"late"})
          .then([&](gossamer::result<double> got) { refused += got ? 0 : 1; });
    }
    outcomes.push_back(std::to_string(refused));
  });
  auto ada = io.connect();
  ada.emit("many");
  EXPECT_EQ(outcomes, std::vector<std::string>{"1"});
}

}  // namespace
