// Polling payloads: how several packets travel in one body.
//
//     separated  revision 4: joined by 0x1e, binary messages as `b` + base64
//     counted    revision 3: `<length>:<packet>`, the length in UTF-16 code units, binary messages
//                as `b4` + base64
//     binary     revision 3, application/octet-stream: 0x00 (text) or 0x01 (binary), the decimal
//                digits of the length as bytes 0 to 9, 0xff, the packet; the length in bytes
#pragma once

#include "gateway/engineio/packet.hpp"
#include "runtime/base/limits.hpp"
#include "runtime/base/result.hpp"
#include "runtime/base/shared_frame.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gossamer::engineio {

inline constexpr char payload_separator = '\x1e';

enum class payload_form : std::uint8_t { separated, counted, binary };

/// Reads the packets of a POST body one after the other. Holds a view of the body, copies nothing.
///
/// The body is valid UTF-8, but for `binary`, where each text is checked. Stricter than the
/// reference implementation: lengths are decimal digits only, a length does not cut a character or
/// reach beyond the body, the first byte of a binary part is 0 or 1.
///
/// Limits: `limits::payload_packets_max` packets; the size of the body is the HTTP side's limit.
class payload_reader {
 public:
  explicit payload_reader(std::string_view body, payload_form form = payload_form::separated)
      // An empty body is an empty packet, which is wrong, but no packets where they are binary.
      : rest_(body), form_(form), done_(form == payload_form::binary && body.empty()) {}

  [[nodiscard]] bool done() const { return done_; }
  /// The next packet; only while not `done()`. An error ends the payload.
  /// Errors: `errc::bad_packet`, `errc::too_many_packets`.
  [[nodiscard]] result<packet> next();

 private:
  [[nodiscard]] result<packet> next_packet();
  [[nodiscard]] result<packet> next_separated();
  [[nodiscard]] result<packet> next_counted();
  [[nodiscard]] result<packet> next_binary();
  [[nodiscard]] bool take_length(char end, char zero, std::size_t& length);

  std::string_view rest_;
  std::size_t count_ = 0;
  payload_form form_;
  bool done_ = false;
};

/// Writes the answer to a poll.
class payload_writer {
 public:
  explicit payload_writer(payload_form form = payload_form::separated) : form_(form) {}

  /// A message frame (text with its type character, or binary).
  void add(const shared_frame& frame);
  /// A packet without data, or with text.
  void add(packet_type type, std::string_view data = {});

  [[nodiscard]] bool empty() const { return text_.empty(); }
  void reserve(std::size_t size_bytes) { text_.reserve(size_bytes); }
  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  void add_text(std::string_view type, std::string_view data);
  void add_bytes(std::string_view data);
  void add_length(std::size_t length, bool binary);

  std::string text_;
  payload_form form_;
};

/// At most what `frame` takes in a payload of any form.
[[nodiscard]] std::size_t payload_size(const shared_frame& frame);

}  // namespace gossamer::engineio
