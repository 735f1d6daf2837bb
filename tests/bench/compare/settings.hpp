// What the load generator was asked to do.
//
// Errors: a bad argument ends the program with a sentence and exit code 2.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <sys/types.h>

namespace compare {

using clock_type = std::chrono::steady_clock;
using seconds = std::chrono::duration<double>;

enum class mode { echo, broadcast, churn, idle };

struct settings {
  mode what = mode::echo;
  std::uint16_t port = 0;
  pid_t pid = 0;
  std::size_t connections = 100;
  std::size_t in_flight = 10;
  std::size_t bytes = 64;
  seconds run{3};
  seconds warm_up{1};
  seconds hold{40};
};

[[noreturn]] inline void fail(const std::string& why) {
  std::fprintf(stderr, "load: %s\n", why.c_str());
  std::exit(2);
}

inline settings read_arguments(int argc, char** argv) {
  settings s;
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "echo") {
    s.what = mode::echo;
  } else if (what == "broadcast") {
    s.what = mode::broadcast;
  } else if (what == "churn") {
    s.what = mode::churn;
  } else if (what == "idle") {
    s.what = mode::idle;
  } else {
    fail("the mode is echo, broadcast, churn, idle or port");
  }
  for (int i = 2; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const double value = std::atof(argv[i + 1]);
    if (value < 0) fail("a negative value");
    const auto whole = static_cast<std::size_t>(value);
    if (name == "--port")
      s.port = static_cast<std::uint16_t>(whole);
    else if (name == "--pid")
      s.pid = static_cast<pid_t>(whole);
    else if (name == "--connections")
      s.connections = whole;
    else if (name == "--in-flight")
      s.in_flight = whole;
    else if (name == "--bytes")
      s.bytes = whole;
    else if (name == "--seconds")
      s.run = seconds(value);
    else if (name == "--warm-up")
      s.warm_up = seconds(value);
    else if (name == "--hold")
      s.hold = seconds(value);
    else
      fail("unknown option " + std::string(name));
  }
  if (argc % 2 != 0) fail("an option without value");
  if (s.port == 0 || s.connections == 0 || s.in_flight == 0)
    fail("--port, --connections and --in-flight are above zero");
  return s;
}

}  // namespace compare
