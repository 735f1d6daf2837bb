// A server on loopback with a function as its handler.
#pragma once

#include "gateway/http/exchange.hpp"
#include "gateway/http/handler.hpp"
#include "gateway/http/server.hpp"
#include "runtime/lanes/lane_group.hpp"
#include "tests/unit/http/test_client.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>

namespace gossamer::http::test {

/// All requests to one function; the body limit may depend on the path.
class function_routes final : public route_table, public request_handler {
 public:
  using function = std::function<void(std::shared_ptr<exchange>)>;
  function_routes() = default;
  void set(function f) { function_ = std::move(f); }
  route_choice choose(const request& head) override {
    return {std::shared_ptr<request_handler>(this, [](request_handler*) {}),
            head.path() == "/small" ? std::size_t{10} : std::size_t{1'000'000}};
  }
  void on_request(std::shared_ptr<exchange> incoming) override { function_(std::move(incoming)); }

 private:
  function function_;
};

/// Answers with what it got: `METHOD target\n` and the body.
inline void echo(std::shared_ptr<exchange> x) {
  response out;
  out.headers.add("Content-Type", "text/plain");
  out.body = std::string(text(x->req().method)) + ' ' + x->req().target + '\n' + x->req().body;
  x->respond(std::move(out));
}

class loopback : public ::testing::Test {
 protected:
  function_routes routes;
  std::unique_ptr<lane_group> lanes;
  std::unique_ptr<server> http;
  std::uint16_t port = 0;

  void start(function_routes::function f, server_options options = {}, std::size_t lane_count = 1,
             listen_options where = {}) {
    routes.set(std::move(f));
    lane_options threads;
    threads.lanes = lane_count;
    lanes = std::make_unique<lane_group>(std::move(threads));
    lanes->start();
    options.send_date = false;
    http = std::make_unique<server>(*lanes, routes, std::move(options));
    if (where.address == "0.0.0.0") where.address = "127.0.0.1";
    const auto bound = http->listen(std::move(where));
    ASSERT_TRUE(bound) << bound.error().message();
    port = bound->port;
  }

  void stop() {
    if (http == nullptr) return;
    http->stop_listening();
    std::promise<void> done;
    http->close_connections(milliseconds(0), [&done] { done.set_value(); });
    done.get_future().wait();
    EXPECT_TRUE(lanes->stop(seconds(5)).clean());
    EXPECT_EQ(http->stats().connections(), 0U);
    http.reset();
    lanes.reset();
  }
  void TearDown() override { stop(); }

  /// Runs `f` on lane 0 and waits for it.
  template <class F>
  auto on_lane(F f) {
    std::packaged_task<decltype(f())()> task(std::move(f));
    auto done = task.get_future();
    EXPECT_EQ(lanes->at(0).post([&task] { task(); }), post_result::accepted);
    return done.get();
  }
};

}  // namespace gossamer::http::test
