// docs/embedding.md: how a program tests its handlers.
#include <gtest/gtest.h>

#include <gossamer/testing.hpp>
#include <map>
#include <string>

namespace {

using namespace std::chrono_literals;

struct person {
  std::string name;
  gossamer::pending_call silence;
};

void install_chat(gossamer::server& io) {
  const auto wait = [&io](gossamer::socket s) {
    s.data<person>().silence.cancel();
    s.data<person>().silence = io.after(60s, [s] { s.disconnect(true); });
  };
  io.use([](const gossamer::handshake& h) -> gossamer::admission {
    const auto name = h.auth("name");
    if (!name.is_string()) return gossamer::refuse("who are you?");
    return gossamer::admit(person{std::string(name.as_string()), {}});
  });
  io.on_connection([wait](gossamer::socket s) { wait(s); });
  io.on("say", [wait](gossamer::socket s, std::string text) {
    wait(s);
    s.broadcast().emit("said", s.data<person>().name + ": " + text);
  });
}

// begin: tests
TEST(Chat, TellsEverybody) {
  gossamer::testing::server io;
  install_chat(io);  // takes a gossamer::server&, as in the program
  auto ada = io.connect({.auth = {{"name", "Ada"}}});
  auto bob = io.connect({.auth = {{"name", "Bob"}}});
  ada.emit("say", "hello");
  EXPECT_EQ(bob.expect("said").get<std::string>(0), "Ada: hello");
}

TEST(Chat, RefusesWhoHasNoName) {
  gossamer::testing::server io;
  install_chat(io);
  EXPECT_EQ(io.connect().refused()->message, "who are you?");
}

TEST(Chat, SendsAwayWhoIsSilentForAMinute) {
  gossamer::testing::server io;
  install_chat(io);
  auto ada = io.connect({.auth = {{"name", "Ada"}}});
  io.advance(59s);
  EXPECT_TRUE(ada.connected());
  io.advance(2s);
  EXPECT_EQ(ada.disconnect_reason(), "io server disconnect");
}
// end

}  // namespace
