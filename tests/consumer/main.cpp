// A program of somebody else: everything it needs of gossamer comes with gossamer::gossamer.
#include <cstdio>
#include <gossamer/server.hpp>

int main() {
  gossamer::server io;
  io.on_connection([](gossamer::socket s) { s.emit("hello", s.id()); });
  const auto bound = io.listen({.host = "127.0.0.1", .port = 0});
  if (!bound) {
    std::fprintf(stderr, "%s\n", bound.error().message().c_str());
    return 1;
  }
  std::printf("listening on %u\n", bound->port);
  return io.stop().clean ? 0 : 1;
}
