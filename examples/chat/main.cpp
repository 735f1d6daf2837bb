// The chat alone: PORT (3000) says where to listen. The page needs WEB_DIR (examples/chat/web) and
// CLIENT_DIR, the folder of the browser client.
#include "chat_app.hpp"
#include <cstdio>
#include <cstdlib>
#include <exception>

namespace {

std::string env(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

int serve() {
  gossamer::options how;
  how.client_dir = env("CLIENT_DIR", "");
  gossamer::server io(std::move(how));
  chat::chat_app chat(io);

  if (const auto web = env("WEB_DIR", ""); !web.empty()) {
    if (const auto files = io.serve_directory("/", web); !files) {
      std::fprintf(stderr, "chat: %s: %s\n", web.c_str(), files.error().message().c_str());
      return 1;
    }
  }
  const auto port = static_cast<std::uint16_t>(std::stoul(env("PORT", "3000")));
  const auto bound = io.listen({.port = port});
  if (!bound) {
    std::fprintf(stderr, "chat: port %u: %s\n", port, bound.error().message().c_str());
    return 1;
  }
  std::printf("listening http://127.0.0.1:%u\n", bound->port);
  std::fflush(stdout);
  io.run();
  return 0;
}

}  // namespace

int main() {
  try {
    return serve();
  } catch (const std::exception& failed) {
    std::fprintf(stderr, "chat: %s\n", failed.what());
    return 1;
  }
}
