// Decodes what a client sends over a WebSocket connection: frames in, messages out (RFC 6455, 5).
//
// Pure: the caller reads bytes into any buffer and pulls events out of them:
//
//     std::span<char> input = what_was_read;
//     while (auto event = decoder.next(input)) carry_out(*event);
//
// A message of one frame that lies whole in the input is unmasked in place and handed out as a
// view of it, without a copy. Anything else (a partial header, a frame cut by the end of the input,
// fragments) is gathered in a block on the heap that exists only meanwhile: an idle decoder is 16
// bytes.
//
// A deflated message (RFC 7692) is gathered as it came and inflated when it is complete, with the
// state of the thread: the connection keeps neither a state nor a window.
//
// Owns: at most one unfinished message. Its memory grows with the bytes that arrived (at most
// twice as many), never with the length that a header announces; what an inflated message takes, at
// most twice its size, is held until the next call.
// Limits: message size over all fragments (constructor; close code 1009, decided at the frame
// header); of a deflated message the inflated size (1009, as soon as it is exceeded), and its
// frames may have an eighth more, as data that cannot be deflated grows a little;
// limits::websocket_fragments_max frames in a message (1009), 125 bytes in a control
// frame. Errors: an event `failed` with the close code to send. After it, or after `closed`,
// everything that comes is ignored.
#pragma once

#include "gateway/websocket/errc.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace gossamer::websocket {

struct frame_header;

enum class event_kind : std::uint8_t {
  text,    // a message; `payload` is valid UTF-8
  binary,  // a message
  ping,    // answer with pong_frame(payload)
  pong,
  closed,  // the client closes: answer with close_frame(code), then close the connection
  failed,  // the client broke a rule: send close_frame(code), then close the connection
};

struct event {
  event_kind kind = event_kind::failed;
  /// closed: what the client said, `no_status` if nothing. failed: what to tell it.
  close_code code = close_code::no_status;
  /// failed: the broken rule.
  errc error = errc::none;
  /// The message, the content of the ping or pong, or the reason of the close. Valid until the next
  /// call of the decoder, and as long as the input buffer.
  std::string_view payload = {};
};

/// One connection's decoder. One thread at a time.
class frame_decoder {
 public:
  /// Messages over `message_bytes_max` are refused with 1009. `deflate`: permessage-deflate was
  /// negotiated.
  explicit frame_decoder(std::uint32_t message_bytes_max, bool deflate = false);
  frame_decoder(frame_decoder&& other) noexcept;
  frame_decoder& operator=(frame_decoder&& other) noexcept;
  ~frame_decoder();

  /// The next event in `input`, which is moved past the bytes used; they may have been changed.
  /// Nothing: all input was used, more is needed. Call it until then: that call also frees what the
  /// last event lay in.
  [[nodiscard]] std::optional<event> next(std::span<char>& input);

  /// True after `closed` or `failed`.
  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] bool deflate() const { return deflate_; }
  /// Heap memory held for an unfinished message or frame; 0 between messages.
  [[nodiscard]] std::size_t buffered_bytes() const;

 private:
  struct pending;

  // Each takes some input off and sets `out` if an event is complete.
  void step(std::span<char>& input, std::optional<event>& out);
  void start_frame(std::span<char>& input, std::optional<event>& out);
  void collect(std::span<char>& input, std::optional<event>& out);
  void begin_data(const frame_header& header, std::span<char>& input, std::optional<event>& out);
  void take_payload(std::span<char>& input, std::optional<event>& out);
  void whole_message(const frame_header& header, std::span<char> payload,
                     std::optional<event>& out);
  event finish_message();
  event deliver_inflated(std::string_view deflated);
  event control(const frame_header& header, std::span<char> payload);
  event close(std::string_view payload);
  event fail(errc error);
  void keep(std::span<char>& input);
  void forget_delivered();
  [[nodiscard]] errc check_message_rules(const frame_header& header) const;

  std::unique_ptr<pending> pending_;  // null unless something is unfinished
  std::uint32_t message_bytes_max_;
  bool deflate_ = false;
  bool ended_ = false;
};

}  // namespace gossamer::websocket
