#include "gateway/include/gossamer/server.hpp"

#include "actors/runtime_side.hpp"
#include "actors/server_core.hpp"
#include "gateway/check_options.hpp"
#include "gateway/delayed_calls.hpp"
#include "gateway/http/server.hpp"
#include "gateway/http/static_files.hpp"
#include "gateway/ops/routes.hpp"
#include "gateway/server_inside.hpp"
#include "gateway/transport/engine.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <future>
#include <mutex>
#include <regex>
#include <stdexcept>
#include <sys/eventfd.h>
#include <unistd.h>

namespace gossamer {

lane_options detail::lane_settings(const options& from) {
  lane_options to;
  if (from.polled) to.drive = lane_drive::polled;
  to.lanes = from.lanes;
  to.pin_cpus = from.pin_cpus;
  to.inbox_bytes_max = from.lane_inbox_bytes_max;
  to.slow_turn = from.slow_handler;
  to.log = from.log;
  return to;
}

namespace {

bool names(const options& from, std::string_view transport) {
  for (const auto& name : from.transports) {
    if (name == transport) return true;
  }
  return false;
}

engine_middleware cors_middleware(const http::cors_options& from) {
  const auto rules = std::make_shared<const http::cors>(from);
  return [rules](const http::request& request,
                 http::header_fields& more) -> std::optional<http::response> {
    const auto decided = rules->decide(request.method, request.headers);
    if (decided.preflight) return rules->preflight_response(decided);
    http::apply(decided.headers, more);
    return std::nullopt;
  };
}

// CORS is the first thing that sees a request, as in Node.
void add_middlewares(const options& from, transport::engine_options& to) {
  to.middlewares = std::make_shared<transport::middleware_list>();
  if (from.cors) to.middlewares->add(cors_middleware(*from.cors));
  for (const auto& one : from.engine_middlewares) to.middlewares->add(one);
}

void add_hooks(const options& from, transport::engine_options& to) {
  to.per_message_deflate = from.per_message_deflate;
  to.http_compression = from.http_compression;
  to.cookie = from.cookie;
  to.initial_headers = from.initial_headers;
  to.headers = from.headers;
  if (!from.on_connection_error) return;
  to.connection_error = [tell = from.on_connection_error](const transport::refused_request& r) {
    tell({r.why.code, r.why.message, r.why.context, r.sid, r.request});
  };
}

transport::engine_options engine_settings(const options& from) {
  transport::engine_options to;
  to.path = from.path;
  to.add_trailing_slash = from.add_trailing_slash;
  to.ping_interval = from.ping_interval;
  to.ping_timeout = from.ping_timeout;
  to.upgrade_timeout = from.upgrade_timeout;
  to.max_http_buffer_size = from.max_http_buffer_size;
  to.transports = {names(from, "polling"), names(from, "websocket")};
  to.allow_upgrades = from.allow_upgrades;
  to.allow_eio3 = from.allow_eio3;
  to.initial_packet = from.initial_packet;
  to.allow_request = from.allow_request;
  to.generate_id = from.generate_id;
  to.send_soft_bytes = from.send_soft_bytes;
  to.send_hard_bytes = from.send_hard_bytes;
  to.send_cap_bytes = from.send_cap_bytes;
  to.log = from.log;
  add_middlewares(from, to);
  add_hooks(from, to);
  return to;
}

detail::socketio_options socket_settings(const options& from) {
  detail::socketio_options to;
  to.connect_timeout = from.connect_timeout;
  to.cleanup_empty_child_namespaces = from.cleanup_empty_child_namespaces;
  to.child_namespaces_max = from.child_namespaces_max;
  to.recovery = from.connection_state_recovery;
  to.packets = from.parser;
  to.ids_name_lanes = !(from.allow_eio3 && from.generate_id);
  return to;
}

http::server_options http_settings(const options& from) {
  http::server_options to;
  to.connections_max = from.connections_max;
  to.log = from.log;
  return to;
}

http::server_options ops_http_settings(const options& from) {
  http::server_options to;
  to.connections_max = 64;
  to.on_service_lane = true;
  to.log = from.log;
  return to;
}

// Which requests are Engine.IO's; the others are the router's.
class front_door final : public http::route_table {
 public:
  explicit front_door(http::router& others) : others_(others) {}

  /// Before listening.
  void add(std::shared_ptr<transport::engine> engine, std::shared_ptr<http::static_files> files) {
    mounted_.push_back({std::move(engine), std::move(files)});
  }
  /// When no lane runs any more.
  void clear() { mounted_.clear(); }
  [[nodiscard]] http::route_choice choose(const http::request& head) override {
    for (const auto& one : mounted_) {
      if (!head.path().starts_with(one.engine->path())) continue;
      if (one.files != nullptr && one.files->has(head)) return {one.files, 0};
      return one.engine->choose(head);
    }
    return others_.choose(head);
  }

 private:
  struct mounted {
    std::shared_ptr<transport::engine> engine;
    std::shared_ptr<http::static_files> files;
  };
  http::router& others_;
  std::vector<mounted> mounted_;
};

// Where the signal handler of `run` writes. One server at a time can wait for signals.
std::atomic<int> signal_wake{-1};

void wake(int fd) {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(fd, &one, sizeof one);
}

}  // namespace

struct server::parts {
  parts(std::unique_ptr<detail::runtime_side> side, options given)
      : settings(std::move(given)),
        runtime(std::move(side)),
        core(runtime->lanes(), socket_settings(settings), settings.log),
        door(routes),
        http_server(std::in_place, runtime->lanes(), door, http_settings(settings)),
        ops_http(std::in_place, runtime->lanes(), ops_routes, ops_http_settings(settings)),
        metrics(std::make_shared<ops::metrics>(ops_sources())) {
    ops::add_routes(ops_routes, "", metrics);
    core.started();
    (void)core.of("/");
    add_engine(engine_settings(settings), core);
  }

  void add_engine(const transport::engine_options& how, session_acceptor& above) {
    engines.push_back(transport::engine::make(*http_server, above, how));
    std::shared_ptr<http::static_files> files;
    if (engines.size() == 1 && settings.serve_client && !settings.client_dir.empty()) {
      files = std::make_shared<http::static_files>();
      const auto added = files->add_directory(settings.client_dir, engines.back()->path());
      if (!added) {
        throw std::invalid_argument("option client_dir: " + settings.client_dir + ": " +
                                    added.error().message());
      }
    }
    door.add(engines.back(), std::move(files));
  }

  // Called on lanes, so while everything is there.
  ops::sources ops_sources() {
    return {runtime->lanes(),
            core,
            [this] { return http_server->stats(); },
            [this] {
              transport::engine_stats sum;
              for (const auto& engine : engines) engine->add_to(sum);
              return sum;
            },
            [this] { return draining.load(); },
            settings.lane_hangs_after};
  }

  void close_ops() {
    ops_http->stop_listening();
    const auto gone = std::make_shared<std::promise<void>>();
    ops_http->close_connections(milliseconds(100), [gone] { gone->set_value(); });
    (void)runtime->lanes().await(gone->get_future(), clock::now() + milliseconds(500));
  }

  // When no lane runs any more.
  void end() {
    door.clear();
    engines.clear();
    http_server.reset();
    ops_http.reset();
    core.close();
    lanes_ended = true;
  }

  ~parts() { ::close(wake_fd); }
  parts(const parts&) = delete;
  parts& operator=(const parts&) = delete;

  // Sessions get half of the time (those on polling fetch their close packet), connections the
  // rest.
  void close_sessions(milliseconds at_most) {
    const auto until = clock::now() + at_most;
    std::vector<std::future<void>> closed;
    for (const auto& engine : engines) {
      const auto done = std::make_shared<std::promise<void>>();
      closed.push_back(done->get_future());
      engine->close(at_most / 2, [done] { done->set_value(); });
    }
    for (const auto& one : closed) (void)runtime->lanes().await(one, until);
    const auto gone = std::make_shared<std::promise<void>>();
    const auto left = std::chrono::duration_cast<milliseconds>(until - clock::now());
    http_server->close_connections(std::max(left, milliseconds(1)), [gone] { gone->set_value(); });
    (void)runtime->lanes().await(gone->get_future(), until + milliseconds(500));
  }

  options settings;
  detail::delayed_calls delayed;  // outlives the lanes
  std::unique_ptr<detail::runtime_side> runtime;
  detail::server_core core;
  http::router routes;
  front_door door;
  // Until the lanes have stopped.
  std::optional<http::server> http_server;
  http::router ops_routes;
  std::optional<http::server> ops_http;
  std::vector<std::shared_ptr<transport::engine>> engines;

  const std::shared_ptr<const ops::metrics> metrics;
  std::atomic<bool> draining{false};
  std::mutex ops_mutex;  // `stop` holds the other one while operators ask
  std::optional<bound_address> ops_bound;

  const int wake_fd = ::eventfd(0, EFD_CLOEXEC);  // ends `run`
  std::mutex mutex;
  std::optional<stop_report> stopped;
  std::atomic<bool> lanes_ended{false};
};

server::server(options settings) : server(nullptr, std::move(settings)) {}

server::server(caf::actor_system& system, options settings)
    : server(detail::attached_runtime(system), std::move(settings)) {}

server::server(std::unique_ptr<detail::runtime_side> side, options settings) {
  check_options(settings);
  if (side == nullptr) {
    side = detail::own_runtime(detail::lane_settings(settings));
  } else {
    check_lanes(settings, side->lanes().size(), side->lanes().driven());
  }
  parts_ = std::make_shared<parts>(std::move(side), std::move(settings));
}

server::~server() {
  (void)stop();
}

detail::server_inside server::inside() {
  if (parts_->lanes_ended) return {};
  return {&parts_->runtime->lanes(), parts_->engines.front().get(), parts_->wake_fd};
}

nsp server::of(std::string_view name) {
  return nsp(parts_->core.of(name));
}

nsp server::of_pattern(const std::string& pattern) {
  return of_matching([expression = std::regex(pattern)](std::string_view name, const handshake&,
                                                        const std::function<void(bool)>& answer) {
    answer(std::regex_match(name.begin(), name.end(), expression));
  });
}

nsp server::of_matching(
    std::function<void(std::string_view, const handshake&, std::function<void(bool)>)> accepts) {
  return nsp(parts_->core.of(detail::nsp_matcher(std::move(accepts))));
}

void server::on_new_namespace(std::function<void(nsp)> handler) {
  parts_->core.on_new_namespace(
      [handler = std::move(handler)](detail::nsp_core& made) { handler(nsp(made)); });
}

pending_call server::after(milliseconds delay, std::function<void()> what) {
  return pending_call(parts_->delayed.add(parts_->runtime->lanes(), delay, std::move(what)));
}

void server::use_engine(engine_middleware one) {
  if (auto* engine = inside().engine) engine->options().middlewares->add(std::move(one));
}

http::router& server::http() {
  return parts_->routes;
}

void server::mount_engine(std::string path, session_acceptor& above) {
  auto how = engine_settings(parts_->settings);
  how.path = std::move(path);
  how.middlewares = nullptr;
  parts_->add_engine(how, above);
}

result<std::size_t> server::serve_directory(std::string_view prefix, const std::string& directory) {
  auto files = std::make_shared<http::static_files>();
  const auto added = files->add_directory(directory, prefix);
  if (added) parts_->routes.mount(prefix, 0, std::move(files));
  return added;
}

server_counts server::counts() const {
  server_counts sum;
  if (!parts_->http_server) return sum;
  sum.connections = parts_->http_server->stats().connections();
  const auto engine = parts_->engines.front()->stats();
  sum.polling_sessions = engine.polling;
  sum.websocket_sessions = engine.websocket;
  return sum;
}

void server::mount_ops(const std::string& prefix) {
  ops::add_routes(parts_->routes, prefix, parts_->metrics);
}

result<bound_address> server::listen_ops(const ops_options& where) {
  if (!parts_->ops_http || parts_->draining) return make_error_code(errc::server_stopped);
  http::listen_options how;
  how.address = where.host;
  how.port = where.port;
  const auto bound = parts_->ops_http->listen(how);
  if (!bound) return bound.error();
  const std::lock_guard lock(parts_->ops_mutex);
  const bound_address at{bound->address, bound->port};
  if (!parts_->ops_bound) parts_->ops_bound = at;
  return at;
}

std::optional<bound_address> server::ops_address() const {
  const std::lock_guard lock(parts_->ops_mutex);
  return parts_->ops_bound;
}

result<bound_address> server::listen(listen_options where) {
  if (!parts_->http_server || parts_->draining) return make_error_code(errc::server_stopped);
  if (parts_->runtime->lanes().options().drive == lane_drive::stepped) return errc::not_supported;
  if (parts_->settings.ops && !ops_address()) {
    if (const auto ops = listen_ops(*parts_->settings.ops); !ops) return ops.error();
  }
  http::listen_options how;
  how.address = std::move(where.host);
  how.port = where.port;
  how.unix_mode = where.unix_mode;
  if (where.tls) {
    auto context = http::make_tls_context(*where.tls);
    if (!context) return context.error();
    how.tls = std::move(*context);
  }
  auto bound = parts_->http_server->listen(how);
  if (!bound) return bound.error();
  return bound_address{bound->address, bound->port};
}

stop_report server::run(stop_options how) {
  struct sigaction action {};
  struct sigaction old_term {};
  struct sigaction old_int {};
  action.sa_handler = [](int) { wake(signal_wake.load()); };
  sigemptyset(&action.sa_mask);
  signal_wake = parts_->wake_fd;
  sigaction(SIGTERM, &action, &old_term);
  sigaction(SIGINT, &action, &old_int);
  wait_for_wake();
  sigaction(SIGTERM, &old_term, nullptr);
  sigaction(SIGINT, &old_int, nullptr);
  return stop(how);
}

stop_report server::stop(stop_options how) {
  wake(parts_->wake_fd);
  const std::lock_guard lock(parts_->mutex);
  if (parts_->stopped) return *parts_->stopped;
  parts_->draining = true;
  parts_->http_server->stop_listening();
  parts_->close_sessions(how.at_most);
  parts_->close_ops();
  parts_->core.stopped();
  // A lane that is stuck in a handler, or goes on with its system, still uses the parts: they live
  // until it has ended. Never freed is better than under its hands.
  auto held = std::make_unique<std::shared_ptr<parts>>(parts_);
  auto* const kept = held.release();
  parts_->stopped = stop_report{parts_->runtime->stop(how.at_most, [kept] {
    const std::unique_ptr<std::shared_ptr<parts>> last(kept);
    (*last)->end();
  })};
  if (parts_->lanes_ended) return *parts_->stopped;
  parts_->delayed.close();
  parts_->core.retire_all();
  return *parts_->stopped;
}

caf::actor_system& server::system() {
  return parts_->runtime->system();
}

}  // namespace gossamer
