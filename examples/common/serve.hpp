// The end of main() in the larger examples: listens where PORT says, tells where that is, and
// serves until SIGTERM or SIGINT. examples/minimal has these lines in its own main.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <gossamer/server.hpp>

namespace examples {

/// PORT (3000; 0 is any). Gives the exit code: 1 if it cannot listen, or has not ended in time.
inline int serve(gossamer::server& io) {
  const char* told = std::getenv("PORT");
  const auto port = static_cast<std::uint16_t>(std::atoi(told == nullptr ? "3000" : told));
  const auto bound = io.listen({.port = port});
  if (!bound) {
    std::fprintf(stderr, "port %u: %s\n", port, bound.error().message().c_str());
    return 1;
  }
  std::printf("listening http://127.0.0.1:%u\n", bound->port);
  std::fflush(stdout);
  return io.run().clean ? 0 : 1;
}

}  // namespace examples
