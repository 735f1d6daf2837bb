// One HTTP request as handlers see it.
#pragma once

#include "gateway/http/header_fields.hpp"
#include "gateway/http/peer_address.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gossamer::http {

enum class method : std::uint8_t { get, head, post, put, patch, delete_, options, other };
[[nodiscard]] std::string_view text(method value);
[[nodiscard]] method method_from(std::string_view name);

/// Plain data. Field names and values were checked by the parser: no control characters.
struct request {
  http::method method = method::get;
  bool http_1_0 = false;
  bool keep_alive = true;
  bool secure = false;            // came over TLS
  bool expects_continue = false;  // `Expect: 100-continue`
  bool chunked = false;           // framing, used by the reader
  std::uint64_t content_length = 0;
  peer_address peer;
  std::string target;  // as sent: path and query
  header_fields headers;
  std::string body;

  /// The target up to the `?`, as sent (not percent-decoded). An absolute target loses its scheme
  /// and authority (RFC 9112, 3.2.2).
  [[nodiscard]] std::string_view path() const;
  /// The target after the `?`, without it.
  [[nodiscard]] std::string_view query() const;
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const {
    return headers.find(name);
  }
  /// `Connection: Upgrade` with `Upgrade: websocket`, on HTTP/1.1 GET (RFC 6455, 4.2.1).
  [[nodiscard]] bool is_websocket_upgrade() const;
  /// `Connection: Upgrade` with any `Upgrade`.
  [[nodiscard]] bool is_upgrade() const;
};

}  // namespace gossamer::http
