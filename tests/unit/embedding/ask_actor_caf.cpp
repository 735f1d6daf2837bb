// docs/embedding.md: handlers that ask an actor.
#include <caf/event_based_actor.hpp>
#include <caf/sec.hpp>
#include <caf/send.hpp>
#include <gtest/gtest.h>

#include <gossamer/actors.hpp>
#include <gossamer/testing.hpp>
#include <string>

namespace {

using namespace std::chrono_literals;

void install(gossamer::server& io, const caf::actor& desk) {
  // begin: requests
  // The answer is the ack; what goes wrong is a failure, as if the handler had returned it.
  io.on("price", [desk](gossamer::socket s, std::string symbol, gossamer::ack reply) {
    gossamer::request(s, desk, 2s, symbol).answer<double>(reply);
  });
  // A callback with a result<T> ...
  io.on("watch", [desk](gossamer::socket s, std::string symbol) {
    gossamer::request(s, desk, 2s, symbol).then([s](gossamer::result<double> price) {
      if (price) s.emit("price", *price);
    });
  });
  // ... or two, as CAF has them ...
  io.on("log", [desk](gossamer::socket s, std::string symbol) {
    gossamer::request(s, desk, 2s, symbol)
        .then([s](double price) { s.emit("price", price); },
              [s](const caf::error& why) { s.emit("trouble", why.code()); });
  });
  // ... or a coroutine.
  io.on("double",
        [desk](gossamer::socket s, std::string symbol) -> gossamer::task<gossamer::result<double>> {
          auto price = co_await gossamer::request(s, desk, 2s, symbol).as<double>();
          if (!price) co_return price.error();
          co_return *price * 2;
        });
  // end
}

TEST(EmbeddingPage, AsksAnActor) {
  gossamer::testing::server io;
  auto desk = io.system().spawn([]() -> caf::behavior {
    return {[](const std::string& symbol) -> caf::result<double> {
      if (symbol == "ACME") return 12.5;
      return caf::make_error(caf::sec::invalid_argument);
    }};
  });
  install(io, desk);
  auto ada = io.connect();
  EXPECT_EQ(ada.ask<double>("price", "ACME"), 12.5);
  EXPECT_TRUE(ada.ask<boost::json::value>("price", "none").as_object().contains("error"));
  ada.emit("watch", "ACME");
  EXPECT_EQ(ada.expect("price").get<double>(), 12.5);
  ada.emit("log", "ACME");
  EXPECT_EQ(ada.expect("price").get<double>(), 12.5);
  ada.emit("log", "none");
  EXPECT_EQ(ada.expect("trouble").get<int>(), static_cast<int>(caf::sec::invalid_argument));
  EXPECT_EQ(ada.ask<double>("double", "ACME"), 25);
  caf::anon_send_exit(desk, caf::exit_reason::user_shutdown);
}

}  // namespace
