// The server's end of a WebSocket that is memory: what a session sends waits here until the client
// takes it.
//
// Runs on: the session's lane, which is driven by the test's thread; `taken`, `taking` and `ended`
// on that thread.
#pragma once

#include "gateway/transport/websocket_link.hpp"
#include "runtime/base/shared_frame.hpp"
#include "runtime/lanes/lane.hpp"
#include "runtime/lanes/pollable.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace gossamer::testing::detail {

class memory_link final : public transport::websocket_link,
                          private flushable,
                          public std::enable_shared_from_this<memory_link> {
 public:
  memory_link(connection_slot on, std::size_t message_bytes_max);

  [[nodiscard]] lane& home() const { return *home_; }

  // -- the client's end -------------------------------------------------------------------------

  /// What has arrived since the last call.
  [[nodiscard]] std::vector<shared_frame> taken();
  /// Does the client take what comes? If not it waits as in a full socket.
  void set_taking(bool on);
  [[nodiscard]] bool ended() const { return ended_; }
  /// Bytes of the client. *Lane*.
  void receive(std::string data);
  /// The connection breaks. *Lane*.
  void break_off();

  // -- the session's end ------------------------------------------------------------------------

  std::size_t send(const shared_frame& frame) override;
  [[nodiscard]] std::size_t queued_bytes() const override { return queued_bytes_; }
  [[nodiscard]] bool unsent_from_earlier_turn() const override { return blocked_; }
  [[nodiscard]] time_point last_progress() const override { return last_progress_; }
  void hold() override { held_ = true; }
  void release() override;
  void end() override;
  void abort() override;

 private:
  void keep(std::span<char> rest) override { kept_.append(rest.data(), rest.size()); }
  [[nodiscard]] bool held() const override { return held_; }
  void flush() override;
  void give_up();

  const std::shared_ptr<lane> home_;  // a test may keep its client longer than the server
  connection_slot slot_;
  std::vector<shared_frame> queue_;  // of the server
  std::size_t queued_bytes_ = 0;
  std::vector<shared_frame> arrived_;  // at the client
  std::string kept_;                   // of the client, while held
  time_point last_progress_{};
  bool taking_ = true;
  bool blocked_ = false;
  bool held_ = false;
  bool ending_ = false;  // when the queue is empty
  bool ended_ = false;
};

}  // namespace gossamer::testing::detail
