// All connections of one lane.
//
// Runs on: its lane, but for the counters. Owns: the connections, their pool of queue chunks, and
// what is left to do at the end of a turn: protocols that were replaced, bytes that were not
// consumed, connections that ended.
#pragma once

#include "gateway/http/connection.hpp"
#include "gateway/http/send_queue.hpp"
#include "gateway/http/tls_filter.hpp"
#include "runtime/lanes/lane.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace gossamer::http {

/// Counters of a lane's connections. Written by the lane, read from any thread.
struct connection_counters {
  std::atomic<std::uint64_t> opened{0};
  std::atomic<std::uint64_t> closed{0};
  std::atomic<std::uint64_t> bytes_in{0};
  std::atomic<std::uint64_t> bytes_out{0};
  std::atomic<std::uint64_t> writes{0};  // system calls that sent something
  std::atomic<std::uint64_t> tls_failures{0};
};

class connection_registry final : private flushable {
 public:
  explicit connection_registry(lane& home);
  connection_registry(const connection_registry&) = delete;
  connection_registry& operator=(const connection_registry&) = delete;
  ~connection_registry();  // on the lane or after it has ended; calls no protocol

  [[nodiscard]] lane& home() const { return home_; }
  [[nodiscard]] std::size_t count() const { return all_.size(); }
  [[nodiscard]] const connection_counters& counters() const { return counters_; }
  /// What all queues hold but for their first frames. Any thread.
  [[nodiscard]] std::uint64_t queued_bytes() const { return chunks_.bytes_waiting(); }

  /// Takes over a descriptor (made non-blocking by the caller) and watches it. The caller calls
  /// become() on the result in the same turn. `tls` is a server's handshake to come, or null.
  connection& adopt(detached_connection&& from, std::unique_ptr<tls_filter> tls = nullptr);

  /// Calls `visit(connection&)` for each; it may close connections, not open any.
  template <class Visit>
  void each(Visit&& visit) {
    for (std::size_t i = 0; i < all_.size(); ++i) visit(*all_[i]);
  }

 private:
  friend class connection;
  void flush() override;  // the end of a turn
  void wake() { home_.mark_dirty(*this); }
  void retire(std::unique_ptr<protocol> old);
  void keep_unread(connection& of, std::span<const char> data);
  [[nodiscard]] std::string take_unread(connection& of);
  void ended(connection& which, error_code why, bool tell);
  void deliver_unread();
  void report_ended();
  [[nodiscard]] std::unique_ptr<connection> take_out(connection& which);

  struct end_report {
    connection* which;
    error_code why;
    bool tell;
  };
  struct leftover {
    connection* of;
    std::string data;
  };

  lane& home_;
  chunk_pool chunks_;
  std::vector<std::unique_ptr<connection>> all_;
  std::vector<std::unique_ptr<protocol>> retired_;
  std::vector<leftover> unread_;
  std::vector<end_report> ended_;
  connection_counters counters_;
};

}  // namespace gossamer::http
