// A plain blocking client for loopback tests.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace gossamer::http::test {

/// What came before a wait ended.
struct answer {
  std::string head;  // with the empty line
  std::string body;
  [[nodiscard]] unsigned status() const;
  [[nodiscard]] std::string field(std::string_view name) const;
};

class client {
 public:
  client() = default;
  /// Connects to 127.0.0.1; a receive buffer size of 0 is the system's.
  explicit client(std::uint16_t port, int receive_buffer = 0);
  client(const client&) = delete;
  client& operator=(const client&) = delete;
  client(client&& other) noexcept;
  ~client();
  static client to_unix(const std::string& path);

  void write(std::string_view data);
  /// Like write, but gives up when the peer does not take more.
  bool try_write(std::string_view data);
  /// One answer with its Content-Length; `to_head`: without body. Fails the test after 20 s.
  answer read_answer(bool to_head = false);
  /// Exactly so many bytes, fewer at the end of the stream.
  std::string read(std::size_t size);
  /// Everything up to the end of the stream; `was_reset` says how it ended.
  std::string read_all();
  [[nodiscard]] bool was_reset() const { return reset_; }
  void finish_writing();
  void close();
  /// close() with a reset.
  void reset();
  [[nodiscard]] int fd() const { return fd_; }

 private:
  bool fill();

  int fd_ = -1;
  bool reset_ = false;
  std::string buffer_;
};

}  // namespace gossamer::http::test
