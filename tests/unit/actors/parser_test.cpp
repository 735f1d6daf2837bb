// A server whose clients speak another format: the parser that docs/parsers.md shows, and msgpack.
#include "actors/include/gossamer/parser.hpp"

#include "actors/include/gossamer/errc.hpp"
#include "tests/unit/actors/fake_clients.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace gossamer {
namespace {

using test::world;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

// `event /nsp ["name",1]`; no ids, no binaries. "..." is continued by the next line.
class lines final : public parser {
 public:
  struct beginning final : parser_memory {
    std::string text;
  };

  void encode(const outgoing_packet& p, message_list& out) const override {
    ++encoded;
    out.text(std::string(words[static_cast<std::size_t>(p.type)]) + " " + std::string(p.nsp) + " " +
             std::string(p.json));
  }
  result<std::optional<incoming_packet>> decode_text(std::string_view line,
                                                     parser_memory_ptr& memory) const override {
    std::string whole;
    if (memory != nullptr) {
      whole = static_cast<beginning&>(*memory).text + std::string(line);
      line = whole;
      memory.reset();
    }
    if (line.ends_with("...")) {
      auto kept = std::make_unique<beginning>();
      kept->text = line.substr(0, line.size() - 3);
      memory = std::move(kept);
      return std::optional<incoming_packet>();
    }
    const auto* type = std::find(words.begin(), words.end(), line.substr(0, line.find(' ')));
    if (type == words.end()) return make_error_code(errc::bad_arguments);
    incoming_packet p;
    p.type = static_cast<packet_type>(type - words.begin());
    line.remove_prefix(std::min(line.size(), type->size() + 1));
    p.nsp = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(line.size(), p.nsp.size() + 1));
    p.json = line;
    return std::optional(std::move(p));
  }
  result<std::optional<incoming_packet>> decode_binary(const bytes&,
                                                       parser_memory_ptr&) const override {
    return make_error_code(errc::bad_arguments);
  }

  mutable std::atomic<int> encoded{0};

 private:
  static constexpr std::array<std::string_view, 5> words{"connect", "disconnect", "event", "ack",
                                                         "error"};
};

detail::socketio_options speaking(std::shared_ptr<const parser> with) {
  detail::socketio_options how;
  how.packets = std::move(with);
  return how;
}

TEST(OwnParser, CarriesEverythingThatAServerSays) {
  world w(2, speaking(std::make_shared<lines>()));
  w.of("/").on("echo", [](const socket& s, const std::string& text, int n) {
    s.emit("echoed", text, n + 1);
    s.disconnect();
  });
  w.start();
  auto& client = w.open(0);

  client.says("connect /random");
  client.says("connect /");
  client.says("event / [\"echo\",\"a\",1]");

  EXPECT_THAT(client.received(), ElementsAre("4error /random {\"message\":\"Invalid namespace\"}",
                                             StartsWith("4connect / {\"sid\":\""),
                                             "4event / [\"echoed\",\"a\",2]", "4disconnect / "));
}

TEST(OwnParser, EncodesABroadcastOnce) {
  const auto with = std::make_shared<lines>();
  world w(2, speaking(with));
  (void)w.of("/");
  w.start();
  std::vector<test::fake_client*> clients;
  for (std::size_t i = 0; i < 6; ++i) {
    clients.push_back(&w.open(i % 2));
    clients.back()->says("connect /");
    clients.back()->forget_received();
  }
  const int before = with->encoded;

  w.of("/").emit("news", 1);
  w.settle();

  EXPECT_EQ(with->encoded, before + 1);
  for (auto* client : clients)
    EXPECT_THAT(client->received(), ElementsAre("4event / [\"news\",1]"));
}

TEST(OwnParser, RemembersWhatAConnectionBegan) {
  world w(1, speaking(std::make_shared<lines>()));
  w.of("/").on("echo", [](const socket& s, int n) { s.emit("echoed", n); });
  w.start();
  auto& one = w.open(0);
  auto& other = w.open(0);
  for (auto* client : {&one, &other}) {
    client->says("connect /");
    client->forget_received();
  }

  one.says("event / [\"ec...");
  other.says("event / [\"echo\",2]");
  one.says("ho\",1]");

  EXPECT_THAT(one.received(), ElementsAre("4event / [\"echoed\",1]"));
  EXPECT_THAT(other.received(), ElementsAre("4event / [\"echoed\",2]"));
}

TEST(OwnParser, WhatItRefusesClosesTheConnection) {
  for (const auto* message : {"2[\"a\"]", "event / [\"disconnect\"]", "event / [", "error / {}"}) {
    world w(1, speaking(std::make_shared<lines>()));
    (void)w.of("/");
    w.start();
    auto& client = w.open(0);
    client.says("connect /");

    client.says(message);

    EXPECT_EQ(client.closed(), close_reason::forced_close) << message;
  }
  world w(1, speaking(std::make_shared<lines>()));
  w.start();
  auto& client = w.open(0);
  client.says_binary("x");
  EXPECT_EQ(client.closed(), close_reason::forced_close);
}

TEST(OwnParser, WhoWatchesOutgoingEventsSeesThem) {
  world w(1, speaking(std::make_shared<lines>()));
  std::vector<std::string> seen;
  w.of("/").on_connection([&](const socket& s) {
    s.on_any_outgoing([&](const socket&, std::string_view name, const args_view& values) {
      seen.push_back(std::string(name) + ":" + std::string(values.items()));
    });
  });
  w.start();
  auto& client = w.open(0);
  client.says("connect /");

  w.of("/").emit("news", 1, "two");
  w.settle();

  EXPECT_THAT(seen, ElementsAre("news:1,\"two\""));
  EXPECT_THAT(client.received().back(), "4event / [\"news\",1,\"two\"]");
}

TEST(MsgpackServer, AnswersAcksAndRelaysWhatJsonLacks) {
  using namespace std::literals;
  world w(1, speaking(msgpack_parser()));
  w.of("/").on("echo", [](const socket& s, const args& all, const ack& reply) {
    s.emit("back", all);
    reply(all.size());
  });
  w.start();
  auto& client = w.open(0);
  client.says_binary("\x82\xa4type\x00\xa3nsp\xa1/"s);
  client.forget_received();

  // ["echo", undefined, a date, a binary], id 7
  const auto values = "\xd4\x00\x00\xd7\x00\x00\x00\x00\x00\x00\x00\x00\x05\xc4\x01x"s;
  client.says_binary(
      "\x84\xa4type\x02\xa4"
      "data\x94\xa4"
      "echo"s +
      values + "\xa2id\x07\xa3nsp\xa1/"s);

  EXPECT_THAT(client.received(), ElementsAre("\x83\xa4type\x02\xa4"
                                             "data\x94\xa4"
                                             "back"s +
                                                 values + "\xa3nsp\xa1/"s,
                                             "\x84\xa2id\x07\xa4type\x03\xa4"
                                             "data\x91\x03\xa3nsp\xa1/"s));
}

}  // namespace
}  // namespace gossamer
