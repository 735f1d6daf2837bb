// The conformance server: official protocol suites, real clients and load generators are pointed at
// it.
//
// Configured by environment variables, see README.md. Prints READY once every port listens; SIGTERM
// ends it.
//
// PORT is the app with the default parser. PORT+1 is the same app, with msgpack (profile matrix) or
// with clients of Engine.IO revision 3 let in (profile conformance).
#include "actors/include/gossamer/parser.hpp"

#include "examples/conformance/app.hpp"
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <malloc.h>
#include <string>
#include <thread>

namespace {

using gossamer::milliseconds;

std::string env(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? otherwise : value;
}

// A bare Engine.IO server: each message is sent back as it came.
class echo_client final : public gossamer::client {
 public:
  explicit echo_client(gossamer::connection& link) : link_(link) {}
  void on_text(std::string_view message) override {
    send(gossamer::shared_frame::make(gossamer::frame_kind::text, {"4", message}));
  }
  void on_binary(gossamer::bytes message) override {
    send(gossamer::shared_frame::make(gossamer::frame_kind::binary, {message.view()}));
  }
  void on_close(gossamer::close_reason) override {}

 private:
  void send(const gossamer::shared_frame& frame) { (void)link_.send({&frame, 1}); }
  gossamer::connection& link_;
};

class echo_acceptor final : public gossamer::session_acceptor {
 public:
  [[nodiscard]] std::unique_ptr<gossamer::client> on_session(gossamer::connection& link) override {
    return std::make_unique<echo_client>(link);
  }
};

gossamer::options conformance_options() {
  gossamer::options how;
  how.ping_interval = milliseconds(300);
  how.ping_timeout = milliseconds(200);
  how.connect_timeout = milliseconds(1000);
  how.cors = gossamer::http::cors_options{};
  return how;
}

gossamer::options matrix_options() {
  gossamer::options how;
  how.ping_interval = milliseconds(1500);
  how.ping_timeout = milliseconds(5000);
  how.connect_timeout = milliseconds(1500);
  gossamer::http::cors_options cors;
  cors.origin = gossamer::http::origin_policy::fixed("http://allowed.example");
  cors.credentials = true;
  cors.methods = "GET,POST";
  cors.allowed_headers = "x-custom,content-type";
  cors.max_age = 600;
  how.cors = cors;
  how.per_message_deflate.emplace();
  how.cookie.emplace();
  how.allow_request = [](const auto& from, const gossamer::handshake_decision& decide) {
    const auto deny = from->query("deny");
    decide(!deny.has_value(), deny.value_or(""));
  };
  how.allow_eio3 = true;
  return how;
}

gossamer::listen_options address_of(unsigned offset) {
  gossamer::listen_options where;
  where.host = env("HOST", "127.0.0.1");
  where.port = static_cast<std::uint16_t>(std::stoul(env("PORT", "3000")) + offset);
  if (const auto chain = env("TLS_CERT", ""); !chain.empty()) {
    where.tls.emplace().certificates.push_back(
        {.chain_file = chain, .key_file = env("TLS_KEY", chain.c_str())});
  }
  return where;
}

gossamer::options options_of(const std::string& profile) {
  auto how = profile == "conformance" ? conformance_options()
             : profile == "matrix"    ? matrix_options()
                                      : gossamer::options();
  how.serve_client = false;
  const auto level = env("LOG", "warn");
  const auto from = level == "debug"  ? gossamer::log_level::debug
                    : level == "info" ? gossamer::log_level::info
                                      : gossamer::log_level::warn;
  how.log = gossamer::logger(from, gossamer::stderr_sink());
  how.lanes = static_cast<std::size_t>(std::stoul(env("LANES", "0")));
  return how;
}

// SIGUSR2: memory that nobody uses goes back to the system; prints HEAP and the bytes in use. For
// measurements.
void trim_on_signal() {
  sigset_t trim;
  sigemptyset(&trim);
  sigaddset(&trim, SIGUSR2);
  pthread_sigmask(SIG_BLOCK, &trim, nullptr);
  std::thread([trim] {
    for (int which = 0; sigwait(&trim, &which) == 0;) {
      malloc_trim(0);
      const auto heap = mallinfo2();
      std::printf("HEAP %zu\n", heap.uordblks + heap.hblkhd);
      std::fflush(stdout);
    }
  }).detach();
}

// The same app in a server of its own.
struct second_app {
  second_app(gossamer::options how, const char* name)
      : io(std::move(how)), app(io, env("INSTANCE", "A"), name) {}
  gossamer::server io;
  conformance::app app;
};

// What is on PORT+1, if anything.
std::unique_ptr<second_app> second_app_of(const std::string& profile, echo_acceptor& echo) {
  if (profile == "load") return nullptr;
  auto how = options_of(profile);
  how.allow_eio3 = profile == "conformance";
  if (profile == "matrix") how.parser = gossamer::msgpack_parser();
  auto made =
      std::make_unique<second_app>(std::move(how), profile == "matrix" ? "msgpack" : "default");
  if (profile == "conformance") made->io.mount_engine("/engine.io", echo);
  return made;
}

bool listen(gossamer::server& io, unsigned offset) {
  const auto where = address_of(offset);
  const auto bound = io.listen(where);
  if (!bound) {
    std::fprintf(stderr, "cannot listen on %s:%u: %s\n", where.host.c_str(), where.port,
                 bound.error().message().c_str());
  }
  return bound.has_value();
}

int serve() {
  const auto profile = env("PROFILE", "matrix");
  if (profile != "conformance" && profile != "matrix" && profile != "load") {
    std::fprintf(stderr, "PROFILE must be conformance, matrix or load, not %s\n", profile.c_str());
    return 2;
  }
  trim_on_signal();

  echo_acceptor echo;
  gossamer::server io(options_of(profile));
  std::unique_ptr<conformance::app> app;
  if (profile == "load") {
    conformance::add_load_events(io);
  } else {
    app = std::make_unique<conformance::app>(io, env("INSTANCE", "A"), "default");
    io.mount_engine("/engine.io", echo);
  }
  const auto second = second_app_of(profile, echo);
  if (!listen(io, 0) || (second != nullptr && !listen(second->io, 1))) return 1;
  std::puts("READY");
  std::fflush(stdout);
  io.run({.at_most = milliseconds(2000)});
  if (second != nullptr) second->io.stop({.at_most = milliseconds(2000)});
  return 0;
}

}  // namespace

int main() {
  try {
    return serve();
  } catch (const std::exception& failed) {
    std::fprintf(stderr, "conformance: %s\n", failed.what());
    return 1;
  }
}
