// The conformance server: official protocol suites, real clients and load generators are pointed at
// it.
//
// Configured by environment variables, see README.md. Prints READY once every port listens; SIGTERM
// ends it.
//
// PORT is the app with the default parser. PORT+1 is the same app, with msgpack (profile matrix) or
// with clients of Engine.IO revision 3 let in (profile conformance). PORT+2 (profile matrix) is the
// same with connection state recovery.
#include "actors/include/gossamer/parser.hpp"

#include "examples/conformance/app.hpp"
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <malloc.h>
#include <memory>
#include <string>
#include <thread>
#include <vector>

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

// SIGTERM and SIGINT wait until somebody waits for them, from before the first thread on.
class end_signals {
 public:
  end_signals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }
  void wait() const {
    int which = 0;
    sigwait(&set_, &which);
  }

 private:
  sigset_t set_{};
};

// The same app in a server of its own.
struct other_app {
  other_app(unsigned its_offset, gossamer::options how, const char* name)
      : offset(its_offset), io(std::move(how)), app(io, env("INSTANCE", "A"), name) {}
  const unsigned offset;  // from PORT
  gossamer::server io;
  conformance::app app;
};
using other_apps = std::vector<std::unique_ptr<other_app>>;

gossamer::options recovery_options(gossamer::options how) {
  auto& recovery = how.connection_state_recovery.emplace();
  recovery.max_disconnection_duration = milliseconds(std::stoul(env("RECOVERY_MS", "3000")));
  recovery.skip_middlewares = env("RECOVERY_SKIP", "1") == "1";
  if (env("RECOVERY_PARSER", "default") == "msgpack") how.parser = gossamer::msgpack_parser();
  return how;
}

// What is on PORT+1 and PORT+2, if anything.
other_apps other_apps_of(const std::string& profile, echo_acceptor& echo) {
  other_apps all;
  auto how = options_of(profile);
  if (profile == "conformance") {
    how.allow_eio3 = true;
    all.push_back(std::make_unique<other_app>(1, how, "default"));
    all.back()->io.mount_engine("/engine.io", echo);
  } else if (profile == "matrix") {
    all.push_back(std::make_unique<other_app>(2, recovery_options(how), "recovery"));
    how.allow_eio3 = false;
    how.parser = gossamer::msgpack_parser();
    all.push_back(std::make_unique<other_app>(1, how, "msgpack"));
  }
  return all;
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
  const end_signals ends;
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
  const auto others = other_apps_of(profile, echo);
  bool all = listen(io, 0);
  for (const auto& other : others) all = all && listen(other->io, other->offset);
  if (!all) return 1;
  std::puts("READY");
  std::fflush(stdout);
  ends.wait();
  io.stop({.at_most = milliseconds(2000)});
  for (const auto& other : others) other->io.stop({.at_most = milliseconds(1000)});
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
