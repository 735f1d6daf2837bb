// A WebSocket whose connection stays on its own lane while its session lives on another: bytes of
// the client go to the session's lane, frames come back.
//
//     front lane                        owner lane
//     http::connection
//       relay_front  -- received -->    relayed_link -- session
//                    <-- consumed --
//                    <-- frames -----
//                    -- sent ------->
//                    <-- end --------
//                    -- closed ----->   the last word: the link is destroyed
//
// For connections that cannot move: TLS, or one that still sends an earlier answer.
//
// Limits: at most `relay_unread_max` bytes of the client are under way, then the front stops
// reading until the owner has consumed them. In the other direction the owner counts what the
// client has not taken as queued, so its byte budget sees the far queue.
#pragma once

#include "gateway/transport/websocket_link.hpp"
#include "runtime/base/result.hpp"
#include "runtime/lanes/lane.hpp"
#include "runtime/lanes/pollable.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace gossamer::transport {

class engine;
class relay_front;
class relayed_link;

inline constexpr std::size_t relay_unread_max = 256U << 10U;

/// What both ends share. Each pointer belongs to the lane beside it and is only used there.
struct relay {
  std::shared_ptr<engine> owner_engine;
  lane& front_lane;
  lane& owner_lane;
  relay_front* front = nullptr;
  relayed_link* link = nullptr;
};

/// The connection's protocol. Runs on: the front lane.
class relay_front final : public http::protocol {
 public:
  relay_front(http::connection& below, std::shared_ptr<relay> shared);
  ~relay_front() override;

  void on_bytes(std::span<char> data) override;
  void on_drained() override { report_sent(); }
  void on_closed(error_code why) override;

  void consumed(std::size_t size);
  void send(const std::vector<shared_frame>& frames);
  void end(bool at_once);

 private:
  void report_sent();

  http::connection& below_;
  std::shared_ptr<relay> shared_;
  std::size_t unread_ = 0;      // under way to the owner
  std::uint64_t received_ = 0;  // bytes of frames that came
  std::uint64_t reported_ = 0;  // of them, told to the owner as sent
};

/// The session's end. Runs on: the owner lane, owned by its lane_sessions.
class relayed_link final : public websocket_link, private flushable {
 public:
  relayed_link(std::shared_ptr<relay> shared, std::size_t message_bytes_max, bool deflate);
  ~relayed_link() override;

  std::size_t send(const shared_frame& frame) override;
  [[nodiscard]] std::size_t queued_bytes() const override { return given_ - sent_; }
  [[nodiscard]] bool unsent_from_earlier_turn() const override { return posted_ != sent_; }
  [[nodiscard]] time_point last_progress() const override { return last_progress_; }
  void hold() override { held_ = true; }
  void release() override;
  void end() override;
  void abort() override;

  void received(std::string data);
  void sent(std::uint64_t total);
  void closed() { lost(); }

 private:
  void keep(std::span<char> rest) override;
  [[nodiscard]] bool held() const override { return held_; }
  void flush() override;
  void process(std::string data);
  void resume();
  void post_end(bool at_once);

  std::shared_ptr<relay> shared_;
  std::vector<shared_frame> frames_;  // of this turn
  std::string kept_;                  // while held
  std::uint64_t given_ = 0;           // bytes of frames that were given to send()
  std::uint64_t posted_ = 0;          // of them, with the front
  std::uint64_t sent_ = 0;            // of them, taken by the client's kernel
  time_point last_progress_{};
  bool held_ = false;
  bool resuming_ = false;  // released, but what was kept is still to be consumed
  bool ended_ = false;
};

}  // namespace gossamer::transport
