// Reads one HTTP/1.x request from bytes as they come.
//
// Pure. The head is collected until it is complete, then parsed in one go; the caller decides how
// large the body may be before a byte of it is kept.
//
//     read() -> head -> accept_body(max) -> read() -> complete -> take()
//
// Limits: what the constructor is given for the head, what accept_body is given for the body.
#pragma once

#include "gateway/http/chunk_decoder.hpp"
#include "gateway/http/errc.hpp"
#include "gateway/http/head_scanner.hpp"
#include "gateway/http/request.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace gossamer::http {

/// Parses a complete head (with its empty line) into `out`: syntax by Beast, then the rules that
/// close the door to request smuggling (RFC 9112, 6.3 and 3.2): `Transfer-Encoding` is `chunked`
/// alone and never together with `Content-Length`, one length, one Host.
[[nodiscard]] std::optional<refusal> parse_head(std::string_view head, std::size_t fields_max,
                                                request& out);

class request_reader {
 public:
  enum class progress : std::uint8_t { more, head, complete, refused };

  request_reader(std::size_t head_bytes_max, std::size_t fields_max);

  /// Takes bytes off the front of `data`. `head`: the request is known but for its body, call
  /// accept_body. `complete`: call take. `refused`: see why(); the stream is of no use any more.
  [[nodiscard]] progress read(std::string_view& data);
  /// Allows a body of that size; one that announces more is refused at once.
  [[nodiscard]] progress accept_body(std::size_t bytes_max);

  [[nodiscard]] refusal why() const { return why_; }
  [[nodiscard]] bool in_body() const { return stage_ == stage::body; }
  /// After `head`.
  [[nodiscard]] request& parsed() { return *request_; }
  [[nodiscard]] std::unique_ptr<request> take() { return std::move(request_); }

 private:
  enum class stage : std::uint8_t { head, decide, body };
  [[nodiscard]] progress read_head(std::string_view& data);
  [[nodiscard]] progress read_body(std::string_view& data);
  [[nodiscard]] progress refuse(refusal why);

  std::size_t head_bytes_max_;
  std::size_t fields_max_;
  std::size_t body_bytes_max_ = 0;
  stage stage_ = stage::head;
  refusal why_ = refusal::malformed;
  head_scanner scanner_;
  chunk_decoder chunks_;
  std::string partial_;  // a head that came in pieces
  std::unique_ptr<request> request_;
};

}  // namespace gossamer::http
