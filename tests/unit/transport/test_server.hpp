// An Engine.IO server on loopback for tests: several lanes, a port of the kernel's choice, and an
// application that echoes and writes down what it is told.
#pragma once

#include "gateway/http/server.hpp"
#include "gateway/transport/engine.hpp"
#include "runtime/lanes/lane_group.hpp"

#include <gtest/gtest.h>

#include "test_client.hpp"
#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace gossamer::test {

using transport::engine;
using transport::engine_options;
using transport::engine_stats;

/// Lines from any thread; a test waits for the next one.
class journal {
 public:
  void write(std::string line) {
    const std::scoped_lock lock(mutex_);
    lines_.push_back(std::move(line));
    changed_.notify_all();
  }
  std::string next() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, seconds(patience_s), [this] { return !lines_.empty(); })) {
      return "(nothing)";
    }
    std::string line = std::move(lines_.front());
    lines_.pop_front();
    return line;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> lines_;
};

/// Echoes each message; some texts are orders.
class echo_client final : public client {
 public:
  using order = std::function<void(connection&, std::string_view)>;
  echo_client(connection& session, journal& notes, const order& orders)
      : session_(session), notes_(notes), orders_(orders) {}

  void on_text(std::string_view message) override {
    if (message.starts_with("!")) return orders_(session_, message.substr(1));
    if (message.starts_with("note ")) return notes_.write(std::string(message));
    const auto frame = shared_frame::make(frame_kind::text, {"4", message});
    session_.send({&frame, 1});
  }
  void on_binary(bytes message) override {
    const auto frame = shared_frame::make(frame_kind::binary, {message.view()});
    session_.send({&frame, 1});
  }
  void on_close(close_reason reason) override {
    notes_.write("closed: " + std::string(text(reason)));
  }

 private:
  connection& session_;
  journal& notes_;
  const order& orders_;
};

class echo_acceptor final : public session_acceptor {
 public:
  std::unique_ptr<client> on_session(connection& session) override {
    if (on_open) on_open(session);
    return std::make_unique<echo_client>(session, notes, orders);
  }
  journal notes;
  std::function<void(connection&)> on_open;
  echo_client::order orders = [](connection& session, std::string_view order) {
    if (order == "close") session.close(close_reason::forced_close);
    if (order == "close twice") {
      session.close(close_reason::forced_close);
      session.close(close_reason::forced_server_close);
    }
  };
};

/// Requests of the engine's path go to it, others are 404.
class engine_routes final : public http::route_table {
 public:
  class not_found final : public http::request_handler {
    void on_request(std::shared_ptr<http::exchange> incoming) override {
      incoming->respond(http::plain_response(404));
    }
  };
  explicit engine_routes(journal& heads) : heads_(heads) {}
  http::route_choice choose(const http::request& head) override {
    if (head.path().starts_with(served->path())) {
      if (whole_requests_only) return {served, 1'000'000};
      auto choice = served->choose(head);
      if (head.method == http::method::post) heads_.write("POST");
      return choice;
    }
    return {std::make_shared<not_found>(), 0};
  }
  std::shared_ptr<engine> served;
  std::atomic<bool> whole_requests_only{false};

 private:
  journal& heads_;
};

class test_server {
 public:
  explicit test_server(engine_options options = {}, std::size_t lanes = 3,
                       std::shared_ptr<http::tls_context> tls = nullptr)
      : lanes_(lanes_of(lanes)), routes_(heads), http_(lanes_, routes_) {
    options.log = logger(log_level::debug, [this](log_level, std::string_view line) {
      log.write(std::string(line));
    });
    lanes_.start();
    routes_.served = engine::make(http_, app, std::move(options));
    http::listen_options where;
    where.address = "127.0.0.1";
    where.tls = std::move(tls);
    port_ = http_.listen(std::move(where)).value().port;
  }
  ~test_server() {
    http_.stop_listening();
    lanes_.stop(seconds(10));
    routes_.served.reset();
  }

  [[nodiscard]] test_client connect() const { return test_client(port_); }
  [[nodiscard]] engine& io() { return *routes_.served; }
  [[nodiscard]] engine_stats stats() { return io().stats(); }
  [[nodiscard]] lane_group& lanes() { return lanes_; }

  void whole_requests_only() { routes_.whole_requests_only = true; }
  [[nodiscard]] http::server& http() { return http_; }

  echo_acceptor app;
  journal log;
  journal heads;  // a line for each POST to the engine whose head was seen

 private:
  static lane_options lanes_of(std::size_t count) {
    lane_options options;
    options.lanes = count;
    return options;
  }

  lane_group lanes_;
  engine_routes routes_;
  http::server http_;
  std::uint16_t port_ = 0;
};

/// Default options, changed by `change(engine_options&)`.
template <class Change>
engine_options with(Change&& change) {
  engine_options options;
  change(options);
  return options;
}

inline std::string url(std::string_view transport, std::string_view sid = {}) {
  std::string target = "/socket.io/?EIO=4&transport=" + std::string(transport);
  if (!sid.empty()) target += "&sid=" + std::string(sid);
  return target;
}

inline std::string sid_of(std::string_view open_packet) {
  const auto at = open_packet.find("\"sid\":\"");
  return at == std::string_view::npos ? std::string() : std::string(open_packet.substr(at + 7, 20));
}

/// Opens a polling session over `by`.
inline std::string open_polling(test_client& by) {
  return sid_of(by.get(url("polling")).body);
}

/// Opens a WebSocket session over `by`; the open packet is read.
inline std::string open_websocket(test_client& by) {
  EXPECT_EQ(by.upgrade(url("websocket")).status, 101U);
  return sid_of(by.frame());
}

}  // namespace gossamer::test
