// A server that operators can ask.
#pragma once

#include "tests/unit/ops/exposition.hpp"
#include "tests/unit/server/loopback.hpp"

#include <gmock/gmock.h>

#include <map>
#include <string>

namespace gossamer::test {

class ops_server : public loopback_server {
 public:
  template <class Change>
  explicit ops_server(Change&& change)
      : loopback_server([&](options& to) {
          to.ops = ops_options{"127.0.0.1", 0};
          change(to);
        }) {}

  [[nodiscard]] http_answer ask(std::string_view target, std::string_view method = "GET") const {
    test_client operator_(io.ops_address().value().port);
    operator_.request(method, target);
    return operator_.answer();
  }
  [[nodiscard]] exposition scrape() const {
    auto read = read_exposition(ask("/metrics").body);
    EXPECT_THAT(read.complaints, ::testing::IsEmpty());
    return read;
  }
  /// Waits until all these samples have these values, and fails if they do not come to that. What
  /// is counted at the end of a turn may come a moment later than its effect.
  void expect(const std::map<std::string, double>& samples) const {
    exposition last;
    const auto all_there = [&] {
      last = scrape();
      for (const auto& [name, value] : samples) {
        if (last.at(name) != value) return false;
      }
      return true;
    };
    if (eventually(all_there, std::chrono::seconds(10))) return;
    for (const auto& [name, value] : samples) EXPECT_EQ(last.at(name), value) << name;
  }
};

/// A Socket.IO client on polling, in the main namespace, that polls only when it is told.
class polling_client {
 public:
  explicit polling_client(std::uint16_t port) : wire(port) {
    sid = sid_of(wire.get(polling_url).body);
    EXPECT_EQ(wire.post(with_sid(polling_url, sid), "40").body, "ok");
    EXPECT_TRUE(poll().starts_with("40{"));
  }
  std::string poll() { return wire.get(with_sid(polling_url, sid)).body; }

  test_client wire;
  std::string sid;
};

}  // namespace gossamer::test
