// A listening socket and its accept loop.
//
// Runs on: the service lane, but for what is marked. Owns: the descriptor and, for a Unix socket,
// its path. An accepted descriptor goes to the clients' lane with the fewest connections.
// Limits: accepts `batch_max` per turn. Without a free descriptor (EMFILE, ENFILE, ENOBUFS, ENOMEM)
// it pauses for 100 ms, then twice as long up to 3.2 s; clients wait in the kernel's backlog. The
// pause is counted, and logged at most once a second.
#pragma once

#include "gateway/http/server.hpp"
#include "runtime/base/result.hpp"
#include "runtime/base/time.hpp"
#include "runtime/lanes/lane.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace gossamer::http {

struct socket_address;

class listener final : public pollable, private timer {
 public:
  static constexpr int batch_max = 64;

  listener(server& owner, lane& home, std::shared_ptr<tls_context> tls);
  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;
  ~listener();

  /// Binds and listens. Any thread, once, before start().
  [[nodiscard]] result<endpoint> bind(const listen_options& where);
  /// Begins to accept. Any thread.
  [[nodiscard]] result<void> start();
  /// Closes the port; returns when no more is accepted. Any thread but a lane.
  void stop();

  /// Times that accepting paused for want of descriptors. Any thread.
  [[nodiscard]] std::uint64_t pauses() const { return pauses_.load(std::memory_order_relaxed); }

  void on_ready(std::uint32_t events) override;

 private:
  void on_timer(time_point now) override;
  [[nodiscard]] bool accept_one();
  void hand_out(detached_connection&& accepted);
  [[nodiscard]] error_code bind_to(const socket_address& address, std::optional<unsigned> mode);
  void remove_unix_path() const;
  void pause(int error);
  void close();

  server& owner_;
  lane& home_;
  std::shared_ptr<tls_context> tls_;
  int fd_ = -1;
  bool watched_ = false;
  std::string unix_path_;
  std::uint64_t unix_device_ = 0, unix_inode_ = 0;  // of the file that is ours
  milliseconds pause_{0};
  time_point logged_{};
  std::atomic<std::uint64_t> pauses_{0};
};

}  // namespace gossamer::http
