#include "gateway/http/server.hpp"

#include "gateway/http/lane_server.hpp"
#include "gateway/http/listener.hpp"
#include "runtime/base/check.hpp"

#include <atomic>
#include <utility>

namespace gossamer::http {

server::server(lane_group& lanes, route_table& routes, server_options options)
    : lanes_(lanes), routes_(routes), options_(std::move(options)) {
  if (options_.on_service_lane) {
    per_lane_.push_back(std::make_unique<lane_server>(*this, lanes_.service()));
    return;
  }
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    per_lane_.push_back(std::make_unique<lane_server>(*this, lanes_.at(i)));
  }
}

server::~server() = default;

result<endpoint> server::listen(const listen_options& where) {
  // On the lane that no handler can hold up.
  auto made = std::make_unique<listener>(*this, lanes_.service(), where.tls);
  auto bound = made->bind(where);
  if (!bound) return bound.error();
  if (const auto started = made->start(); !started) return started.error();
  listeners_.push_back(std::move(made));
  options_.log.info("listening address={} port={} tls={}", bound->address, bound->port,
                    where.tls != nullptr);
  return bound;
}

void server::stop_listening() {
  for (auto& each : listeners_) each->stop();
}

void server::close_connections(milliseconds at_most, std::function<void()> done) {
  struct progress {
    std::atomic<std::size_t> left;
    std::function<void()> done;
  };
  auto shared = std::make_shared<progress>();
  shared->left = per_lane_.size();
  shared->done = std::move(done);
  const auto one_done = [shared] {
    if (shared->left.fetch_sub(1) == 1 && shared->done) shared->done();
  };
  for (auto& part : per_lane_) {
    const auto posted =
        part->home().post([&part = *part, at_most, one_done] { part.stop(at_most, one_done); });
    if (posted != post_result::accepted) one_done();
  }
}

connection_registry& server::registry(lane_index of) {
  return per_lane_[static_cast<std::size_t>(of)]->connections();
}

lane_server& server::part_of(const lane& which) {
  return options_.on_service_lane ? *per_lane_.front()
                                  : *per_lane_[static_cast<std::size_t>(which.index())];
}

connection_slot server::place_connection() {
  return options_.on_service_lane ? connection_slot(lanes_.service()) : lanes_.place_connection();
}

std::size_t server::connection_count() const {
  if (options_.on_service_lane) return lanes_.service().connections();
  std::size_t sum = 0;
  for (std::size_t i = 0; i < lanes_.size(); ++i) sum += lanes_.at(i).connections();
  return sum;
}

server_stats server::stats() const {
  server_stats sum;
  for (const auto& part : per_lane_) part->add_to(sum);
  for (const auto& each : listeners_) sum.accept_pauses += each->pauses();
  return sum;
}

}  // namespace gossamer::http
