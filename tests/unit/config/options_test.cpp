// What a server refuses to be built with, and how it says so.
#include "gateway/include/gossamer/server.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <stdexcept>
#include <string>

namespace gossamer {
namespace {

std::string complaint_about(const std::function<void(options&)>& change) {
  options how;
  how.lanes = 1;
  change(how);
  try {
    const server refused(std::move(how));
  } catch (const std::invalid_argument& wrong) {
    return wrong.what();
  }
  return "no complaint";
}

using recovery_options = connection_state_recovery_options;

std::string complaint_about_recovery(const recovery_options& wrong) {
  return complaint_about([&](options& to) { to.connection_state_recovery = wrong; });
}

TEST(Options, OfRecoveryAreChecked) {
  const std::string start = "option connection_state_recovery.";
  const auto time = start + "max_disconnection_duration: must be 1 to 2147483647 milliseconds";
  EXPECT_EQ(complaint_about_recovery({.max_disconnection_duration = milliseconds(0)}), time);
  EXPECT_EQ(complaint_about_recovery({.max_disconnection_duration = milliseconds(-1)}), time);
  EXPECT_EQ(complaint_about_recovery({.max_disconnection_duration = milliseconds::max()}), time);
  EXPECT_EQ(complaint_about_recovery({.bytes_max = 0}), start + "bytes_max: must be at least 1");
  EXPECT_EQ(complaint_about_recovery({.sessions_max = 0}),
            start + "sessions_max: must be at least 1");
  EXPECT_EQ(complaint_about_recovery({.session_events_max = 0}),
            start + "session_events_max: must be at least 1");
  EXPECT_EQ(complaint_about_recovery({}), "no complaint");
}

TEST(Options, AreCheckedAndNamed) {
  const std::map<std::string, std::function<void(options&)>> wrong{
      {"option ping_interval: must be a positive time",
       [](options& to) { to.ping_interval = milliseconds(0); }},
      {"option ping_timeout: must be a positive time",
       [](options& to) { to.ping_timeout = milliseconds(-1); }},
      {"option upgrade_timeout: must be a positive time",
       [](options& to) { to.upgrade_timeout = milliseconds(0); }},
      {"option connect_timeout: must be a positive time",
       [](options& to) { to.connect_timeout = milliseconds(0); }},
      {"option lane_hangs_after: must be a positive time",
       [](options& to) { to.lane_hangs_after = milliseconds(0); }},
      {"option lanes: must be 0 to 64", [](options& to) { to.lanes = 65; }},
      {"option max_http_buffer_size: must be at least 1",
       [](options& to) { to.max_http_buffer_size = 0; }},
      {"option child_namespaces_max: must be at least 1",
       [](options& to) { to.child_namespaces_max = 0; }},
      {"option path: must be a path that starts with /",
       [](options& to) { to.path = "socket.io"; }},
      {"option transports: must be polling, websocket, or both",
       [](options& to) { to.transports.clear(); }},
      {"option transports: must be polling, websocket, or both, not 'pigeon'",
       [](options& to) { to.transports = {"pigeon"}; }},
      {"option http_compression: must be level 1 to 9",
       [](options& to) { to.http_compression.emplace().level = 10; }},
      {"option cookie: must be named by a token of RFC 9110",
       [](options& to) { to.cookie.emplace().name = "a b"; }},
  };
  for (const auto& [said, change] : wrong) EXPECT_EQ(complaint_about(change), said);
  EXPECT_EQ(complaint_about([](options&) {}), "no complaint");
}

}  // namespace
}  // namespace gossamer
