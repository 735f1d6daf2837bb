// A room with a bot and a recorder in it. PORT (3000; 0 is any) says where to listen.
#include <caf/send.hpp>

#include "examples/common/serve.hpp"
#include "lobby.hpp"

int main() {
  gossamer::server io;
  const auto room = io.room("/", "lobby");
  io.system().spawn(lobby::bot, room);
  // The system ends its actors when the server stops; the handle must not outlive it.
  const auto recorder = caf::actor_cast<caf::actor_addr>(io.system().spawn(lobby::recorder, room));

  io.on_connection([](gossamer::socket s) { s.join("lobby"); });
  io.on("say", [](gossamer::socket s, std::string text) {
    s.to("lobby").emit("said", lobby::line{s.id(), std::move(text)});
    return true;
  });
  io.on("history", [recorder](gossamer::ack answer) {
    caf::anon_send(caf::actor_cast<caf::actor>(recorder), lobby::history_wanted{answer});
  });
  return examples::serve(io);
}
