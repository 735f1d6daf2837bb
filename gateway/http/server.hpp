// HTTP on all lanes: listeners, connections, limits, counters.
//
// Runs on: any thread, but for what a lane has (`registry`, `adopt`). Owns: the listeners and, lane
// by lane, the connections. Lanes and route table must outlive it.
// Stop: stop_listening() closes the gate; close_connections() lets answers that are under way
// finish, then closes; both return at once and call back. The destructor needs the lanes stopped,
// or every connection gone.
#pragma once

#include "gateway/http/connection_registry.hpp"
#include "gateway/http/errc.hpp"
#include "gateway/http/handler.hpp"
#include "runtime/base/limits.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/result.hpp"
#include "runtime/base/time.hpp"
#include "runtime/lanes/lane_group.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gossamer::http {

class lane_server;
class listener;
class tls_context;

struct server_options {
  std::size_t head_bytes_max = limits::http_head_bytes_max;
  std::size_t header_fields_max = limits::http_header_fields_max;
  std::size_t pipeline_max = limits::http_pipeline_max;
  milliseconds head_time_max{limits::http_head_ms_max};
  milliseconds body_time_max{limits::http_body_ms_max};
  milliseconds idle_time_max{limits::http_idle_ms_max};
  /// A client that takes no byte of an answer for this time is cut off.
  milliseconds write_stall_max{30'000};
  /// Over it, a new connection is answered 503 and closed. 0: no limit.
  std::size_t connections_max = 0;
  bool send_date = true;
  /// Connections live on the service lane, which no handler holds up, instead of the clients'
  /// lanes. For operators: few connections, handlers that take no time, no WebSockets.
  bool on_service_lane = false;
  logger log;
};

/// Where to listen.
struct listen_options {
  std::string address = "0.0.0.0";  // IPv4, IPv6, or `unix:/path`
  std::uint16_t port = 0;           // 0: the kernel chooses
  int backlog = 4096;
  /// Of a Unix socket's file; nothing: what the umask leaves. A file that nobody listens on any
  /// more is replaced, one that somebody listens on is an error (address in use).
  std::optional<unsigned> unix_mode;
  std::shared_ptr<tls_context> tls;  // null: plain
};

/// What was bound.
struct endpoint {
  std::string address;
  std::uint16_t port = 0;
};

/// Counters of all lanes together, read one by one.
struct server_stats {
  std::uint64_t connections_opened = 0, connections_closed = 0;
  std::uint64_t bytes_in = 0, bytes_out = 0, writes = 0;
  std::uint64_t queued_bytes = 0;  // waiting now
  std::uint64_t requests = 0;
  std::array<std::uint64_t, refusal_count> refusals{};
  std::uint64_t idle_closed = 0;    // keep-alive connections that had nothing more to say
  std::uint64_t accept_pauses = 0;  // accept had no descriptor left (EMFILE, ENFILE)
  std::uint64_t tls_failures = 0;
  [[nodiscard]] std::uint64_t connections() const {
    return connections_opened - connections_closed;
  }
};

class server {
 public:
  /// The lanes may be started before or after it.
  server(lane_group& lanes, route_table& routes, server_options options = {});
  server(const server&) = delete;
  server& operator=(const server&) = delete;
  ~server();

  /// Binds and listens; accepting goes on in the background. Any thread but a lane, after the lanes
  /// have started. Errors: those of the system (address in use), errc::bad_address.
  [[nodiscard]] result<endpoint> listen(const listen_options& where);
  /// No more connections; the ports are closed when it returns. Any thread but a lane.
  void stop_listening();
  /// Closes idle connections now and the others after their answer, at most after `at_most`.
  /// Connections that speak something else than HTTP are aborted at that time. `done` (may be
  /// empty) is called on some lane when none is left. Any thread.
  void close_connections(milliseconds at_most, std::function<void()> done);

  /// The connections of a clients' lane, to adopt() one that another lane detached. Runs on: that
  /// lane.
  [[nodiscard]] connection_registry& registry(lane_index of);

  [[nodiscard]] const server_options& options() const { return options_; }
  [[nodiscard]] route_table& routes() { return routes_; }
  [[nodiscard]] lane_group& lanes() { return lanes_; }
  /// Any thread.
  [[nodiscard]] server_stats stats() const;

 private:
  friend class listener;
  friend class lane_server;
  [[nodiscard]] std::size_t connection_count() const;
  [[nodiscard]] connection_slot place_connection();
  [[nodiscard]] lane_server& part_of(const lane& which);

  lane_group& lanes_;
  route_table& routes_;
  server_options options_;
  std::vector<std::unique_ptr<lane_server>> per_lane_;
  std::vector<std::unique_ptr<listener>> listeners_;
};

}  // namespace gossamer::http
