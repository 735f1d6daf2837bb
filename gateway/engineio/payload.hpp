// Polling payloads, revision 4: packets joined by 0x1e, binary messages as `b` + base64.
#pragma once

#include "gateway/engineio/packet.hpp"
#include "runtime/base/limits.hpp"
#include "runtime/base/result.hpp"
#include "runtime/base/shared_frame.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace gossamer::engineio {

inline constexpr char payload_separator = '\x1e';

/// Reads the packets of a POST body one after the other. Holds a view of the body, copies nothing.
///
/// Limits: `limits::payload_packets_max` packets; the size of the body is the HTTP side's limit.
class payload_reader {
 public:
  explicit payload_reader(std::string_view body) : rest_(body) {}

  [[nodiscard]] bool done() const { return done_; }
  /// The next packet; only while not `done()`. An error ends the payload.
  /// Errors: `errc::bad_packet`, `errc::too_many_packets`.
  [[nodiscard]] result<packet> next();

 private:
  std::string_view rest_;
  std::size_t count_ = 0;
  bool done_ = false;
};

/// Writes the answer to a poll.
class payload_writer {
 public:
  /// A message frame (text with its type character, or binary).
  void add(const shared_frame& frame);
  /// A packet without data, or with text.
  void add(packet_type type, std::string_view data = {});

  [[nodiscard]] bool empty() const { return text_.empty(); }
  void reserve(std::size_t size_bytes) { text_.reserve(size_bytes); }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  void separate();
  std::string text_;
};

/// What `frame` takes in a payload, separator included.
[[nodiscard]] std::size_t payload_size(const shared_frame& frame);

}  // namespace gossamer::engineio
