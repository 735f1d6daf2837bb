// The tests of somebody else's program: in-memory clients and virtual time come with
// gossamer::testing.
#include <cstdio>
#include <gossamer/testing.hpp>

int main() {
  gossamer::testing::server io;
  io.on_connection([](gossamer::socket s) { s.emit("hello", s.id()); });
  auto client = io.connect();
  const bool greeted = client.expect("hello").get<std::string>() == client.id();
  client.freeze();
  io.advance(std::chrono::seconds(60));
  const bool missed = io.counts().sessions() == 0;
  std::printf("%s\n", greeted && missed ? "fine" : "not greeted, or not missed");
  return greeted && missed ? 0 : 1;
}
