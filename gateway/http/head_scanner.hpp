// Finds the end of a request head and refuses what must not stand in one, byte by byte, so that
// garbage is answered when it comes and not when time runs out.
//
// Pure. Refused: control characters, a line feed without carriage return and the reverse, a folded
// field line (RFC 9112, 5.2), a request line that does not end in ` HTTP/d.d`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace gossamer::http {

class head_scanner {
 public:
  enum class outcome : std::uint8_t { more, complete, bad };
  struct scanned {
    outcome what;
    std::size_t used;  // bytes up to and with the empty line, if complete
  };

  /// Goes on with the next bytes. Empty lines before the request line are allowed (RFC 9112, 2.2)
  /// and count to the head.
  [[nodiscard]] scanned read(std::string_view data);
  /// Bytes of the head so far.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  [[nodiscard]] outcome step(char c);
  [[nodiscard]] outcome end_of_line();
  [[nodiscard]] bool looks_like_version() const;

  static constexpr std::size_t tail_size = 9;  // ` HTTP/1.1`
  char tail_[tail_size] = {};                  // the last bytes of the request line
  std::size_t bytes_ = 0;
  std::uint32_t line_bytes_ = 0;
  bool request_line_ = true;
  bool after_cr_ = false;
};

}  // namespace gossamer::http
