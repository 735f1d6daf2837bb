// In-memory clients for tests of the actors: real lanes, no sockets.
//
// `world` runs an actor system on lanes and a server core; `fake_client` is a session on one of the
// lanes. Calls from the test's thread block until the lane has done them; `settle()` returns when
// all that was under way between lanes has arrived.
#pragma once

#include "actors/include/gossamer/nsp.hpp"
#include "actors/ports/connection.hpp"
#include "actors/runtime_side.hpp"
#include "actors/server_core.hpp"
#include "runtime/base/random.hpp"
#include "runtime/lanes/lane_group.hpp"

#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace gossamer::test {

class fake_handshake final : public handshake_info {
 public:
  [[nodiscard]] std::string_view url() const override { return "/socket.io/?EIO=4"; }
  [[nodiscard]] std::optional<std::string> header(std::string_view) const override { return {}; }
  [[nodiscard]] std::optional<std::string> query(std::string_view) const override { return {}; }
  void each_header(visitor, void*) const override {}
  void each_query(visitor, void*) const override {}
  [[nodiscard]] std::string_view address() const override { return "127.0.0.1"; }
  [[nodiscard]] bool secure() const override { return false; }
  [[nodiscard]] bool xdomain() const override { return false; }
  [[nodiscard]] std::int64_t issued_ms() const override { return 0; }
};

class world;

/// One session. All members but the constructor's may be used from the test's thread.
class fake_client final : public connection {
 public:
  fake_client(world& in, lane& home) : world_(in), home_(home) {}
  /// A client of Engine.IO revision 3.
  fake_client(world& in, lane& home, const session_id& id)
      : world_(in), home_(home), id_(id), revision_(3) {}

  /// A text message from the client, e.g. `40` or `2["a"]` (without Engine.IO's type).
  void says(const std::string& message);
  void says_binary(const std::string& content);
  /// The transport breaks.
  void drops(close_reason why = close_reason::transport_close);
  /// Joins a namespace and returns the socket's id.
  std::string joins(const std::string& nsp = "/");
  /// Payloads of the frames that were sent so far (with Engine.IO's `4` where it is text).
  [[nodiscard]] std::vector<std::string> received();
  /// Those of them that the application does not want compressed.
  [[nodiscard]] std::vector<std::string> received_plain() {
    const std::lock_guard lock(mutex_);
    return plain_;
  }
  void forget_received();
  [[nodiscard]] std::optional<close_reason> closed();
  /// Frames count as unsent: volatile is dropped.
  std::atomic<bool> busy{false};

  // -- connection -------------------------------------------------------------------------------
  [[nodiscard]] lane& home() const override { return home_; }
  [[nodiscard]] const session_id& id() const override { return id_; }
  [[nodiscard]] int revision() const override { return revision_; }
  [[nodiscard]] transport_kind transport() const override { return transport_kind::websocket; }
  [[nodiscard]] std::shared_ptr<const handshake_info> handshake() const override { return info_; }
  send_status send(std::span<const shared_frame> frames) override {
    if (reason_) return send_status::closed;
    const std::lock_guard lock(mutex_);
    for (const auto& frame : frames) {
      received_.emplace_back(frame.payload());
      if (frame.plain_only()) plain_.emplace_back(frame.payload());
    }
    return send_status::queued;
  }
  [[nodiscard]] bool ready_for_volatile() const override { return !busy; }
  [[nodiscard]] std::size_t queued_bytes() const override { return 0; }
  void check_budget() override {}
  void close(close_reason reason) override {
    if (reason_) return;
    reason_ = reason;
    // A real session ends its client when nothing of it is running.
    (void)home_.post([this] { end(); });
  }

 private:
  friend class world;
  void begin();
  void end() {
    if (client_ == nullptr) return;
    client_->on_close(*reason_);
    client_.reset();
  }

  world& world_;
  lane& home_;
  session_id id_;
  int revision_ = 4;
  std::shared_ptr<const handshake_info> info_ = std::make_shared<fake_handshake>();
  std::unique_ptr<client> client_;
  std::optional<close_reason> reason_;
  std::mutex mutex_;
  std::vector<std::string> received_;
  std::vector<std::string> plain_;
};

class world {
 public:
  explicit world(std::size_t lanes = 2, detail::socketio_options options = {});
  ~world();
  world(const world&) = delete;
  world& operator=(const world&) = delete;

  [[nodiscard]] nsp of(std::string_view name) { return nsp(core_->of(name)); }
  [[nodiscard]] detail::server_core& core() { return *core_; }
  [[nodiscard]] lane_group& lanes() { return runtime_->lanes(); }
  [[nodiscard]] caf::actor_system& system() { return runtime_->system(); }
  /// After the handlers are registered.
  void start();
  /// A client that is connected to no namespace yet.
  fake_client& open(std::size_t lane);
  /// One of revision 3, whose session has this id; empty: an id that names the lane.
  fake_client& open_old(std::size_t lane, std::string_view id = {});
  /// Runs `what` on a lane and waits for it; with `as_callback` as if in a handler.
  void on_lane(std::size_t lane, const std::function<void()>& what, bool as_callback = false);
  /// Waits until what has been posted so far, and what that posted in turn, has run.
  void settle();
  [[nodiscard]] std::vector<std::string> log_lines();

 private:
  std::mutex mutex_;
  std::vector<std::string> log_;
  std::unique_ptr<detail::runtime_side> runtime_;
  std::unique_ptr<detail::server_core> core_;
  std::vector<std::unique_ptr<fake_client>> clients_;
  bool started_ = false;
};

}  // namespace gossamer::test
