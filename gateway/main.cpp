// The gossamer program: a Socket.IO server with the chat of examples/chat.
//
// Exit codes: 0 after SIGTERM or SIGINT, 1 if it cannot start, 2 if it was told something wrong.
#include "gateway/command_line.hpp"
#include "gateway/config.hpp"
#include "gateway/include/gossamer/server.hpp"
#include "gateway/program_log.hpp"

#include "examples/chat/chat_app.hpp"
#include <csignal>
#include <cstdio>
#include <exception>
#include <fmt/format.h>
#include <optional>
#include <stdexcept>
#include <string>
#include <sys/resource.h>

namespace {

namespace config = gossamer::config;

constexpr int cannot_start = 1;
constexpr int told_wrong = 2;

// As many descriptors as the system lets this process have: each client needs one.
void raise_fd_limit(const gossamer::logger& log) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return log.warn("fd limit unknown");
  const auto before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) limit.rlim_cur = before;
  log.info("fd limit={} was={} hard={}", limit.rlim_cur, before, limit.rlim_max);
}

gossamer::options server_options(const config::settings& from, const gossamer::logger& log) {
  auto how = from.server;
  how.log = log;
  if (from.recovers) how.connection_state_recovery = from.recovery;
  if (!from.cors_origins.empty()) {
    gossamer::http::cors_options cors;
    const bool any = from.cors_origins == std::vector<std::string>{"*"};
    cors.origin = any ? gossamer::http::origin_policy::any()
                      : gossamer::http::origin_policy::list(from.cors_origins);
    cors.credentials = from.cors_credentials;
    how.cors = cors;
  }
  return how;
}

gossamer::listen_options listen_options(const config::settings& from, const config::address& at) {
  gossamer::listen_options where{at.host, at.port};
  if (!from.unix_mode.empty()) {
    where.unix_mode = static_cast<unsigned>(std::stoul(from.unix_mode, nullptr, 8));
  }
  if (!from.tls_cert.empty()) where.tls = {{{{from.tls_cert, from.tls_key}}, ""}};
  return where;
}

// The address as a browser on this machine takes it.
std::string url_of(const config::settings& from, const config::address& at,
                   const gossamer::bound_address& bound) {
  if (at.host.starts_with("unix:")) return at.host;
  auto host = bound.host;
  if (host == "0.0.0.0" || host == "::") host = "127.0.0.1";
  if (host.find(':') != std::string::npos) host = "[" + host + "]";
  return fmt::format("{}://{}:{}", from.tls_cert.empty() ? "http" : "https", host, bound.port);
}

int complain(int code, const std::string& what) {
  fmt::print(stderr, "gossamer: {}\n", what);
  return code;
}

// SIGTERM and SIGINT, from before the first thread on: one that comes while the program starts
// stops it as soon as it runs. After wait() they end the process at once.
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
    pthread_sigmask(SIG_UNBLOCK, &set_, nullptr);
  }

 private:
  sigset_t set_{};
};

// Where nobody has said where, another program may be there already.
std::optional<std::string> listen_ops(const config::settings& from, gossamer::server& io,
                                      const gossamer::logger& log) {
  if (from.ops_listen.empty()) return std::nullopt;
  const auto at = *config::read_address(from.ops_listen);
  const auto bound = io.listen_ops({at.host, at.port});
  if (bound) return std::nullopt;
  const auto why = fmt::format("cannot listen on {} for operators: {}", from.ops_listen,
                               bound.error().message());
  if (from.ops_listen_told) return why;
  log.warn("{}", why);
  return std::nullopt;
}

int serve(const config::settings& from, const gossamer::logger& log, const end_signals& ends) {
  raise_fd_limit(log);
  gossamer::server io(server_options(from, log));
  const chat::chat_app chat(io);
  if (!from.web_dir.empty()) {
    const auto files = io.serve_directory("/", from.web_dir);
    if (!files) {
      return complain(told_wrong, "web_dir " + from.web_dir + ": " + files.error().message());
    }
    log.info("web files={} dir={}", *files, from.web_dir);
  }
  if (const auto failed = listen_ops(from, io, log)) return complain(cannot_start, *failed);
  std::string listening;
  for (const auto& at : config::addresses(from)) {
    const auto bound = io.listen(listen_options(from, at));
    if (!bound) {
      return complain(cannot_start, fmt::format("cannot listen on {} port {}: {}", at.host, at.port,
                                                bound.error().message()));
    }
    listening += fmt::format("listening {}\n", url_of(from, at, *bound));
  }
  fmt::print("{}", listening);
  std::fflush(stdout);
  ends.wait();
  const auto stopped = io.stop();
  log.info("stopped clean={}", stopped.clean);
  return 0;
}

int run(int argc, char** argv) {
  const auto told = config::read_command_line(argc, argv);
  if (told.exit_code) return *told.exit_code;
  if (told.print_config) {
    fmt::print("{}", told.config.print());
    return 0;
  }
  const auto& from = told.config.values();
  const end_signals ends;
  const gossamer::logger log(from.log_level, config::stderr_log(from.log_format));
  const int code = serve(from, log, ends);
  config::flush_log();
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::invalid_argument& wrong) {
    return complain(told_wrong, wrong.what());
  } catch (const std::exception& failed) {
    return complain(cannot_start, failed.what());
  }
}
