// The chat alone: PORT (3000) says where to listen. The page needs WEB_DIR (examples/chat/web) and
// CLIENT_DIR, the folder of the browser client.
#include "chat_app.hpp"
#include "examples/common/serve.hpp"
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

std::string env(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

int main() {
  gossamer::options how;
  how.client_dir = env("CLIENT_DIR");
  gossamer::server io(std::move(how));
  const chat::chat_app chat(io);
  if (const auto web = env("WEB_DIR"); !web.empty()) {
    if (const auto files = io.serve_directory("/", web); !files) {
      std::fprintf(stderr, "chat: %s: %s\n", web.c_str(), files.error().message().c_str());
      return 1;
    }
  }
  return examples::serve(io);
}
