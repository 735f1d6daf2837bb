#include "gateway/http/lane_server.hpp"

#include "gateway/http/http_protocol.hpp"
#include "gateway/http/response.hpp"
#include "gateway/http/tls_filter.hpp"

#include <chrono>
#include <utility>

namespace gossamer::http {
namespace {

constexpr milliseconds stop_check{50};

}  // namespace

lane_server::lane_server(server& owner, lane& home) : owner_(owner), connections_(home) {}

lane_server::~lane_server() = default;

void lane_server::begin(detached_connection&& from, std::unique_ptr<tls_filter> tls) {
  connection& made = connections_.adopt(std::move(from), std::move(tls));
  auto speaks = std::make_unique<http_protocol>(made, *this);
  http_protocol& protocol = *speaks;
  made.become(std::move(speaks));
  if (stopping_) protocol.on_stopping();
}

void lane_server::turn_away(detached_connection&& from) {
  connection& made = connections_.adopt(std::move(from));
  auto speaks = std::make_unique<http_protocol>(made, *this);
  http_protocol& protocol = *speaks;
  made.become(std::move(speaks));
  protocol.refuse(refusal::server_full);
}

void lane_server::stop(milliseconds at_most, std::function<void()> done) {
  stopping_ = true;
  stopped_ = std::move(done);
  stop_deadline_ = home().now() + at_most;
  connections_.each([](connection& each) { each.stopping(); });
  stopped_if_empty();
}

void lane_server::on_timer(time_point now) {
  if (now >= stop_deadline_) {
    connections_.each([](connection& each) { each.abort(errc::server_stopping); });
  }
  stopped_if_empty();
}

void lane_server::stopped_if_empty() {
  if (connections_.count() != 0) return home().arm(*this, stop_check);
  if (stopped_) std::exchange(stopped_, {})();
}

void lane_server::add_to(server_stats& sum) const {
  const auto& wire = connections_.counters();
  const auto value = [](const std::atomic<std::uint64_t>& of) {
    return of.load(std::memory_order_relaxed);
  };
  sum.connections_opened += value(wire.opened);
  sum.connections_closed += value(wire.closed);
  sum.bytes_in += value(wire.bytes_in);
  sum.bytes_out += value(wire.bytes_out);
  sum.writes += value(wire.writes);
  sum.tls_failures += value(wire.tls_failures);
  sum.queued_bytes += connections_.queued_bytes();
  sum.requests += value(requests_);
  sum.idle_closed += value(idle_closed_);
  for (std::size_t i = 0; i < refusal_count; ++i) sum.refusals[i] += value(refusals_[i]);
}

std::string_view lane_server::date() {
  if (!options().send_date) return {};
  const auto now = home().now();
  if (date_.empty() || now >= date_until_) {
    const auto wall = std::chrono::system_clock::now();
    const auto second = std::chrono::floor<seconds>(wall);
    date_ = http_date(second.time_since_epoch().count());
    date_until_ = now + std::chrono::duration_cast<duration>(second + seconds(1) - wall);
  }
  return date_;
}

}  // namespace gossamer::http
