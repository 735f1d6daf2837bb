// A server on loopback, and Socket.IO clients written by hand: what surrounds the examples of
// docs/api.
//
// A client reads and writes the text of packets, so that an example's test shows what travels. It
// waits 20 s at most, then it throws and the test fails.
#pragma once

#include "tests/unit/transport/test_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <functional>
#include <gossamer/server.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace gossamer::api {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using strings = std::vector<std::string>;

/// What a client says when it connects.
struct introduction {
  std::string nsp = "/";
  std::string auth{};    // JSON
  std::string query{};   // `&name=value`
  std::string fields{};  // header fields, each with its line end
};

/// Listens once more; the port.
inline std::uint16_t listen(server& io) {
  return io.listen({.host = "127.0.0.1", .port = 0}).value().port;
}

/// One client in one namespace, on a WebSocket.
class client {
 public:
  explicit client(server& io, introduction how = {}) : client(listen(io), std::move(how)) {}
  client(std::uint16_t port, introduction how) : wire(port), nsp_(std::move(how.nsp)) {
    head = wire.upgrade("/socket.io/?EIO=4&transport=websocket" + how.query, how.fields).head;
    open = wire.frame();
    wire.text("40" + prefix() + how.auth);
    auto answer = packet();
    for (; answer.type == '2' || answer.type == '5'; answer = packet()) heard_.push_back(answer);
    (answer.type == '0' ? id : refused) = answer.type == '0' ? sid_of(answer.body) : answer.body;
    connected = answer.body;
  }

  /// Sends an event, e.g. `["say","hello"]`.
  void emit(std::string_view array) const { wire.text("42" + prefix() + std::string(array)); }
  /// The same, and waits for the answer, e.g. `[1]`. What comes before it can be heard later.
  std::string ask(std::string_view array) {
    const auto asked = std::to_string(++last_id_);
    wire.text("42" + prefix() + asked + std::string(array));
    for (;;) {
      auto next = packet();
      if (next.type == '3' && next.id == asked) return next.body;
      heard_.push_back(std::move(next));
    }
  }
  /// The next event, e.g. `["said","hello"]`.
  std::string hears() {
    if (heard_.empty()) heard_.push_back(packet());
    const auto next = std::move(heard_.front());
    heard_.pop_front();
    if (next.type != '2' && next.type != '5') throw std::runtime_error("no event: " + next.body);
    question_ = next.id;
    return next.body;
  }
  /// Answers what it has heard last.
  void answers(std::string_view array) const {
    wire.text("43" + prefix() + question_ + std::string(array));
  }
  /// The events up to the one with this name.
  strings hears_until(std::string_view name) {
    const auto last = "[\"" + std::string(name) + "\"]";
    strings all;
    for (auto next = hears(); next != last; next = hears()) all.push_back(next);
    return all;
  }
  /// What it has heard while it waited for something else.
  [[nodiscard]] strings waiting() const {
    strings all;
    for (const auto& each : heard_) all.push_back(each.body);
    return all;
  }
  /// Leaves the namespace.
  void leaves() const { wire.text("41" + (nsp_ == "/" ? std::string() : nsp_ + ",")); }
  /// The server has sent a disconnect packet; what comes before it is dropped.
  bool is_told_to_leave() {
    auto next = packet();
    while (next.type != '1' && next.type != 'c') next = packet();
    return next.type == '1';
  }
  /// The server has closed the connection; what comes before that is dropped.
  bool is_closed() {
    try {
      while (packet().type != 'c') {
      }
      return true;
    } catch (const std::runtime_error&) {
      return wire.ended();
    }
  }

  test::test_client wire;
  std::string id;         // of its socket; empty if it was refused
  std::string refused;    // why it was refused, JSON
  std::string connected;  // the answer to CONNECT, JSON
  std::string head;       // of the HTTP answer
  std::string open;       // Engine.IO's first packet

 private:
  struct one {
    char type = 0;  // a digit of Socket.IO; `c`: the connection is closed; `z`: deflated
    std::string id{};
    std::string body{};
  };
  [[nodiscard]] std::string prefix() const { return nsp_ == "/" ? "" : nsp_ + ","; }
  static std::string sid_of(const std::string& body) {
    const auto at = body.find("\"sid\":\"") + 7;
    return body.substr(at, body.find('"', at) - at);
  }
  /// The next packet that is no ping.
  one packet() {
    auto frame = wire.frame();
    for (; frame == "text:2"; frame = wire.frame()) wire.text("3");
    if (frame.starts_with("deflated:")) return {.type = '2', .body = "deflated"};
    if (!frame.starts_with("text:4")) return {.type = 'c', .body = frame};
    std::string_view rest = frame;
    rest.remove_prefix(6);
    one made{.type = rest[0]};
    rest.remove_prefix(1);
    if (made.type == '5' || made.type == '6') {
      for (auto left = digits(rest); left != "0"; left = std::to_string(std::stoi(left) - 1)) {
        attachments.push_back(wire.frame());
      }
      rest.remove_prefix(1);
    }
    if (rest.starts_with(prefix())) rest.remove_prefix(prefix().size());
    made.id = digits(rest);
    made.body = rest;
    return made;
  }
  static std::string digits(std::string_view& rest) {
    const auto size = std::min(rest.find_first_not_of("0123456789"), rest.size());
    const auto found = rest.substr(0, size);
    rest.remove_prefix(size);
    return std::string(found);
  }

  std::string nsp_;
  std::deque<one> heard_;
  std::string question_;
  int last_id_ = 0;

 public:
  strings attachments;  // `binary:...` of what it has heard
};

/// Longer messages are deflated for clients that offer it.
inline options two_lanes() {
  options how;
  how.lanes = 2;
  how.per_message_deflate.emplace().threshold = 100;
  return how;
}
/// Such a client hears `deflated` then.
inline introduction deflating(std::string nsp = "/") {
  return {.nsp = std::move(nsp), .fields = "Sec-WebSocket-Extensions: permessage-deflate\r\n"};
}
inline const std::string packed(200, 'a');

/// Asks again and again, other threads run meanwhile. False if it does not come true in time.
inline bool eventually(const std::function<bool()>& holds) {
  const auto until = std::chrono::steady_clock::now() + 20s;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::yield();
  }
  return true;
}

/// Stops a server in a short time, whatever its clients do.
struct brief_end {
  explicit brief_end(server& stopped) : io(stopped) {}
  brief_end(const brief_end&) = delete;
  brief_end& operator=(const brief_end&) = delete;
  ~brief_end() { (void)io.stop({.at_most = 50ms}); }
  server& io;
};

/// A server for each example. One whose handlers use variables of the example calls `stop` at its
/// end, before they are gone.
class site : public testing::Test {
 protected:
  site() {
    io.on("sync", [] { return 1; });
  }
  void stop() { (void)io.stop({.at_most = 100ms}); }
  void TearDown() override { stop(); }

  server io{two_lanes()};
};

}  // namespace gossamer::api
