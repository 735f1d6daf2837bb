// A whole Socket.IO server: what one client says to a room, the others in it hear.
#include <cstdio>
#include <cstdlib>
#include <gossamer/server.hpp>
#include <string>

int main() {
  gossamer::server io;
  io.on("join", [](gossamer::socket s, std::string room) { s.join(room); });
  io.on("say", [](gossamer::socket s, std::string room, std::string text) {
    s.to(room).emit("said", text);
    return "said in " + room;  // the ack, if the client wants one
  });
  io.on_connection([](gossamer::socket s) { s.emit("welcome", "hello " + s.id()); });

  const char* port = std::getenv("PORT");
  const auto number = static_cast<std::uint16_t>(std::atoi(port == nullptr ? "3000" : port));
  const auto bound = io.listen({.port = number});
  if (!bound) return std::fprintf(stderr, "%s\n", bound.error().message().c_str()), 1;
  std::printf("listening http://127.0.0.1:%u\n", bound->port);
  std::fflush(stdout);
  io.run();
}
