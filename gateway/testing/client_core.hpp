// One socket of a test's client: what is behind `client`.
//
// Runs on: the test's thread.
#pragma once

#include "gateway/testing/include/gossamer/testing.hpp"
#include "gateway/testing/wire.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace gossamer::testing::detail {

class client_core : public std::enable_shared_from_this<client_core> {
 public:
  client_core(std::string nsp, boost::json::value auth)
      : nsp_(nsp.starts_with('/') ? std::move(nsp) : "/" + nsp), auth_(std::move(auth)) {}

  void put_on(const std::shared_ptr<wire>& connection) { wire_ = connection; }
  [[nodiscard]] std::shared_ptr<wire> connection() const { return wire_.lock(); }
  /// Errors: std::logic_error if it is not connected.
  [[nodiscard]] wire& connected_wire() const;
  [[nodiscard]] const std::string& nsp() const { return nsp_; }
  [[nodiscard]] socketio::packet_address address() const;

  // -- from the connection ----------------------------------------------------------------------

  void join();  // the connection is open
  void on_packet(const socketio::packet& packet);
  void on_end(const std::string& reason);

  // -- state ------------------------------------------------------------------------------------

  bool connected = false;
  bool recovered = false;
  bool left = false;  // of its own will
  std::string id;
  std::optional<connect_refusal> refused;
  std::optional<std::string> disconnect_reason;
  std::deque<event> events;
  std::map<std::string, std::function<void(const event&)>, std::less<>> handlers;
  std::map<std::uint64_t, std::weak_ptr<answer_state>> answers;
  std::uint64_t next_id = 0;

 private:
  void on_connect(std::string_view payload);
  void on_event(const socketio::packet& packet);
  void on_refusal(std::string_view payload);

  const std::string nsp_;
  const boost::json::value auth_;
  std::string pid_;     // of its session, where recovery is on
  std::string offset_;  // of the last event
  std::weak_ptr<wire> wire_;
};

}  // namespace gossamer::testing::detail
