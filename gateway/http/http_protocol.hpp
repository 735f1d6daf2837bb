// HTTP/1.1 on one connection: requests in, answers out in their order.
//
//     bytes -> request_reader -> route_table (after the head) -> request_handler (after the body)
//                                                                       |
//     connection.send <- front slots that are answered <- slots <- exchange::respond
//
// Runs on: the connection's lane. Owns: the request that is being read, a slot for each request
// whose answer is due. Nothing of that while the connection is idle.
// Limits: those of server_options. At `pipeline_max` open requests, or with 4 MiB of answers
// unsent, reading stops. All times are kept by the connection's one timer.
// Errors: every refusal is answered, counted, and closes the connection.
#pragma once

#include "gateway/http/errc.hpp"
#include "gateway/http/exchange.hpp"
#include "gateway/http/handler.hpp"
#include "gateway/http/protocol.hpp"
#include "gateway/http/request_reader.hpp"
#include "gateway/http/response.hpp"
#include "runtime/base/time.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace gossamer::http {

class connection;
class lane_server;

class http_protocol final : public protocol {
 public:
  http_protocol(connection& on, lane_server& part);
  ~http_protocol() override;

  void on_bytes(std::span<char> data) override;
  void on_closed(error_code why) override;
  void on_drained() override;
  void on_timer(time_point now) override;
  void on_half_closed() override;
  void on_stopping() override;

  /// Answers instead of a handler, then closes.
  void refuse(refusal why);

 private:
  friend class exchange;

  // A request whose answer is due.
  struct slot {
    exchange* open = nullptr;  // not yet answered
    encoded_response ready;    // answered, but earlier ones are due
    bool head_only = false;
    bool close = false;
  };
  // The request that is being read.
  struct incoming {
    incoming(std::size_t head_bytes_max, std::size_t fields_max)
        : reader(head_bytes_max, fields_max) {}
    request_reader reader;
    std::shared_ptr<request_handler> handler;
    time_point deadline{};      // of the head, then of the body
    bool continue_due = false;  // `100 Continue`, once earlier answers are out
    bool deferred = false;      // complete, but an upgrade has to wait for earlier answers
  };

  // For exchange.
  void answer(std::uint32_t number, response&& with);
  void dropped(std::uint32_t number);
  [[nodiscard]] connection* hijack(std::uint32_t number);

  [[nodiscard]] bool read_request(std::string_view& data);
  [[nodiscard]] request_reader::progress on_head();
  void on_request();
  void dispatch();
  void send_answered();
  void send_continue();
  void abort_open(bool tell = true);
  [[nodiscard]] bool may_read() const;
  void update_reading();
  void update_timer();
  [[nodiscard]] head_context context_of(const slot& answered) const;

  connection& connection_;
  lane_server& part_;
  std::unique_ptr<incoming> incoming_;
  std::vector<slot> slots_;
  std::uint32_t first_number_ = 0;  // of the request in the first slot
  bool no_more_requests_ = false;   // what comes is thrown away
  bool upgrade_pending_ = false;
  bool hijacked_ = false;
};

}  // namespace gossamer::http
