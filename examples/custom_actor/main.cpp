// A room with a bot and a recorder in it. PORT (3000; 0 is any) says where to listen.
#include <caf/send.hpp>

#include "lobby.hpp"
#include <cstdio>
#include <cstdlib>
#include <exception>

namespace {

std::uint16_t port() {
  const char* told = std::getenv("PORT");
  return static_cast<std::uint16_t>(told == nullptr ? 3000 : std::stoul(told));
}

int serve() {
  gossamer::server io;
  const auto room = io.room("/", "lobby");
  io.system().spawn(lobby::bot, room);
  // The system ends its actors when the server stops; the handle must not outlive it.
  const auto recorder = caf::actor_cast<caf::actor_addr>(io.system().spawn(lobby::recorder, room));

  io.on_connection([](gossamer::socket s) { s.join("lobby"); });
  io.on("say", [](gossamer::socket s, std::string text) {
    s.to("lobby").emit("said", lobby::line{std::string(s.id()), std::move(text)});
    return true;
  });
  io.on("history", [recorder](gossamer::ack answer) {
    caf::anon_send(caf::actor_cast<caf::actor>(recorder), lobby::history_wanted{answer});
  });

  const auto bound = io.listen({.port = port()});
  if (!bound) {
    std::fprintf(stderr, "custom_actor: %s\n", bound.error().message().c_str());
    return 1;
  }
  std::printf("listening http://127.0.0.1:%u\n", bound->port);
  std::fflush(stdout);
  return io.run().clean ? 0 : 1;
}

}  // namespace

int main() {
  try {
    return serve();
  } catch (const std::exception& failed) {
    std::fprintf(stderr, "custom_actor: %s\n", failed.what());
    return 1;
  }
}
