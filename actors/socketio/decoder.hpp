// Decodes what one client sends: text messages, and the binary messages that belong to them.
//
// Pure. One per connection (namespaces share it, and so do polling requests). Empty it is one
// pointer; it holds memory only while attachments are missing. The grammar:
//
//     type [ attachments "-" ] [ "/" nsp "," ] [ ack id ] [ JSON ]
//
// The JSON is checked and kept as text; no tree is built.
//
// Departures from Node's socket.io-parser 4.2.7, all of them stricter: type, count and id are
// decimal digits only (Node takes anything that JavaScript converts to a number, `1e1` or a space),
// placeholder numbers are checked when the header arrives and must be integers, nesting is bounded.
//
// Limits: limits.hpp (attachments_max, json_depth_max, event_name_bytes_max, namespace_bytes_max).
// Errors: any error means that the connection must be closed; the decoder is then empty.
#pragma once

#include "actors/socketio/errc.hpp"
#include "actors/socketio/packet.hpp"
#include "runtime/base/limits.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

namespace gossamer::socketio {

struct decoder_options {
  std::size_t attachments_max = limits::attachments_max;
  std::size_t json_depth_max = limits::json_depth_max;
  std::size_t namespace_bytes_max = limits::namespace_bytes_max;  // with a query, if it has one
};

class decoder {
 public:
  decoder();
  decoder(decoder&&) noexcept;
  decoder& operator=(decoder&&) noexcept;
  ~decoder();

  /// A text message, without the Engine.IO type. Empty if attachments have to follow. The packet
  /// refers to `message`.
  [[nodiscard]] result<std::optional<packet>> on_text(std::string_view message,
                                                      const decoder_options& options = {});
  /// A binary message. The packet comes with the last attachment.
  [[nodiscard]] result<std::optional<packet>> on_binary(bytes message);

  /// Are attachments missing?
  [[nodiscard]] bool pending() const { return assembly_ != nullptr; }
  /// Of a packet whose attachments are missing.
  [[nodiscard]] std::size_t held_bytes() const;

 private:
  struct assembly;
  std::unique_ptr<assembly> assembly_;
};

}  // namespace gossamer::socketio
