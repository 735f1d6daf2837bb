#include "actors/recovery.hpp"
#include "gateway/engineio/close_cause.hpp"
#include "gateway/http/errc.hpp"
#include "gateway/ops/bounded_names.hpp"
#include "gateway/ops/metrics.hpp"
#include "gateway/ops/process_stats.hpp"
#include "runtime/lanes/lane_report.hpp"

#include <array>
#include <deque>
#include <initializer_list>
#include <limits>
#include <map>
#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <sstream>
#include <utility>
#include <vector>

#ifndef GOSSAMER_VERSION  // tools that read this file without the build
#define GOSSAMER_VERSION "unknown"
#endif

namespace gossamer::ops {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

// Engine.IO's error codes 0 to 5.
constexpr std::array<std::string_view, transport::refusal_codes> refusals{
    "unknown_transport", "unknown_sid", "bad_method", "bad_request", "forbidden", "bad_version"};

double in_seconds(duration d) {
  return std::chrono::duration<double>(d).count();
}

double number(std::uint64_t n) {
  return static_cast<double>(n);
}

std::string with_underscores(std::string_view words) {
  std::string joined(words);
  for (char& c : joined) {
    if (c == ' ') c = '_';
  }
  return joined;
}

// One family and what is put into it.
class family {
 public:
  family(MetricType type, std::string_view name, std::string_view help) {
    made.name = name;
    made.help = help;
    made.type = type;
  }
  family& add(double value, std::initializer_list<ClientMetric::Label> labels = {}) {
    auto& one = made.metric.emplace_back();
    one.label = labels;
    if (made.type == MetricType::Counter) {
      one.counter.value = value;
    } else {
      one.gauge.value = value;
    }
    return *this;
  }
  MetricFamily made;
};

// What is collected in one scrape.
class scrape {
 public:
  family& counter(std::string_view name, std::string_view help) {
    return all_.emplace_back(MetricType::Counter, name, help);
  }
  family& gauge(std::string_view name, std::string_view help) {
    return all_.emplace_back(MetricType::Gauge, name, help);
  }
  void counter(std::string_view name, std::string_view help, double value) {
    counter(name, help).add(value);
  }
  void gauge(std::string_view name, std::string_view help, double value) {
    gauge(name, help).add(value);
  }
  MetricFamily& histogram(std::string_view name, std::string_view help) {
    return all_.emplace_back(MetricType::Histogram, name, help).made;
  }
  [[nodiscard]] std::vector<MetricFamily> take() {
    std::vector<MetricFamily> made;
    made.reserve(all_.size());
    for (auto& one : all_) made.push_back(std::move(one.made));
    return made;
  }

 private:
  std::deque<family> all_;  // what it gives out does not move
};

void collect_http(scrape& to, const http::server_stats& now) {
  to.gauge("gossamer_connections", "TCP and Unix connections of clients.",
           number(now.connections()));
  to.counter("gossamer_connections_opened_total", "Connections that lanes have taken over.",
             number(now.connections_opened));
  to.counter("gossamer_received_bytes_total", "Bytes read from connections, as on the wire.",
             number(now.bytes_in));
  to.counter("gossamer_sent_bytes_total", "Bytes written to connections, as on the wire.",
             number(now.bytes_out));
  to.counter("gossamer_writes_total", "System calls that wrote to connections.",
             number(now.writes));
  to.counter("gossamer_http_requests_total", "HTTP requests with a complete head.",
             number(now.requests));
  auto& refused = to.counter("gossamer_http_refusals_total",
                             "Requests that HTTP refused before a handler saw them.");
  for (std::size_t i = 0; i < http::refusal_count; ++i) {
    const auto why = text(static_cast<http::refusal>(i));
    refused.add(number(now.refusals[i]), {{"reason", with_underscores(why)}});
  }
  to.counter("gossamer_accept_pauses_total", "Times that accepting waited for free descriptors.",
             number(now.accept_pauses));
  to.counter("gossamer_tls_failures_total", "TLS handshakes and records that failed.",
             number(now.tls_failures));
}

void collect_sessions(scrape& to, const transport::engine_stats& now) {
  to.gauge("gossamer_sessions", "Open Engine.IO sessions by transport.")
      .add(number(now.polling), {{"transport", "polling"}})
      .add(number(now.websocket), {{"transport", "websocket"}});
  auto& handshakes = to.counter("gossamer_handshakes_total",
                                "Engine.IO handshakes that were accepted, and requests that were "
                                "refused with an error code, by result.");
  handshakes.add(number(now.opened), {{"result", "ok"}});
  for (std::size_t i = 0; i < refusals.size(); ++i) {
    handshakes.add(number(now.refused[i]), {{"result", std::string(refusals[i])}});
  }
  auto& closed =
      to.counter("gossamer_sessions_closed_total", "Engine.IO sessions that ended, by reason.");
  for (std::size_t i = 1; i < engineio::close_cause_count; ++i) {
    const auto why = engineio::text(static_cast<engineio::close_cause>(i));
    closed.add(number(now.closed[i]), {{"reason", std::string(why)}});
  }
  to.counter("gossamer_upgrades_total", "Upgrades from polling to WebSocket, by result.")
      .add(number(now.upgraded), {{"result", "ok"}})
      .add(number(now.upgrades_failed), {{"result", "failed"}});
  to.counter("gossamer_packets_received_total", "Engine.IO packets from clients.",
             number(now.packets_received));
  to.counter("gossamer_packets_sent_total", "Engine.IO packets queued for clients.",
             number(now.packets_sent));
  to.counter("gossamer_forwarded_requests_total",
             "Requests of sessions that live on another lane than their connection.",
             number(now.forwarded));
  to.counter("gossamer_slow_client_dropped_bytes_total",
             "Bytes thrown away with clients that were closed because they read too slowly.",
             number(now.slow_client_bytes));
}

// The actors' counters of all lanes together.
struct socket_sums {
  explicit socket_sums(const sources& from) {
    for (std::size_t i = 0; i < from.lanes.size(); ++i) {
      const auto& lane = from.sockets.counts(lane_index(i));
      events_in += lane.events_received.get();
      events_out += lane.events_sent.get();
      volatile_dropped += lane.volatile_dropped.get();
      ack_table_full += lane.ack_table_full.get();
      ordered += lane.ordered_overflows.get();
      unfinished += lane.unfinished_bytes.get();
      unfinished_closed += lane.unfinished_closed.get();
      admitted += lane.sockets_admitted.get();
      refused += lane.sockets_refused.get();
      // What ends is read before what began, so that no ack ends that was never expected.
      answered += lane.acks_answered.get();
      expired += lane.acks_expired.get();
      abandoned += lane.acks_abandoned.get();
      expected += lane.acks_expected.get();
      for (std::size_t r = 0; r < left.size(); ++r) left[r] += lane.disconnects[r].get();
    }
    for (std::size_t i = 0; i < from.lanes.size(); ++i) {
      const auto at_bound = from.lanes.at(i).stats().refused;
      lane_full += at_bound[static_cast<std::size_t>(post_kind::data)];
      lane_full_volatile += at_bound[static_cast<std::size_t>(post_kind::volatile_data)];
    }
  }
  [[nodiscard]] std::uint64_t pending() const {
    const auto ended = answered + expired + abandoned;
    return expected > ended ? expected - ended : 0;
  }
  std::uint64_t events_in = 0, events_out = 0, volatile_dropped = 0, ack_table_full = 0;
  std::uint64_t ordered = 0, admitted = 0, refused = 0, lane_full = 0, lane_full_volatile = 0;
  std::uint64_t unfinished = 0, unfinished_closed = 0;
  std::uint64_t expected = 0, answered = 0, expired = 0, abandoned = 0;
  std::array<std::uint64_t, detail::disconnect_reasons> left{};
};

void collect_traffic(scrape& to, const socket_sums& now) {
  to.counter("gossamer_events_received_total", "Socket.IO events from clients.",
             number(now.events_in));
  to.counter("gossamer_deliveries_total",
             "Socket.IO events queued for clients, one for each receiver of a broadcast.",
             number(now.events_out));
  to.counter("gossamer_drops_total",
             "Events that were not sent or not handled, by reason; a broadcast to a full lane is "
             "one.")
      .add(number(now.volatile_dropped), {{"reason", "volatile"}})
      .add(number(now.lane_full), {{"reason", "lane_full"}})
      .add(number(now.lane_full_volatile), {{"reason", "lane_full_volatile"}})
      .add(number(now.ack_table_full), {{"reason", "ack_table_full"}})
      .add(number(now.ordered), {{"reason", "too_many_in_order"}})
      .add(number(now.unfinished_closed), {{"reason", "unfinished"}});
  to.gauge("gossamer_unfinished_bytes", "Bytes of packets whose attachments are not all there yet.",
           number(now.unfinished));
  to.gauge("gossamer_acks_pending", "Acks that clients still owe.", number(now.pending()));
  to.counter("gossamer_acks_total", "Acks that were waited for, by how the wait ended.")
      .add(number(now.answered), {{"result", "answered"}})
      .add(number(now.expired), {{"result", "timeout"}})
      .add(number(now.abandoned), {{"result", "disconnected"}});
}

void collect_sockets(scrape& to, const socket_sums& now) {
  to.counter("gossamer_namespace_connects_total",
             "Requests of clients to join a namespace, by result.")
      .add(number(now.admitted), {{"result", "ok"}})
      .add(number(now.refused), {{"result", "refused"}});
  auto& left = to.counter("gossamer_disconnects_total",
                          "Sockets that left their namespace, by the reason that handlers see.");
  for (std::size_t i = 0; i < now.left.size(); ++i) {
    const auto why = text(static_cast<disconnect_reason>(i));
    left.add(number(now.left[i]), {{"reason", with_underscores(why)}});
  }
}

// All zero where recovery is off.
void collect_recovery(scrape& to, const detail::server_core& from) {
  const auto* kept = from.kept();
  const auto now = kept == nullptr ? detail::recovery_totals() : kept->totals();
  to.gauge("gossamer_recovery_sessions", "Clients that are away and may come back.",
           number(now.sessions));
  to.gauge("gossamer_recovery_events", "Events that are kept for clients that come back.",
           number(now.events));
  to.gauge("gossamer_recovery_bytes", "Bytes of these events.", number(now.bytes));
  to.counter("gossamer_recoveries_total", "Clients that wanted to come back, by result.")
      .add(number(now.recovered), {{"result", "recovered"}})
      .add(number(now.unknown), {{"result", "unknown"}})
      .add(number(now.gaps), {{"result", "incomplete"}});
  to.counter("gossamer_recovery_evictions_total",
             "Clients that were away, and events, that were forgotten early for want of room.")
      .add(number(now.sessions_dropped), {{"what", "session"}})
      .add(number(now.events_dropped), {{"what", "event"}});
}

void collect_namespaces(scrape& to, const detail::server_core& from, bounded_names& names) {
  auto& sockets = to.gauge("gossamer_sockets",
                           "Connected sockets by namespace; those of a parent namespace are in all "
                           "its children.");
  auto& rooms = to.gauge("gossamer_rooms", "Rooms with members by namespace, likewise.");
  detail::nsp_counts rest;
  std::size_t shown = 0;
  for (const auto& one : from.count_namespaces(namespaces_max, rest)) {
    const auto name = names.admit(one.name);
    if (name == other_names) {
      rest.sockets += one.sockets;
      rest.rooms += one.rooms;
      continue;
    }
    ++shown;
    sockets.add(number(one.sockets), {{"namespace", name}});
    rooms.add(number(one.rooms), {{"namespace", name}});
  }
  if (shown == namespaces_max) {
    sockets.add(number(rest.sockets), {{"namespace", std::string(other_names)}});
    rooms.add(number(rest.rooms), {{"namespace", std::string(other_names)}});
  }
  to.gauge("gossamer_child_namespaces", "Namespaces that clients have brought into being.",
           number(from.child_count()));
}

std::vector<std::pair<std::string, lane*>> all_lanes(lane_group& lanes) {
  std::vector<std::pair<std::string, lane*>> all;
  for (std::size_t i = 0; i < lanes.size(); ++i) all.emplace_back(std::to_string(i), &lanes.at(i));
  all.emplace_back("service", &lanes.service());
  return all;
}

void collect_turns(scrape& to, lane_group& lanes) {
  auto& times =
      to.histogram("gossamer_lane_turn_seconds", "How long turns of the clients' lanes took.");
  auto& sum = times.metric.emplace_back().histogram;
  for (std::size_t b = 0; b < turn_times::buckets; ++b) {
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      sum.sample_count += turns_of(lanes.at(i)).count(b);
    }
    const bool last = b + 1 == turn_times::buckets;
    sum.bucket.push_back({sum.sample_count, last ? std::numeric_limits<double>::infinity()
                                                 : in_seconds(turn_times::upper_bound(b))});
  }
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    sum.sample_sum += in_seconds(turns_of(lanes.at(i)).sum());
  }
}

void collect_lanes(scrape& to, lane_group& lanes) {
  auto& bytes = to.gauge("gossamer_lane_queue_bytes", "Deliveries that wait for a lane.");
  auto& delivered = to.counter("gossamer_lane_deliveries_total",
                               "Deliveries from other lanes and threads that a lane has run.");
  auto& pauses = to.counter("gossamer_lane_pauses_total",
                            "Times that a lane stopped reading because it fed a full queue.");
  auto& longest =
      to.gauge("gossamer_lane_longest_turn_seconds", "The longest turn since the start.");
  auto& exceptions =
      to.counter("gossamer_lane_exceptions_total", "Exceptions that left a lane's work.");
  for (const auto& [name, which] : all_lanes(lanes)) {
    const auto now = which->stats();
    bytes.add(number(now.queue_bytes), {{"lane", name}});
    delivered.add(number(now.delivered), {{"lane", name}});
    pauses.add(number(now.pauses), {{"lane", name}});
    longest.add(in_seconds(now.longest_turn), {{"lane", name}});
    exceptions.add(number(now.exceptions), {{"lane", name}});
  }
}

void collect_slow(scrape& to, lane_group& lanes, bounded_names& names) {
  std::map<std::string, std::uint64_t> by_name;
  by_name[std::string(other_names)] = 0;
  for (const auto& [lane_name, which] : all_lanes(lanes)) {
    for (const auto& [name, count] : slow_handlers_of(*which)) {
      by_name[name.empty() ? std::string(other_names) : names.admit(name)] += count;
    }
  }
  auto& slow = to.counter("gossamer_slow_handlers_total",
                          "Turns in which a handler ran longer than slow_handler allows.");
  for (const auto& [name, count] : by_name) slow.add(number(count), {{"handler", name}});
}

void collect_process(scrape& to) {
  const auto now = read_process_stats();
  to.gauge("process_resident_memory_bytes", "Resident memory size in bytes.",
           number(now.resident_bytes));
  to.gauge("process_virtual_memory_bytes", "Virtual memory size in bytes.",
           number(now.virtual_bytes));
  to.counter("process_cpu_seconds_total", "User and system CPU time spent in seconds.",
             now.cpu_seconds);
  to.gauge("process_start_time_seconds", "Start time of the process since 1970 in seconds.",
           now.start_time_seconds);
  to.gauge("process_open_fds", "Open file descriptors.", number(now.open_fds));
  to.gauge("process_max_fds", "Most file descriptors that may be open.", number(now.fds_max));
}

}  // namespace

class metrics::collector final : public prometheus::Collectable {
 public:
  explicit collector(sources source) : from(std::move(source)) {}

  [[nodiscard]] std::vector<MetricFamily> Collect() const override {
    scrape to;
    to.gauge("gossamer_build_info", "1, with the version as a label.")
        .add(1, {{"version", GOSSAMER_VERSION}});
    const auto http = from.http();
    const auto engines = from.engines();
    const socket_sums sums(from);
    collect_http(to, http);
    collect_sessions(to, engines);
    collect_traffic(to, sums);
    to.gauge("gossamer_send_queue_bytes", "Bytes that wait for clients to take them.")
        .add(number(http.queued_bytes), {{"queue", "connections"}})
        .add(number(engines.outbox_bytes), {{"queue", "polls"}});
    collect_sockets(to, sums);
    collect_recovery(to, from.sockets);
    collect_namespaces(to, from.sockets, namespaces_);
    collect_turns(to, from.lanes);
    collect_lanes(to, from.lanes);
    collect_slow(to, from.lanes, handlers_);
    collect_process(to);
    return to.take();
  }

  const sources from;

 private:
  mutable bounded_names namespaces_{namespaces_max};
  mutable bounded_names handlers_{handlers_max};
};

metrics::metrics(sources from) : collector_(std::make_unique<collector>(std::move(from))) {}
metrics::~metrics() = default;

std::string metrics::text() const {
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, collector_->Collect());
  return std::move(out).str();
}

const sources& metrics::from() const {
  return collector_->from;
}

}  // namespace gossamer::ops
