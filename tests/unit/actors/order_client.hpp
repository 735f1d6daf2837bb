// The receiving side of ordering_test.cpp: what a receiver has seen, and clients that read at once.
#pragma once

#include "actors/ports/connection.hpp"
#include "actors/server_core.hpp"
#include "runtime/lanes/lane.hpp"
#include "tests/unit/actors/fake_clients.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace gossamer::test {

/// How a message was sent. The last two are for clients that are being disconnected.
enum way : std::uint8_t {
  by_room,
  by_nsp,
  by_socket,
  while_in,
  while_out,
  farewell,
  too_late,
  ways
};
/// The ways that senders take in turn.
inline constexpr std::size_t turns = while_out + 1;

inline std::atomic<std::uint64_t> delivered{0};

/// What one receiver has seen. Touched by one thread at a time.
struct ledger {
  struct from_sender {
    std::int64_t last = -1;                 // number
    std::array<std::int64_t, ways> next{};  // number among those of its way; -1: none seen yet
    std::array<std::uint64_t, ways> seen{};
    from_sender() { next.fill(-1); }
  };
  std::vector<from_sender> from;
  std::uint64_t inversions = 0;  // also duplicates
  std::uint64_t gaps = 0;
  std::uint64_t garbled = 0;

  explicit ledger(std::size_t senders) : from(senders) {}
  /// "sender,number,way,number among those of this way"
  void take(std::string_view items) {
    std::array<std::int64_t, 4> value{};
    const char* at = items.data();
    const char* const end = at + items.size();
    for (auto& each : value) {
      const auto read = std::from_chars(at, end, each);
      if (read.ec != std::errc()) {
        ++garbled;
        return;
      }
      at = std::min(read.ptr + 1, end);
    }
    auto& sender = from.at(static_cast<std::size_t>(value[0]));
    const auto by = static_cast<std::size_t>(value[2]);
    if (value[1] <= sender.last) ++inversions;
    sender.last = value[1];
    auto& next = sender.next.at(by);
    if (next != -1 && value[3] != next) ++gaps;
    next = value[3] + 1;
    ++sender.seen[by];
    delivered.fetch_add(1, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t faults() const { return inversions + gaps + garbled; }
  /// True if the last one seen of this way, if any, is number `sent` - 1.
  [[nodiscard]] bool is_up_to(std::size_t sender, way by, std::uint64_t sent) const {
    const auto next = from[sender].next[by];
    return next == -1 || next == static_cast<std::int64_t>(sent);
  }
};

/// A session whose frames are read at once. On its lane.
class order_client final : public connection {
 public:
  order_client(detail::server_core& server, lane& home, std::size_t senders)
      : senders_(senders), server_(server), home_(home) {}
  void begin() {
    id_ = session_id(home_.random(), {}, home_.index());
    book = std::make_unique<ledger>(senders_);
    over_ = false;
    ++session_;
    client_ = server_.on_session(*this);
    client_->on_text("0");
  }
  void says(std::string_view text) {
    if (client_ != nullptr) client_->on_text(text);
  }
  void end(close_reason why) {
    over_ = true;
    if (client_ == nullptr) return;
    client_->on_close(why);
    client_.reset();
  }
  /// The server has ended the socket, or the connection.
  [[nodiscard]] bool over() const { return over_; }
  [[nodiscard]] lane& home() const override { return home_; }
  [[nodiscard]] const session_id& id() const override { return id_; }
  [[nodiscard]] int revision() const override { return 4; }
  [[nodiscard]] transport_kind transport() const override { return transport_kind::websocket; }
  [[nodiscard]] std::shared_ptr<const handshake_info> handshake() const override { return info_; }
  send_status send(std::span<const shared_frame> frames) override {
    if (over_) ++after_end;
    const auto text = frames.front().payload();
    constexpr std::string_view start = "42[\"m\",";
    if (text.starts_with(start)) book->take(text.substr(start.size()));
    over_ = over_ || text == "41";
    return send_status::queued;
  }
  [[nodiscard]] bool ready_for_volatile() const override { return true; }
  [[nodiscard]] std::size_t queued_bytes() const override { return 0; }
  void check_budget() override {}
  void close(close_reason reason) override {
    over_ = true;
    (void)home_.post([this, reason, session = session_] {
      if (session == session_) end(reason);
    });
  }

  std::unique_ptr<ledger> book;  // of this session, or the last one
  std::uint64_t after_end = 0;
  detail::socket_ref ref;  // of a stable client, set when it is made

 private:
  std::size_t senders_;
  detail::server_core& server_;
  lane& home_;
  session_id id_;
  std::shared_ptr<const handshake_info> info_ = std::make_shared<fake_handshake>();
  std::unique_ptr<client> client_;
  std::uint64_t session_ = 0;
  bool over_ = true;
};

}  // namespace gossamer::test
