// One connection of a test's client: Engine.IO and Socket.IO as a client speaks them.
//
// Runs on: the test's thread. Owned by the universe.
#pragma once

#include "actors/socketio/decoder.hpp"
#include "gateway/server_inside.hpp"
#include "gateway/testing/include/gossamer/testing.hpp"
#include "gateway/testing/memory_link.hpp"
#include "gateway/websocket/frame_header.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gossamer::testing::detail {

class universe;

/// Where a connection leads.
struct destination {
  const void* server = nullptr;
  gossamer::detail::server_inside inside;
  std::shared_ptr<const parser> packets;  // null: the default one
};

class wire : public std::enable_shared_from_this<wire> {
 public:
  wire(const std::shared_ptr<universe>& in, destination to, connect_options how);

  /// Opens the connection; its sockets join as soon as it is open.
  void open();
  void add(const std::shared_ptr<client_core>& who);
  /// Reads what has come. False: nothing had.
  bool work();

  [[nodiscard]] bool is_of(const void* server) const { return to_.server == server; }
  [[nodiscard]] bool open_now() const { return opened_ && !closed_; }
  [[nodiscard]] const parser* packets() const { return to_.packets.get(); }
  [[nodiscard]] const std::vector<std::shared_ptr<client_core>>& sockets() const { return cores_; }

  /// Sends Socket.IO frames as a client does.
  void send(const socketio::frame_set& frames);
  void send_text(std::string_view message);
  /// By a close frame; with `breaks` by nothing at all.
  void close(bool breaks, std::string_view reason);
  void set_frozen(bool on);
  void run();
  /// The same destination, for another connection.
  [[nodiscard]] std::shared_ptr<wire> another() const;

 private:
  friend struct opening;
  void send_frame(websocket::opcode code, std::string_view payload);
  void on_frame(const shared_frame& frame);
  void on_text(std::string_view message);
  void on_packet(result<std::optional<socketio::packet>> packet);
  void on_closed();
  [[nodiscard]] socketio::decoder_options decoding() const;

  const std::weak_ptr<universe> universe_;
  const destination to_;
  const connect_options how_;
  std::shared_ptr<memory_link> link_;
  std::vector<std::shared_ptr<client_core>> cores_;
  socketio::decoder decoder_;
  parser_memory_ptr memory_;
  std::string close_reason_ = "transport close";
  bool opened_ = false;
  bool closed_ = false;
  bool frozen_ = false;
};

struct answer_state {
  std::string asked;
  std::optional<args> arrived;
};

}  // namespace gossamer::testing::detail
