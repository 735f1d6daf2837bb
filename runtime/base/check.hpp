// A check of our own invariants that stays on in release builds.
//
// A failed check means that gossamer itself is wrong: the process stops, its clients reconnect
// elsewhere. Data from outside (a peer, the network, Redis, an application) never reaches a check.
#pragma once

namespace gossamer {

/// Prints the condition with its place to stderr and aborts. Any thread.
[[noreturn]] void check_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace gossamer

#define GOSSAMER_CHECK(condition) \
  (static_cast<bool>(condition) ? void() : ::gossamer::check_failed(#condition, __FILE__, __LINE__))
